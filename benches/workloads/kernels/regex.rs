//! Regular expressions: each is compiled into a program for a machine that follows all
//! alternatives at once, byte by byte, so that no text takes longer than its length warrants.

#[path = "../common.rs"]
mod common;

enum Step {
    /// A byte of this set, then on.
    Byte(Box<[bool; 256]>),
    /// Both ways.
    Split(usize, usize),
    Jump(usize),
    Match,
}

/// Reads an expression made of bytes, `.`, `\d`, `[a-z]`, `[^…]`, `(…)`, `|`, `*`, `+` and `?`.
struct Compiler<'a> {
    pattern: &'a [u8],
    at: usize,
    steps: Vec<Step>,
}

impl Compiler<'_> {
    fn compile(pattern: &str) -> Vec<Step> {
        let mut compiler = Compiler { pattern: pattern.as_bytes(), at: 0, steps: Vec::new() };
        compiler.alternatives();
        compiler.steps.push(Step::Match);
        compiler.steps
    }

    fn peek(&self) -> Option<u8> {
        self.pattern.get(self.at).copied()
    }

    fn alternatives(&mut self) {
        let start = self.steps.len();
        self.sequence();
        if self.peek() == Some(b'|') {
            self.at += 1;
            self.insert(start, |end| Step::Split(start + 1, end + 2));
            let jump = self.steps.len();
            self.steps.push(Step::Jump(0));
            self.alternatives();
            self.steps[jump] = Step::Jump(self.steps.len());
        }
    }

    fn sequence(&mut self) {
        while !matches!(self.peek(), None | Some(b'|' | b')')) {
            let start = self.steps.len();
            self.atom();
            match self.peek() {
                Some(b'*') => {
                    self.insert(start, |end| Step::Split(start + 1, end + 2));
                    self.steps.push(Step::Jump(start));
                }
                Some(b'+') => self.steps.push(Step::Split(start, self.steps.len() + 1)),
                Some(b'?') => self.insert(start, |end| Step::Split(start + 1, end + 1)),
                _ => continue,
            }
            self.at += 1;
        }
    }

    /// Makes room for a step before the ones from `start` on, which move by one.
    fn insert(&mut self, start: usize, step: impl Fn(usize) -> Step) {
        for moved in &mut self.steps[start..] {
            match moved {
                Step::Split(one, other) => {
                    *one += 1;
                    *other += 1;
                }
                Step::Jump(to) => *to += 1,
                Step::Byte(_) | Step::Match => {}
            }
        }
        let step = step(self.steps.len());
        self.steps.insert(start, step);
    }

    fn atom(&mut self) {
        let byte = self.pattern[self.at];
        self.at += 1;
        let mut set = Box::new([false; 256]);
        match byte {
            b'(' => {
                self.alternatives();
                self.at += 1;
                return;
            }
            b'.' => set.fill(true),
            b'[' => self.class(&mut set),
            b'\\' => {
                match self.pattern[self.at] {
                    b'd' => set[b'0' as usize..=b'9' as usize].fill(true),
                    other => set[other as usize] = true,
                }
                self.at += 1;
            }
            other => set[other as usize] = true,
        }
        self.steps.push(Step::Byte(set));
    }

    fn class(&mut self, set: &mut [bool; 256]) {
        let negated = self.peek() == Some(b'^');
        self.at += usize::from(negated);
        while let Some(first) = self.peek().filter(|&byte| byte != b']') {
            let last = if self.pattern[self.at + 1] == b'-' {
                self.at += 2;
                self.pattern[self.at]
            } else {
                first
            };
            self.at += 1;
            set[first as usize..=last as usize].fill(true);
        }
        self.at += 1;
        if negated {
            set.iter_mut().for_each(|member| *member = !*member);
        }
    }
}

/// The steps that are under way, each once.
struct Threads {
    steps: Vec<usize>,
    seen: Vec<u32>,
    round: u32,
}

impl Threads {
    fn new(size: usize) -> Self {
        Self { steps: Vec::new(), seen: vec![0; size], round: 0 }
    }

    fn clear(&mut self) {
        self.steps.clear();
        self.round += 1;
    }

    /// Adds a step and whatever can be reached from it without a byte; answers whether it matches.
    fn add(&mut self, program: &[Step], step: usize) -> bool {
        if self.seen[step] == self.round {
            return false;
        }
        self.seen[step] = self.round;
        match program[step] {
            Step::Jump(to) => self.add(program, to),
            Step::Split(one, other) => self.add(program, one) | self.add(program, other),
            Step::Byte(_) => {
                self.steps.push(step);
                false
            }
            Step::Match => true,
        }
    }
}

/// How many matches end in the text, and the sum of the places where they do.
fn search(program: &[Step], text: &[u8]) -> (u64, u64) {
    let (mut now, mut next) = (Threads::new(program.len()), Threads::new(program.len()));
    let (mut count, mut places) = (0, 0);
    now.clear();
    for (at, &byte) in text.iter().enumerate() {
        // A match may start anywhere.
        now.add(program, 0);
        next.clear();
        let mut matched = false;
        for &step in &now.steps {
            if let Step::Byte(set) = &program[step]
                && set[byte as usize]
            {
                matched |= next.add(program, step + 1);
            }
        }
        if matched {
            count += 1;
            places += at as u64;
        }
        std::mem::swap(&mut now, &mut next);
    }
    (count, places)
}

/// A digest of where several expressions match in n KiB of text.
#[unsafe(no_mangle)]
pub extern "C" fn run(n: i32) -> i64 {
    const PATTERNS: [&str; 5] = [
        r"[a-z]+@[a-z]+\.(com|org)",
        r"\d+:\d\d?",
        r"(ka|si)+(to|re)*mu?",
        r"[^ ]*zahu[^ ]*",
        r"(a|e|i|o|u|k|s|t)*pe(li|na|vo)",
    ];
    let text = common::text(n as usize * 1024);
    let mut digest = common::Digest::new();
    for pattern in PATTERNS {
        let (count, places) = search(&Compiler::compile(pattern), text.as_bytes());
        digest.add(count);
        digest.add(places);
    }
    digest.result()
}
