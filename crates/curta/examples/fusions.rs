//! Chooses the fused sequences of `src/exec/fusion.rs` from profiles, and writes them there.
//!
//! ```sh
//! cargo run -p curta --example fusions -- PAIRS TRIPLES FILE…
//! ```
//! The files are what `curta` writes in a build with the feature `profile`: `programs/profile.sh` makes them. A sequence is
//! chosen when its share of what a program dispatches reaches `PAIRS` or `TRIPLES` in some program; then so are the forms
//! in which translation meets it on the way there, and its twins: those that branch back with a head in the register or without,
//! that compute with 64 bits in place of 32, and that call an imported function in place of one of the module.
//!
//! The list as it is: 0.001 and 0.003, all of that script's profiles, and `programs/training/closure.tsv`: the ordinary
//! neighbours of arithmetic (sums, rotations, products, loads) that a design study had found, those of counting bits, and what
//! small kernels dispatch that these programs do not. Hashes and ciphers live on them: without, a CRC takes a third longer.
//! A share of 1, as in that file, only says that a sequence is wanted.
//!
//! The list has a section for each [`FAMILIES`] of sequences, and what the feature `lean` keeps is a list of its own: the
//! sequences whose shares come to [`LEAN`] in all programs together.

use std::{
    collections::{BTreeMap, BTreeSet},
    env, fs,
    process::ExitCode,
};

/// Micro-ops, by the types that make their handlers.
type Group = Vec<String>;

const LIST: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/exec/fusion.rs");
/// After these lines the file is ours.
const BEGIN: &str = "// Written by `examples/fusions.rs` from here on.\n";

/// What the shares of a sequence must come to, summed over the programs, for `lean` to keep it: 1 would be all that one
/// program dispatches.
const LEAN: f64 = 0.02;

/// A name, what it is, and how it is known.
type Family = (&'static str, &'static str, fn(&Kinds) -> bool);

/// The part of the shares that is enough for arithmetic on floats alone, or on 64 bits: few of these programs have much of
/// it, and where it is it is what a program does.
const RARE: f64 = 0.125;

/// Whether a sequence is arithmetic on floats alone, or on 64 bits.
fn is_chain(group: &[String]) -> bool {
    let all = |types: &[&str]| {
        let arithmetic = |op: &String| {
            let of = op
                .split_once('<')
                .filter(|(name, _)| matches!(*name, "Binary" | "Unary"));
            of.is_some_and(|(_, of)| types.iter().any(|ty| of.starts_with(ty)))
        };
        group.iter().all(arithmetic)
    };
    all(&["F64", "F32"]) || all(&["I64"])
}

/// What sequences are told apart by: the first family that a sequence belongs to is its own.
const FAMILIES: &[Family] = &[
    (
        "Calls",
        "A call, and what comes before it: mostly its last arguments.",
        |kinds| kinds.any("call"),
    ),
    (
        "Returns",
        "A return, and what comes before it: mostly what makes the result.",
        |kinds| kinds.any("return"),
    ),
    (
        "Globals",
        "Reads and writes of globals, and what they are for.",
        |kinds| kinds.any("global"),
    ),
    (
        "Jumps",
        "What comes before a branch that is always taken: `br`, `br_table`, the beginning of a loop.",
        |kinds| kinds.any("jump"),
    ),
    (
        "Floats",
        "Arithmetic on floats, with the loads, stores and branches around it.",
        |kinds| kinds.any("float"),
    ),
    (
        "LoadsAndBranches",
        "A branch on what was loaded, or a load where a branch was not taken.",
        |kinds| kinds.any("branch") && kinds.any("load"),
    ),
    (
        "StoresAndBranches",
        "A store at the end of a loop.",
        |kinds| kinds.any("branch") && kinds.any("store"),
    ),
    (
        "Counters",
        "Arithmetic on integers and a branch: what ends most loops.",
        |kinds| kinds.any("branch") && kinds.any("integer"),
    ),
    (
        "Ladders",
        "Branches after each other, or with copies and comparisons.",
        |kinds| kinds.any("branch"),
    ),
    (
        "Choices",
        "Comparisons and selects, with what they compare and choose from.",
        |kinds| kinds.any("choice"),
    ),
    (
        "Copies",
        "Copies from slot to slot and constants, with arithmetic, loads and stores.",
        |kinds| kinds.any("copy"),
    ),
    ("Moves", "Loads and stores after each other.", |kinds| {
        !kinds.any("integer")
    }),
    (
        "StoredArithmetic",
        "Arithmetic on integers and a store.",
        |kinds| kinds.any("store"),
    ),
    (
        "Addresses",
        "Arithmetic on integers and then a load: mostly its address.",
        |kinds| kinds.any("load") && kinds.0[0] == "integer",
    ),
    (
        "LoadedArithmetic",
        "A load and then arithmetic on integers: mostly with what was loaded.",
        |kinds| kinds.any("load"),
    ),
    ("Arithmetic", "Arithmetic on integers alone.", |_| true),
];

