//! What workloads import, the same for every engine: one function of our own for the workload
//! `host-out`, and as much of WASI preview 1 as programs need that read their argument and standard
//! input and write standard output.
//!
//! Engines differ in how a host function gets its arguments and the guest's memory. An adapter
//! takes [`FUNCTIONS`] and passes both on to [`Host::call`].

/// The module's name under which programs import WASI.
pub const WASI: &str = "wasi_snapshot_preview1";

/// The name of the module and the function that `host-out` imports; it does what [`next`] does.
pub const NEXT: (&str, &str) = ("host", "next");

/// The next number of a linear congruential generator: next to no work.
#[must_use]
pub fn next(x: i32) -> i32 {
    x.wrapping_mul(1_664_525).wrapping_add(1_013_904_223)
}

/// A function of WASI.
#[derive(Debug, Clone, Copy)]
pub struct Function {
    /// Its name in the module [`WASI`].
    pub name: &'static str,
    /// Its parameters, `i` for an i32, `I` for an i64. The result is an i32, except for
    /// `proc_exit`, which has none.
    pub parameters: &'static str,
    act: Act,
}

impl Function {
    /// Whether it has a result.
    #[must_use]
    pub fn answers(&self) -> bool {
        !matches!(self.act, Act::Exit)
    }
}

#[derive(Debug, Clone, Copy)]
enum Act {
    /// An error number, or success, and nothing else.
    Answer(u16),
    ArgsGet,
    ArgsSizesGet,
    ClockTimeGet,
    EnvironSizesGet,
    Exit,
    FdFdstatGet,
    FdRead,
    FdWrite,
    RandomGet,
}

const SUCCESS: u16 = 0;
const BAD_DESCRIPTOR: u16 = 8;
const FAULT: u16 = 21;
const NO_SYSTEM: u16 = 52;
const NOT_SEEKABLE: u16 = 70;

const fn function(name: &'static str, parameters: &'static str, act: Act) -> Function {
    Function {
        name,
        parameters,
        act,
    }
}

/// As many parameters as any of the functions has, or more.
pub const MOST_PARAMETERS: usize = 9;

/// All functions of WASI that there are here.
pub const FUNCTIONS: &[Function] = &[
    function("args_get", "ii", Act::ArgsGet),
    function("args_sizes_get", "ii", Act::ArgsSizesGet),
    function("clock_res_get", "ii", Act::Answer(NO_SYSTEM)),
    function("clock_time_get", "iIi", Act::ClockTimeGet),
    function("environ_get", "ii", Act::Answer(SUCCESS)),
    function("environ_sizes_get", "ii", Act::EnvironSizesGet),
    function("fd_advise", "iIIi", Act::Answer(BAD_DESCRIPTOR)),
    function("fd_close", "i", Act::Answer(SUCCESS)),
    function("fd_fdstat_get", "ii", Act::FdFdstatGet),
    function("fd_fdstat_set_flags", "ii", Act::Answer(SUCCESS)),
    function("fd_filestat_get", "ii", Act::Answer(BAD_DESCRIPTOR)),
    function("fd_filestat_set_size", "iI", Act::Answer(BAD_DESCRIPTOR)),
    function("fd_filestat_set_times", "iIIi", Act::Answer(BAD_DESCRIPTOR)),
    function("fd_pread", "iiiIi", Act::Answer(BAD_DESCRIPTOR)),
    function("fd_prestat_dir_name", "iii", Act::Answer(BAD_DESCRIPTOR)),
    function("fd_prestat_get", "ii", Act::Answer(BAD_DESCRIPTOR)),
    function("fd_pwrite", "iiiIi", Act::Answer(BAD_DESCRIPTOR)),
    function("fd_read", "iiii", Act::FdRead),
    function("fd_readdir", "iiiIi", Act::Answer(BAD_DESCRIPTOR)),
    function("fd_renumber", "ii", Act::Answer(BAD_DESCRIPTOR)),
    function("fd_seek", "iIii", Act::Answer(NOT_SEEKABLE)),
    function("fd_sync", "i", Act::Answer(SUCCESS)),
    function("fd_tell", "ii", Act::Answer(NOT_SEEKABLE)),
    function("fd_write", "iiii", Act::FdWrite),
    function("path_create_directory", "iii", Act::Answer(NO_SYSTEM)),
    function("path_filestat_get", "iiiii", Act::Answer(NO_SYSTEM)),
    function("path_filestat_set_times", "iiiiIIi", Act::Answer(NO_SYSTEM)),
    function("path_open", "iiiiiIIii", Act::Answer(NO_SYSTEM)),
    function("path_readlink", "iiiiii", Act::Answer(NO_SYSTEM)),
    function("path_remove_directory", "iii", Act::Answer(NO_SYSTEM)),
    function("path_rename", "iiiiii", Act::Answer(NO_SYSTEM)),
    function("path_unlink_file", "iii", Act::Answer(NO_SYSTEM)),
    function("poll_oneoff", "iiii", Act::Answer(NO_SYSTEM)),
    function("proc_exit", "i", Act::Exit),
    function("random_get", "ii", Act::RandomGet),
    function("sched_yield", "", Act::Answer(SUCCESS)),
];

