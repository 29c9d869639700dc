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
    argument: i32,
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
            argument,
            input: input.to_vec(),
            ..Self::default()
        }
    }

    /// The only argument.
    #[must_use]
    pub fn argument(&self) -> i32 {
        self.argument
    }

    /// All of the standard input.
    #[must_use]
    pub fn input(&self) -> &[u8] {
        &self.input
    }

    /// With which status the guest exited, if it did so by itself.
    #[must_use]
    pub fn exit(&self) -> Option<i32> {
        self.exit
    }

    /// What the guest came to: the checksum of all that it wrote, that of the command `cksum`.
    ///
    /// # Errors
    /// When it exited with another status than 0.
    pub fn answer(&self) -> Result<i64, String> {
        match self.exit {
            None | Some(0) => Ok(i64::from(checksum(&self.output))),
            Some(status) => {
                let words = String::from_utf8_lossy(&self.output);
                Err(format!(
                    "exit status {status}, after `{}`",
                    words.trim_end()
                ))
            }
        }
    }

    /// Does what the function does. The arguments are as many as it has parameters, an i32
    /// zero-extended.
    pub fn call(
        &mut self,
        function: &Function,
        arguments: &[u64],
        memory: &mut dyn Memory,
    ) -> Answer {
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
        ["program", &self.argument.to_string()].map(|text| [text.as_bytes(), &[0]].concat())
    }

    fn args_sizes(&self, memory: &mut dyn Memory, count: u64, size: u64) -> Option<u16> {
        let arguments = self.arguments();
        memory.put(count, arguments.len() as u32)?;
        memory.put(size, arguments.concat().len() as u32)?;
        Some(SUCCESS)
    }

    fn args(&self, memory: &mut dyn Memory, pointers: u64, text: u64) -> Option<u16> {
        let mut at = text;
        for (number, argument) in (0..).zip(self.arguments()) {
            memory.put(pointers + 4 * number, at as u32)?;
            memory.write(at, &argument)?;
            at += argument.len() as u64;
        }
        Some(SUCCESS)
    }

    fn clock_time(&mut self, memory: &mut dyn Memory, time: u64) -> Option<u16> {
        self.ticks += 1_000_000;
        memory.write(time, &self.ticks.to_le_bytes())?;
        Some(SUCCESS)
    }

    fn read(
        &mut self,
        memory: &mut dyn Memory,
        vectors: u64,
        count: u64,
        size: u64,
    ) -> Option<u16> {
        let before = self.read;
        for number in 0..count {
            let (at, room) = memory.vector(vectors, number)?;
            let rest = &self.input[self.read..];
            let part = &rest[..rest.len().min(room)];
            memory.write(at, part)?;
            self.read += part.len();
        }
        memory.put(size, (self.read - before) as u32)?;
        Some(SUCCESS)
    }

    fn write(
        &mut self,
        memory: &mut dyn Memory,
        vectors: u64,
        count: u64,
        size: u64,
    ) -> Option<u16> {
        let before = self.output.len();
        for number in 0..count {
            let (at, length) = memory.vector(vectors, number)?;
            let start = self.output.len();
            self.output.resize(start + length, 0);
            memory.read(at, &mut self.output[start..])?;
        }
        memory.put(size, (self.output.len() - before) as u32)?;
        Some(SUCCESS)
    }
}

/// The checksum that POSIX gives `cksum`: a CRC of 32 bits over the bytes and their number.
fn checksum(bytes: &[u8]) -> u32 {
    const POLYNOMIAL: u32 = 0x04c1_1db7;
    let mut length = bytes.len();
    let ends = std::iter::from_fn(|| {
        let byte = (length > 0).then_some((length & 0xff) as u8);
        length >>= 8;
        byte
    });
    let crc = bytes.iter().copied().chain(ends).fold(0u32, |crc, byte| {
        (0..8).fold(crc ^ (u32::from(byte) << 24), |crc, _| {
            (crc << 1) ^ ((crc >> 31) * POLYNOMIAL)
        })
    });
    !crc
}

fn environ_sizes(memory: &mut dyn Memory, count: u64, size: u64) -> Option<u16> {
    memory.put(count, 0)?;
    memory.put(size, 0)?;
    Some(SUCCESS)
}

