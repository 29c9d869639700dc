//! The name section and the producers section: what tools say of a module for people to read.
//!
//! Neither has a meaning for execution, so nothing in them is an error: what cannot be read is
//! left out, and what comes before and after it is kept where that is possible. Names are kept as
//! places in the module's bytes; a name that is not UTF-8 is no name.
//!
//! Cost: one pass over the name section, twelve bytes for each function name.
//!
//! <https://webassembly.github.io/spec/core/appendix/custom.html>

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;
use core::ops::Range;
use core::str;

use wasmparser::BinaryReader;

use crate::module::wide;
use crate::{FuncIdx, LocalIdx};

/// The names that a module's name section gives.
#[derive(Clone, Default)]
pub struct Names {
    /// The module's bytes; nothing if there is no name section.
    bytes: Option<Arc<Vec<u8>>>,
    module: Option<Range<u32>>,
    /// By index, each index once.
    functions: Vec<FuncName>,
    /// The contents of the subsection of local names.
    locals: Range<usize>,
}

#[derive(Clone)]
struct FuncName {
    index: u32,
    name: Range<u32>,
}

impl Names {
    /// The module's name.
    #[must_use]
    pub fn module(&self) -> Option<&str> {
        self.text(self.module.as_ref()?)
    }

    /// A function's name. Logarithmic in the number of names.
    #[must_use]
    pub fn function(&self, function: FuncIdx) -> Option<&str> {
        let at = self
            .functions
            .binary_search_by_key(&function.as_u32(), |f| f.index)
            .ok()?;
        self.text(&self.functions[at].name)
    }

    /// How many functions have a name.
    #[must_use]
    pub fn functions(&self) -> usize {
        self.functions.len()
    }

    /// The names of a function's parameters and locals, in the order of the file.
    ///
    /// Reads the subsection up to the function: linear in its size.
    #[must_use]
    pub fn locals(&self, function: FuncIdx) -> LocalNames<'_> {
        let bytes = self.bytes.as_ref().map_or(&[][..], |bytes| bytes);
        let section = &bytes[self.locals.clone()];
        LocalNames {
            names: find_locals(section, function).unwrap_or_default(),
        }
    }

    fn text(&self, range: &Range<u32>) -> Option<&str> {
        str::from_utf8(self.bytes.as_deref()?.get(wide(range))?).ok()
    }

    /// Reads a name section, given by its place in the module's bytes. Keeps the names of
    /// functions that exist, and of these not more than `limit`.
    pub(crate) fn read(
        bytes: &Arc<Vec<u8>>,
        section: Range<usize>,
        functions: usize,
        limit: usize,
    ) -> Names {
        let mut names = Names {
            bytes: Some(bytes.clone()),
            ..Names::default()
        };
        let mut reader = Reader::new(bytes, section);
        while let Some((id, contents)) = reader.subsection() {
            match id {
                0 => names.module = Reader::new(bytes, contents).name(),
                1 => names.read_functions(Reader::new(bytes, contents), functions, limit),
                2 => names.locals = contents,
                _ => {}
            }
        }
        names
    }

    fn read_functions(&mut self, mut reader: Reader<'_>, functions: usize, limit: usize) {
        let count = reader.number().unwrap_or(0);
        let mut sorted = true;
        for _ in 0..count {
            let Some((index, name)) = reader.naming() else {
                break;
            };
            let Some(name) = name else { continue };
            if index as usize >= functions {
                continue;
            }
            if self.functions.len() >= limit {
                break;
            }
            sorted &= self.functions.last().is_none_or(|last| last.index < index);
            self.functions.push(FuncName { index, name });
        }
        if !sorted {
            // The first name that an index is given is the one that counts.
            self.functions.sort_by_key(|name| name.index);
            self.functions.dedup_by_key(|name| name.index);
        }
        self.functions.shrink_to_fit();
    }
}

impl fmt::Debug for Names {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Names")
            .field("module", &self.module())
            .field("functions", &self.functions.len())
            .finish_non_exhaustive()
    }
}

/// The local names of one function: pairs of index and name.
#[derive(Clone, Debug, Default)]
pub struct LocalNames<'m> {
    /// What is left of the name map, its count excluded.
    names: &'m [u8],
}