/// Of which kind each micro-op of a sequence is.
struct Kinds(Vec<&'static str>);

impl Kinds {
    fn of(group: &[String]) -> Kinds {
        Kinds(group.iter().map(|op| kind(op)).collect())
    }

    fn any(&self, kind: &str) -> bool {
        self.0.contains(&kind)
    }
}

/// Of which kind a micro-op is.
fn kind(op: &str) -> &'static str {
    let (name, types) = op.split_once('<').unwrap_or((op, ""));
    match name {
        "Binary" | "Unary" if types.starts_with('F') => "float",
        "Binary" | "Unary" => "integer",
        "Compare" | "BrCompare" if types.starts_with('F') => "float",
        "BrCompare" | "BrIf" => "branch",
        "Compare" | "Select" | "SelectCompare" => "choice",
        "Load" => "load",
        "Store" => "store",
        _ if name.starts_with("Call") => "call",
        _ if name.starts_with("Return") => "return",
        _ if name.starts_with("Global") => "global",
        _ if name.starts_with("Copy") => "copy",
        _ => "jump",
    }
}

/// What goes to a cell always: the last of a sequence.
const JUMPS: &[&str] = &[
    "Br<",
    "BrTable<",
    "Call",
    "CallImport",
    "CallIndirect<",
    "CallRef",
    "Return",
    "ReturnMany",
    "ReturnValue<",
    "SetHead",
];

/// What is in no sequence: it works out of line, takes long anyway, or is rare by nature.
const ALONE: &[&str] = &[
    "CallForEffect<",
    "CallForValue<",
    "CallIndirectAny",
    "CheckStack",
    "CopyBytes<",
    "CopyFromWide",
    "CopyMany",
    "CopyToWide",
    "EnterLazy",
    "Exit",
    "Fill<",
    "I64Add128",
    "I64MulWide",
    "I64Sub128",
    "LoadOther<",
    "NonNull<",
    "StoreOther<",
    "SwitchBack",
    "TailCall",
    "Throw",
    "Unreachable",
    "ZeroLocals",
];

/// Ops whose first type is a row of the table of operations.
const OF_A_ROW: &[&str] = &[
    "Binary<",
    "BrCompare<",
    "Compare<",
    "Load<",
    "SelectCompare<",
    "Store<",
    "Unary<",
];

fn is(op: &str, names: &[&str]) -> bool {
    names.iter().any(|name| {
        if name.ends_with('<') {
            op.starts_with(name)
        } else {
            op == *name || op.starts_with(name) && name.len() > 5 && !op.contains('<')
        }
    })
}

/// As a type in the list.
fn typed(op: &str) -> String {
    match OF_A_ROW.iter().find(|name| op.starts_with(**name)) {
        Some(name) => format!("{name}op::{}", &op[name.len()..]),
        None => op.to_owned(),
    }
}

/// The same op with another destination, if it has one.
fn to_dest(op: &str, dest: &str) -> Option<String> {
    let has_dest = [
        "Binary<",
        "Compare<",
        "GlobalGet<",
        "Load<",
        "Select<",
        "SelectCompare<",
        "Unary<",
    ];
    if !has_dest.iter().any(|name| op.starts_with(name)) {
        return None;
    }
    let inner = op.strip_suffix('>')?;
    let mut types: Vec<&str> = inner.split(", ").collect();
    let place = if op.starts_with("GlobalGet<") {
        types.len() - 2
    } else {
        types.len() - 1
    };
    types[place] = dest;
    Some(format!("{}>", types.join(", ")))
}

/// A product of floats, one in the accumulator, as a square.
fn squared(op: &str) -> String {
    if op.starts_with("Binary<F64Mul, ") || op.starts_with("Binary<F32Mul, ") {
        op.replace(" Acc, Slot, InPlace", " Acc, Acc, Both")
            .replace(" Acc, Slot, ", " Acc, Acc, ")
    } else {
        op.to_owned()
    }
}

/// A pair of arithmetic on 32 bits, or of arithmetic and a branch on a comparison, as one on 64: how wide the numbers are
/// that a hash, a cipher or a loop's counter is made of is a matter of taste, and these programs prefer 32.
fn widened(group: &[String]) -> Option<Group> {
    const OF_BOTH_WIDTHS: &[&str] = &[
        "Binary<I32",
        "BrCompare<I32",
        "Unary<I32Clz,",
        "Unary<I32Ctz,",
        "Unary<I32Popcnt,",
        "Unary<I32Extend8S,",
        "Unary<I32Extend16S,",
    ];
    let wide = |op: &String| {
        let known = OF_BOTH_WIDTHS.iter().any(|name| op.starts_with(name));
        known.then(|| op.replace("<I32", "<I64"))
    };
    let computes = !group.first()?.starts_with("Br");
    (group.len() == 2 && computes)
        .then(|| group.iter().map(wide).collect())
        .flatten()
}

/// A call of a function of the module as one of an imported function, where it ends a sequence: the arguments are the same,
/// and these programs are linked as a whole and hardly import.
fn imported(group: &[String]) -> Option<Group> {
    let (last, before) = group.split_last()?;
    (last == "Call").then(|| [before, &["CallImport".to_owned()]].concat())
}

