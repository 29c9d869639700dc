//! `curta inspect`.

use std::fmt;
use std::io::{self, Write};

use curta_module::{
    ExternType, Feature, Features, FuncIdx, Limits, Module, ModuleError, ModuleErrorKind,
    SectionId, TypeRegistry, validate,
};

use crate::failure::{Failure, Printable};
use crate::json::Json;
use crate::options::InspectOptions;
use crate::source;

/// Prints what a module consists of. One that is not valid, or uses what is not executed, is
/// described as far as its sections can be read, and is a failure.
pub(crate) fn inspect(options: &InspectOptions) -> Result<(), Failure> {
    let bytes = source::binary(&options.file)?;
    let limits = Limits::default();
    let refused = |error: &ModuleError| Failure::module(&options.file, error);
    let decoded = Module::decode(bytes, &Features::KNOWN, &limits, &TypeRegistry::new());
    let module = decoded.map_err(|error| refused(&error))?;
    let (features, verdict) = features_used(&module);
    let description = Description {
        module: &module,
        features,
        valid: verdict.is_ok(),
    };
    // A reader that closes its end, such as `head`, has seen enough.
    let _ = if options.json {
        writeln!(io::stdout(), "{}", description.json())
    } else {
        write!(io::stdout(), "{description}")
    };
    verdict.map_err(|error| refused(&error))
}

/// The features that a module needs, and whether it is valid with them.
///
/// Found by what the validator misses, so the cost is one validation for each feature.
fn features_used(module: &Module) -> (Features, Result<(), ModuleError>) {
    let mut features = Features::WASM1;
    loop {
        match validate(module.bytes(), &features, module.limits()) {
            Err(error) if error.kind() == ModuleErrorKind::FeatureOff => match error.feature() {
                Some(feature) if !features.contains(feature) => features = features.with(feature),
                _ => return (features, Err(error)),
            },
            verdict => return (features, verdict),
        }
    }
}

/// What is printed.
struct Description<'m> {
    module: &'m Module,
    /// The features of 1.0 and those that it needs beyond.
    features: Features,
    valid: bool,
}

/// One section.
struct Section<'m> {
    id: SectionId,
    /// The name of a custom section.
    name: Option<&'m str>,
    /// Where its contents begin.
    offset: usize,
    size: usize,
    items: Option<usize>,
}

/// The functions, tables and so on of a module.
struct Count {
    one: &'static str,
    many: &'static str,
    total: usize,
    imported: usize,
}

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = if self.total == 1 { self.one } else { self.many };
        write!(f, "{} {what}", self.total)?;
        match self.imported {
            0 => Ok(()),
            imported => write!(f, " ({imported} imported)"),
        }
    }
}

impl<'m> Description<'m> {
    /// The features beyond 1.0, without the parts of other ones.
    fn features(&self) -> Vec<Feature> {
        let used = |feature: &Feature| !Features::WASM1.contains(*feature);
        let beyond: Vec<Feature> = self.features.iter().filter(used).collect();
        let is_part = |part: &Feature| {
            let includes = |whole: &Feature| Features::NONE.with(*whole).contains(*part);
            beyond.iter().any(|whole| whole != part && includes(whole))
        };
        beyond.iter().copied().filter(|f| !is_part(f)).collect()
    }

    /// Module, name and type of each import.
    fn imports(&self) -> impl Iterator<Item = (&'m str, &'m str, ExternType)> {
        let module = self.module;
        let imports = module.imports().iter();
        imports.map(|import| (&*import.module, &*import.name, module.import_type(import)))
    }

    /// Name and type of each export.
    fn exports(&self) -> impl Iterator<Item = (&'m str, ExternType)> {
        let module = self.module;
        let exports = module.exports().iter();
        exports.map(|export| (&*export.name, module.export_type(export.item)))
    }