impl<'m> Iterator for LocalNames<'m> {
    type Item = (LocalIdx, &'m str);

    fn next(&mut self) -> Option<(LocalIdx, &'m str)> {
        loop {
            let mut reader = Reader::new(self.names, 0..self.names.len());
            let Some((index, name)) = reader.naming() else {
                self.names = &[];
                return None;
            };
            let names = self.names;
            self.names = &names[reader.at()..];
            if let Some(name) = name.and_then(|range| str::from_utf8(&names[wide(&range)]).ok()) {
                return Some((index.into(), name));
            }
        }
    }
}

/// The entries of the name map of one function in a subsection of local names.
fn find_locals(section: &[u8], function: FuncIdx) -> Option<&[u8]> {
    let mut reader = Reader::new(section, 0..section.len());
    for _ in 0..reader.number()? {
        let index = reader.number()?;
        let count = reader.number()?;
        let start = reader.at();
        for _ in 0..count {
            reader.naming()?;
        }
        if index == function.as_u32() {
            return section.get(start..reader.at());
        }
    }
    None
}

/// Which tools made a module: the entries of its producers section.
///
/// ```
/// use curta_module::{Features, Limits, Module, Producer, Producers, TypeRegistry};
///
/// let bytes = wat::parse_str(r#"(module (@producers (language "Rust" "2024")))"#)?;
/// let registry = TypeRegistry::new();
/// let module = Module::decode(bytes, &Features::WASM1, &Limits::default(), &registry)?;
/// let producers: Vec<Producer<'_>> = Producers::of(&module).collect();
/// assert_eq!(producers, [Producer { field: "language", name: "Rust", version: "2024" }]);
/// # Ok::<(), Box<dyn core::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Producers<'m> {
    section: &'m [u8],
    at: usize,
    fields_left: u32,
    field: &'m str,
    values_left: u32,
}

/// A tool that had a part in making a module.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Producer<'m> {
    /// What its part was: `language`, `processed-by`, `sdk`.
    pub field: &'m str,
    /// Its name.
    pub name: &'m str,
    /// Its version.
    pub version: &'m str,
}

impl<'m> Producers<'m> {
    /// The entries of a module's first producers section.
    #[must_use]
    pub fn of(module: &'m crate::Module) -> Producers<'m> {
        let section = module
            .custom_sections()
            .find(|(name, _)| *name == "producers");
        let section = section.map_or(&[][..], |(_, data)| data);
        let mut reader = Reader::new(section, 0..section.len());
        let fields_left = reader.number().unwrap_or(0);
        Producers {
            section,
            at: reader.at(),
            fields_left,
            field: "",
            values_left: 0,
        }
    }

    fn entry(&mut self) -> Option<Producer<'m>> {
        let section = self.section;
        let mut reader = Reader::new(section, self.at..section.len());
        let text = |reader: &mut Reader<'_>| str::from_utf8(&section[wide(&reader.name()?)]).ok();
        while self.values_left == 0 {
            self.fields_left = self.fields_left.checked_sub(1)?;
            self.field = text(&mut reader)?;
            self.values_left = reader.number()?;
        }
        self.values_left -= 1;
        let (name, version) = (text(&mut reader)?, text(&mut reader)?);
        self.at = reader.at();
        Some(Producer {
            field: self.field,
            name,
            version,
        })
    }
}

impl<'m> Iterator for Producers<'m> {
    type Item = Producer<'m>;

    fn next(&mut self) -> Option<Producer<'m>> {
        let entry = self.entry();
        if entry.is_none() {
            // What cannot be read ends the list.
            (self.fields_left, self.values_left) = (0, 0);
        }
        entry
    }
}

/// Reads numbers and names, and knows where in the module they are.
struct Reader<'m> {
    reader: BinaryReader<'m>,
    start: usize,
}

impl<'m> Reader<'m> {
    fn new(bytes: &'m [u8], range: Range<usize>) -> Reader<'m> {
        let start = range.start;
        Reader {
            reader: BinaryReader::new(&bytes[range], 0),
            start,
        }
    }

    /// The place in the bytes.
    fn at(&self) -> usize {
        self.start + self.reader.current_position()
    }

    fn number(&mut self) -> Option<u32> {
        self.reader.read_var_u32().ok()
    }

    /// Steps over so many bytes, if they are there, and tells their place.
    fn skip(&mut self, len: u32) -> Option<Range<usize>> {
        let start = self.at();
        self.reader.read_bytes(len as usize).ok()?;
        Some(start..self.at())
    }

    fn subsection(&mut self) -> Option<(u8, Range<usize>)> {
        let id = self.reader.read_u8().ok()?;
        let len = self.number()?;
        Some((id, self.skip(len)?))
    }

    /// A name, if it is UTF-8.
    fn name(&mut self) -> Option<Range<u32>> {
        let len = self.number()?;
        let start = self.at();
        let bytes = self.reader.read_bytes(len as usize).ok()?;
        str::from_utf8(bytes).ok()?;
        Some(u32::try_from(start).ok()?..u32::try_from(self.at()).ok()?)
    }

    /// An index and its name. The outer option says whether it could be read, the inner one
    /// whether the name is one.
    fn naming(&mut self) -> Option<(u32, Option<Range<u32>>)> {
        let index = self.number()?;
        let len = self.number()?;
        let start = self.at();
        let bytes = self.reader.read_bytes(len as usize).ok()?;
        let end = self.at();
        let name = match (
            str::from_utf8(bytes),
            u32::try_from(start),
            u32::try_from(end),
        ) {
            (Ok(_), Ok(start), Ok(end)) => Some(start..end),
            _ => None,
        };
        Some((index, name))
    }
}