/// What an adapter has its engine fail with to leave the guest after [`Answer::Exit`].
pub const EXITED: &str = "the guest has exited";

/// What a function of WASI came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// The function's result.
    Errno(i32),
    /// The guest is to be left at once.
    Exit,
}

/// The outside world of one program, in memory.
#[derive(Debug, Default)]
pub struct Host {
    argument: String,
    input: Vec<u8>,
    /// How much of the input was read.
    read: usize,
    output: Vec<u8>,
    exit: Option<i32>,
    /// How often the guest asked for the time: a clock that is the same in every run.
    ticks: u64,
}

impl Host {
    /// A world with this argument and this standard input.
    #[must_use]
    pub fn new(argument: i32, input: &[u8]) -> Self {
        Self {
            argument: argument.to_string(),
            input: input.to_vec(),
            ..Self::default()
        }
    }

    /// With which status the guest exited, if it did so by itself.
    #[must_use]
    pub fn exit(&self) -> Option<i32> {
        self.exit
    }

    /// What it wrote to standard output and standard error.
    #[must_use]
    pub fn output(&self) -> &[u8] {
        &self.output
    }

    /// FNV-1a of all that was written, and of the exit status if it is not 0.
    #[must_use]
    pub fn digest(&self) -> i64 {
        let status = self.exit.filter(|&status| status != 0);
        let status = status.map(i32::to_le_bytes).unwrap_or_default();
        let status: &[u8] = if status == [0; 4] { &[] } else { &status };
        let bytes = self.output.iter().chain(status);
        let digest = bytes.fold(0xcbf2_9ce4_8422_2325_u64, |digest, &byte| {
            (digest ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)
        });
        digest.cast_signed()
    }

    /// Does what the function does. The arguments are as many as it has parameters, an i32
    /// zero-extended.
    pub fn call(&mut self, function: &Function, arguments: &[u64], memory: &mut [u8]) -> Answer {
        let memory = Memory(memory);
        let errno = match (function.act, arguments) {
            (Act::Exit, &[status]) => {
                self.exit = Some((status as u32).cast_signed());
                return Answer::Exit;
            }
            (Act::Answer(errno), _) => Some(errno),
            (Act::ArgsSizesGet, &[count, size]) => self.args_sizes(memory, count, size),
            (Act::ArgsGet, &[pointers, text]) => self.args(memory, pointers, text),
            (Act::EnvironSizesGet, &[count, size]) => environ_sizes(memory, count, size),
            (Act::ClockTimeGet, &[_, _, time]) => self.clock_time(memory, time),
            (Act::FdFdstatGet, &[fd, stat]) => fdstat(memory, fd, stat),
            (Act::FdRead, &[0, vectors, count, size]) => self.read(memory, vectors, count, size),
            (Act::FdWrite, &[1 | 2, vectors, count, size]) => {
                self.write(memory, vectors, count, size)
            }
            (Act::FdRead | Act::FdWrite, _) => Some(BAD_DESCRIPTOR),
            (Act::RandomGet, &[at, size]) => random(memory, at, size),
            _ => Some(NO_SYSTEM),
        };
        Answer::Errno(i32::from(errno.unwrap_or(FAULT)))
    }