    fn sections(&self) -> impl Iterator<Item = Section<'m>> {
        let module = self.module;
        let mut custom = module.custom_sections();
        module.sections().iter().map(move |section| Section {
            id: section.id,
            name: match section.id {
                SectionId::Custom => custom.next().map(|(name, _)| name),
                _ => None,
            },
            offset: section.range.start,
            size: section.range.len(),
            items: items(module, section.id),
        })
    }

    fn counts(&self) -> [Count; 5] {
        let module = self.module;
        let count = |one, many, total, imported| Count {
            one,
            many,
            total,
            imported,
        };
        let functions = (module.functions().len(), module.imported_functions());
        let tables = (module.tables().len(), module.imported_tables());
        let memories = (module.memories().len(), module.imported_memories());
        let globals = (module.globals().len(), module.imported_globals());
        let tags = (module.tags().len(), module.imported_tags());
        [
            count("function", "functions", functions.0, functions.1),
            count("table", "tables", tables.0, tables.1),
            count("memory", "memories", memories.0, memories.1),
            count("global", "globals", globals.0, globals.1),
            count("tag", "tags", tags.0, tags.1),
        ]
    }

    /// The function with the largest body, and the body's size in bytes.
    fn largest(&self) -> Option<(FuncIdx, usize)> {
        let bodies = (0..self.module.bodies()).map(|defined| self.module.body(defined));
        // Of equal ones the first.
        let sizes = bodies.map(|body| (body.func(), body.size()));
        sizes.reduce(|most, next| if next.1 > most.1 { next } else { most })
    }

    fn json(&self) -> Json {
        let import = |(module, name, ty): (&str, &str, ExternType)| {
            Json::Object(vec![
                ("module", Json::text(module)),
                ("name", Json::text(name)),
                ("type", Json::text(ty)),
            ])
        };
        let export = |(name, ty): (&str, ExternType)| {
            Json::Object(vec![("name", Json::text(name)), ("type", Json::text(ty))])
        };
        let section = |section: Section<'_>| {
            Json::Object(vec![
                ("id", Json::text(section.id)),
                ("name", Json::or_null(section.name.map(Json::text))),
                ("offset", Json::size(section.offset)),
                ("size", Json::size(section.size)),
                ("items", Json::or_null(section.items.map(Json::size))),
            ])
        };
        let count = |count: &Count| {
            Json::Object(vec![
                ("kind", Json::text(count.one)),
                ("total", Json::size(count.total)),
                ("imported", Json::size(count.imported)),
            ])
        };
        let function = |index: FuncIdx| {
            let name = self.module.names().function(index);
            vec![
                ("index", Json::size(index.index())),
                ("name", Json::or_null(name.map(Json::text))),
            ]
        };
        let largest = self.largest().map(|(index, size)| {
            let mut members = function(index);
            members.push(("size", Json::size(size)));
            Json::Object(members)
        });
        let start = self
            .module
            .start()
            .map(|index| Json::Object(function(index)));
        Json::Object(vec![
            ("size", Json::size(self.module.bytes().len())),
            ("name", Json::or_null(self.module.name().map(Json::text))),
            ("valid", Json::Bool(self.valid)),
            (
                "features",
                Json::list(self.features().into_iter().map(Json::text)),
            ),
            ("imports", Json::list(self.imports().map(import))),
            ("exports", Json::list(self.exports().map(export))),
            ("sections", Json::list(self.sections().map(section))),
            ("counts", Json::list(self.counts().iter().map(count))),
            ("start", Json::or_null(start)),
            ("largest_body", Json::or_null(largest)),
        ])
    }
}

impl fmt::Display for Description<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes", self.module.bytes().len())?;
        if let Some(name) = self.module.name() {
            write!(f, ", named `{}`", Printable(name))?;
        }
        let features = self.features();
        if features.is_empty() {
            writeln!(f, "\nnothing beyond WebAssembly 1.0 is used")?;
        } else {
            let names: Vec<_> = features.iter().map(|feature| feature.name()).collect();
            writeln!(f, "\nbeyond WebAssembly 1.0: {}", names.join(", "))?;
        }
        self.fmt_links(f)?;
        writeln!(f, "\nsections:")?;
        for section in self.sections() {
            let Section { offset, size, .. } = section;
            write!(f, "  {offset:#08x} {size:>9} bytes  {}", section.id)?;
            if let Some(name) = section.name {
                write!(f, " `{}`", Printable(name))?;
            }
            if let Some(items) = section.items {
                write!(f, ", {items} item{}", if items == 1 { "" } else { "s" })?;
            }
            writeln!(f)?;
        }
        let counts = self.counts();
        let counts: Vec<_> = counts.iter().map(Count::to_string).collect();
        writeln!(f, "\n{}", counts.join(", "))?;
        if let Some(index) = self.module.start() {
            writeln!(f, "start: {}", self.function(index))?;
        }
        if let Some((index, size)) = self.largest() {
            writeln!(f, "largest body: {}, {size} bytes", self.function(index))?;
        }
        Ok(())
    }
}

impl Description<'_> {
    /// Imports and exports, a line each.
    fn fmt_links(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.module.imports().is_empty() {
            writeln!(f, "\nno imports")?;
        } else {
            writeln!(f, "\nimports:")?;
        }
        for (module, name, ty) in self.imports() {
            let [module, name] = [module, name].map(Printable);
            writeln!(f, "  `{module}` `{name}` {ty}")?;
        }
        if self.module.exports().is_empty() {
            writeln!(f, "\nno exports")?;
        } else {
            writeln!(f, "\nexports:")?;
        }
        for (name, ty) in self.exports() {
            writeln!(f, "  `{}` {ty}", Printable(name))?;
        }
        Ok(())
    }

    /// A function as backtraces name it.
    fn function(&self, index: FuncIdx) -> String {
        let place = format!("func[{}]", index.index());
        match self.module.names().function(index) {
            Some(name) => format!("{} ({place})", Printable(name)),
            None => place,
        }
    }
}

/// How many items a section has, where it is a list.
fn items(module: &Module, section: SectionId) -> Option<usize> {
    match section {
        SectionId::Type => Some(module.types().len()),
        SectionId::Import => Some(module.imports().len()),
        SectionId::Function | SectionId::Code => Some(module.bodies()),
        SectionId::Table => Some(module.tables().len() - module.imported_tables()),
        SectionId::Memory => Some(module.memories().len() - module.imported_memories()),
        SectionId::Global => Some(module.globals().len() - module.imported_globals()),
        SectionId::Tag => Some(module.tags().len() - module.imported_tags()),
        SectionId::Export => Some(module.exports().len()),
        SectionId::Element => Some(module.elements().len()),
        SectionId::Data => Some(module.data().len()),
        SectionId::Custom | SectionId::Start | SectionId::DataCount => None,
    }
}
