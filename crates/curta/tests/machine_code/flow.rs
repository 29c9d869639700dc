//! Follows machine code from an address along all its paths, and keeps what it does to control and to the native stack.

use std::collections::BTreeMap;

/// Where an instruction leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    Next,
    Jump(usize),
    /// There, or to the next instruction.
    Branch(usize),
    /// A call of a function that the instruction or a relocation names.
    Call,
    IndirectCall,
    IndirectJump,
    Return,
    /// Nowhere: the processor traps.
    End,
    /// Not understood.
    Unknown,
}

/// What an instruction does to the native stack, calls and returns apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stack {
    Untouched,
    /// Reads or writes there, or takes its address.
    Used,
    /// Makes it longer by so many bytes, or shorter.
    Grown(i64),
    /// Not understood.
    Unknown,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Instruction {
    pub(crate) len: usize,
    pub(crate) way: Way,
    pub(crate) stack: Stack,
}

/// What lies on the paths from an address: the addresses of instructions, by what they do.
#[derive(Debug, Default)]
pub(crate) struct Flow {
    /// All of them, in the order of their addresses, with the bytes on the stack before each.
    pub(crate) instructions: BTreeMap<usize, i64>,
    pub(crate) calls: Vec<usize>,
    pub(crate) indirect_calls: Vec<usize>,
    pub(crate) indirect_jumps: Vec<usize>,
    pub(crate) returns: Vec<usize>,
    /// Changes of the native stack's length: frames, and registers that are saved and restored.
    pub(crate) moves: Vec<usize>,
    /// Other uses of the native stack.
    pub(crate) uses: Vec<usize>,
    /// Ends of paths that leave something on the native stack, or joints of paths that left different amounts.
    pub(crate) unbalanced: Vec<usize>,
    pub(crate) unknown: Vec<usize>,
}

/// More than any handler has: a path that goes on so long has left it.
const MOST: usize = 20_000;

/// Follows the code from an address; `decode` knows the instruction at one.
pub(crate) fn follow(start: usize, decode: impl Fn(usize) -> Instruction) -> Flow {
    let mut flow = Flow::default();
    let mut open = vec![(start, 0)];
    while let Some((at, depth)) = open.pop() {
        if let Some(before) = flow.instructions.get(&at) {
            if *before != depth {
                flow.unbalanced.push(at);
            }
            continue;
        }
        flow.instructions.insert(at, depth);
        if flow.instructions.len() > MOST {
            flow.unknown.push(at);
            break;
        }
        let Instruction { len, way, stack } = decode(at);
        let mut depth = depth;
        match stack {
            Stack::Untouched => {}
            Stack::Used => flow.uses.push(at),
            Stack::Grown(by) => {
                flow.moves.push(at);
                depth += by;
            }
            Stack::Unknown => flow.unknown.push(at),
        }
        if depth != 0 && matches!(way, Way::IndirectJump | Way::Return) || depth < 0 {
            flow.unbalanced.push(at);
        }
        let next = at + len;
        match way {
            Way::Next => open.push((next, depth)),
            Way::Jump(to) => open.push((to, depth)),
            Way::Branch(to) => open.extend([(next, depth), (to, depth)]),
            Way::Call => {
                flow.calls.push(at);
                open.push((next, depth));
            }
            Way::IndirectCall => {
                flow.indirect_calls.push(at);
                open.push((next, depth));
            }
            Way::IndirectJump => flow.indirect_jumps.push(at),
            Way::Return => flow.returns.push(at),
            Way::End => {}
            Way::Unknown => flow.unknown.push(at),
        }
    }
    flow
}