/// The standard streams are character devices that may do anything.
fn fdstat(memory: &mut dyn Memory, fd: u64, stat: u64) -> Option<u16> {
    if fd > 2 {
        return Some(BAD_DESCRIPTOR);
    }
    let mut bytes = [0xff; 24];
    bytes[..8].copy_from_slice(&[2, 0, 0, 0, 0, 0, 0, 0]);
    memory.write(stat, &bytes)?;
    Some(SUCCESS)
}

/// Not random at all, so that every run is the same.
fn random(memory: &mut dyn Memory, at: u64, size: u64) -> Option<u16> {
    (0..size).try_for_each(|offset| memory.write(at + offset, &[4]))?;
    Some(SUCCESS)
}

/// A guest's memory. `None` is what comes of addresses beyond its end.
pub trait Memory {
    /// Fills the buffer with what lies at an address.
    #[must_use]
    fn read(&self, at: u64, buffer: &mut [u8]) -> Option<()>;

    /// Writes bytes to an address.
    #[must_use]
    fn write(&mut self, at: u64, bytes: &[u8]) -> Option<()>;
}

impl Memory for &mut [u8] {
    fn read(&self, at: u64, buffer: &mut [u8]) -> Option<()> {
        let rest = self.get(usize::try_from(at).ok()?..)?;
        buffer.copy_from_slice(rest.get(..buffer.len())?);
        Some(())
    }

    fn write(&mut self, at: u64, bytes: &[u8]) -> Option<()> {
        let rest = self.get_mut(usize::try_from(at).ok()?..)?;
        rest.get_mut(..bytes.len())?.copy_from_slice(bytes);
        Some(())
    }
}

impl dyn Memory + '_ {
    fn put(&mut self, at: u64, word: u32) -> Option<()> {
        self.write(at, &word.to_le_bytes())
    }

    fn get(&self, at: u64) -> Option<u32> {
        let mut bytes = [0; 4];
        self.read(at, &mut bytes)?;
        Some(u32::from_le_bytes(bytes))
    }

    /// Address and size of one of several pieces of memory.
    fn vector(&self, vectors: u64, number: u64) -> Option<(u64, usize)> {
        let at = vectors + 8 * number;
        Some((self.get(at)?.into(), self.get(at + 4)? as usize))
    }
}

#[cfg(test)]
mod tests {
    use super::{Answer, FUNCTIONS, Function, Host, MOST_PARAMETERS, checksum};

    fn function(name: &str) -> &'static Function {
        let mut functions = FUNCTIONS.iter();
        functions
            .find(|function| function.name == name)
            .expect("it is there")
    }

    #[test]
    fn the_checksum_is_that_of_cksum() {
        assert_eq!(checksum(b""), 4_294_967_295);
        assert_eq!(checksum(b"123456789"), 930_766_865);
    }

    #[test]
    fn no_function_has_more_parameters_than_adapters_have_room_for() {
        let most = FUNCTIONS.iter().map(|function| function.parameters.len());
        assert_eq!(most.max(), Some(MOST_PARAMETERS));
    }

    #[test]
    fn a_guest_reads_its_input_in_parts_and_writes_it_out() {
        let mut host = Host::new(1, b"input");
        let mut memory = [0u8; 64];
        // Two vectors: three bytes at 32, then seven at 40.
        for (at, word) in [(0, 32u32), (4, 3), (8, 40), (12, 7)] {
            memory[at..at + 4].copy_from_slice(&word.to_le_bytes());
        }
        let read = host.call(function("fd_read"), &[0, 0, 2, 16], &mut &mut memory[..]);
        assert_eq!((read, memory[16]), (Answer::Errno(0), 5));
        assert_eq!(
            (&memory[32..35], &memory[40..43]),
            (&b"inp"[..], &b"ut\0"[..])
        );
        let written = host.call(function("fd_write"), &[1, 0, 1, 16], &mut &mut memory[..]);
        assert_eq!((written, memory[16]), (Answer::Errno(0), 3));
        assert_eq!(host.answer(), Ok(i64::from(checksum(b"inp"))));
    }

    #[test]
    fn addresses_beyond_the_memory_are_a_fault_and_a_status_is_an_error() {
        let mut host = Host::new(1, b"");
        let beyond = host.call(
            function("args_get"),
            &[60, 1 << 32],
            &mut &mut [0u8; 64][..],
        );
        assert_eq!(beyond, Answer::Errno(21));
        let exit = host.call(function("proc_exit"), &[3], &mut &mut [0u8; 0][..]);
        assert_eq!(exit, Answer::Exit);
        assert!(host.answer().is_err_and(|words| words.contains("status 3")));
    }
}