/// Adds a sequence, the beginnings that translation fuses first, and the forms it passes through.
fn choose(group: &[String], chosen: &mut BTreeSet<Group>) {
    for len in 2..=group.len() {
        let mut begin = group[..len].to_vec();
        if let Some(through) = to_dest(&begin[len - 1], "Both") {
            let in_place = begin[len - 1].ends_with("InPlace>");
            if in_place {
                chosen.extend(widened(&begin));
                chosen.insert(begin.clone());
            }
            begin[len - 1] = through;
        }
        // Twins of branches back, wherever they stand.
        let mut twins = vec![begin];
        for part in 0..len {
            for twin in 0..twins.len() {
                for (edge, other) in [("Back", "Head"), ("Head", "Back")] {
                    let found = twins[twin][part].replace(edge, other);
                    if found != twins[twin][part] && twins[twin][part].starts_with("Br") {
                        let mut more = twins[twin].clone();
                        more[part] = found;
                        twins.push(more);
                        break;
                    }
                }
            }
        }
        // Squares, which profiles have with the accumulator and its slot.
        for twin in 0..twins.len() {
            let square: Group = twins[twin].iter().map(|op| squared(op)).collect();
            twins.push(square);
        }
        for twin in 0..twins.len() {
            let more = [widened(&twins[twin]), imported(&twins[twin])];
            twins.extend(more.into_iter().flatten());
        }
        chosen.extend(twins);
    }
}

fn run() -> Result<(), String> {
    let mut words = env::args().skip(1);
    let mut threshold = || -> Option<f64> { words.next()?.parse().ok() };
    let (Some(pairs), Some(triples)) = (threshold(), threshold()) else {
        return Err("two shares are expected, then files".into());
    };
    // The largest share of a sequence, and the sum of its shares.
    let mut shares: BTreeMap<Group, (f64, f64)> = BTreeMap::new();
    for file in words {
        let text = fs::read_to_string(&file).map_err(|error| format!("{file}: {error}"))?;
        for line in text.lines() {
            let (share, ops) = line
                .split_once('\t')
                .ok_or_else(|| format!("{file}: `{line}`"))?;
            let share: f64 = share.parse().map_err(|error| format!("{file}: {error}"))?;
            let group: Group = ops.split("; ").map(str::to_owned).collect();
            let (most, sum) = shares.entry(group).or_default();
            *most = most.max(share);
            *sum += if share < 1.0 { share } else { 0.0 };
        }
    }
    let (mut chosen, mut few) = (BTreeSet::new(), BTreeSet::new());
    for (group, (share, sum)) in &shares {
        let rare = if is_chain(group) { RARE } else { 1.0 };
        let enough = match group.len() {
            2 => *share >= pairs * rare,
            3 => *share >= triples * rare,
            _ => false,
        };
        let (last, before) = group.split_last().ok_or("an empty sequence")?;
        let fits = !group.iter().any(|op| is(op, ALONE)) && !before.iter().any(|op| is(op, JUMPS));
        if enough && fits && !last.is_empty() {
            choose(group, &mut chosen);
            if *sum >= LEAN {
                choose(group, &mut few);
            }
        }
    }
    let list = fs::read_to_string(LIST).map_err(|error| format!("{LIST}: {error}"))?;
    let begin = list.find(BEGIN).ok_or("the list begins nowhere")? + BEGIN.len();
    let mut text = list[..begin].to_owned();
    text += "\n#[cfg(not(feature = \"lean\"))]\nfusions! {\n";
    for (name, what, _) in FAMILIES {
        let groups = chosen.iter().filter(|group| family(group) == *name);
        section(&mut text, name, what, groups);
    }
    text += "}\n\n#[cfg(feature = \"lean\")]\nfusions! {\n";
    section(&mut text, "Few", "What programs dispatch most.", few.iter());
    text += "}\n";
    fs::write(LIST, text).map_err(|error| format!("{LIST}: {error}"))?;
    println!("{} sequences, {} in lean", chosen.len(), few.len());
    Ok(())
}

fn family(group: &[String]) -> &'static str {
    let kinds = Kinds::of(group);
    let known = FAMILIES.iter().find(|(_, _, known)| known(&kinds));
    known.map_or("", |(name, ..)| name)
}

/// Writes a family.
fn section<'a>(text: &mut String, name: &str, what: &str, groups: impl Iterator<Item = &'a Group>) {
    let mut lines: Vec<String> = groups
        .map(|group| {
            let shell = if group.last().is_some_and(|op| is(op, JUMPS)) {
                "to"
            } else {
                "op"
            };
            let types: Vec<String> = group.iter().map(|op| typed(op)).collect();
            format!("        {shell}{} [{}];\n", group.len(), types.join(", "))
        })
        .collect();
    lines.sort();
    *text += &format!("    /// {what}\n    {name} {{\n{}    }}\n", lines.concat());
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("fusions: {error}");
            ExitCode::FAILURE
        }
    }
}