    /// The arguments with the program's name before them, each with a zero at its end.
    fn arguments(&self) -> [Vec<u8>; 2] {
        ["program", &self.argument].map(|text| [text.as_bytes(), &[0]].concat())
    }

    fn args_sizes(&self, mut memory: Memory<'_>, count: u64, size: u64) -> Option<u16> {
        let arguments = self.arguments();
        memory.put(count, arguments.len() as u32)?;
        memory.put(size, arguments.concat().len() as u32)?;
        Some(SUCCESS)
    }

    fn args(&self, mut memory: Memory<'_>, pointers: u64, text: u64) -> Option<u16> {
        let mut at = text;
        for (number, argument) in (0..).zip(self.arguments()) {
            memory.put(pointers + 4 * number, at as u32)?;
            memory
                .slice(at, argument.len() as u64)?
                .copy_from_slice(&argument);
            at += argument.len() as u64;
        }
        Some(SUCCESS)
    }

    fn clock_time(&mut self, mut memory: Memory<'_>, time: u64) -> Option<u16> {
        self.ticks += 1_000_000;
        memory
            .slice(time, 8)?
            .copy_from_slice(&self.ticks.to_le_bytes());
        Some(SUCCESS)
    }

    fn read(&mut self, mut memory: Memory<'_>, vectors: u64, count: u64, size: u64) -> Option<u16> {
        let before = self.read;
        for number in 0..count {
            let (at, room) = memory.vector(vectors, number)?;
            let rest = &self.input[self.read..];
            let part = &rest[..rest.len().min(room as usize)];
            memory.slice(at, part.len() as u64)?.copy_from_slice(part);
            self.read += part.len();
        }
        memory.put(size, (self.read - before) as u32)?;
        Some(SUCCESS)
    }

    fn write(
        &mut self,
        mut memory: Memory<'_>,
        vectors: u64,
        count: u64,
        size: u64,
    ) -> Option<u16> {
        let before = self.output.len();
        for number in 0..count {
            let (at, length) = memory.vector(vectors, number)?;
            self.output.extend_from_slice(memory.slice(at, length)?);
        }
        memory.put(size, (self.output.len() - before) as u32)?;
        Some(SUCCESS)
    }
}

fn environ_sizes(mut memory: Memory<'_>, count: u64, size: u64) -> Option<u16> {
    memory.put(count, 0)?;
    memory.put(size, 0)?;
    Some(SUCCESS)
}

/// The standard streams are character devices that may do anything.
fn fdstat(mut memory: Memory<'_>, fd: u64, stat: u64) -> Option<u16> {
    if fd > 2 {
        return Some(BAD_DESCRIPTOR);
    }
    let stat = memory.slice(stat, 24)?;
    stat.fill(0);
    stat[0] = 2;
    stat[8..].fill(0xff);
    Some(SUCCESS)
}

/// Not random at all, so that every run is the same.
fn random(mut memory: Memory<'_>, at: u64, size: u64) -> Option<u16> {
    memory.slice(at, size)?.fill(4);
    Some(SUCCESS)
}

/// The guest's memory; `None` is what comes of addresses beyond its end.
struct Memory<'a>(&'a mut [u8]);

impl Memory<'_> {
    fn slice(&mut self, at: u64, size: u64) -> Option<&mut [u8]> {
        let at = usize::try_from(at).ok()?;
        let end = at.checked_add(usize::try_from(size).ok()?)?;
        self.0.get_mut(at..end)
    }

    fn put(&mut self, at: u64, word: u32) -> Option<()> {
        self.slice(at, 4)?.copy_from_slice(&word.to_le_bytes());
        Some(())
    }

    /// Address and size of one of several pieces of memory.
    fn vector(&mut self, vectors: u64, number: u64) -> Option<(u64, u64)> {
        let (words, _) = self.slice(vectors + 8 * number, 8)?.as_chunks::<4>();
        let [at, size] = [words[0], words[1]].map(|word| u64::from(u32::from_le_bytes(word)));
        Some((at, size))
    }
}
