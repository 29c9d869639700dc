//! Imports that cannot be satisfied.

use super::text::Quoted;
use alloc::{boxed::Box, format, string::String, vec::Vec};
use core::fmt::{self, Write as _};
use curta_module::ExternType;

/// The imports of a module that cannot be satisfied: all of them, not only the first.
///
/// ```
/// use curta::{Engine, Linker, Module, Store};
///
/// let engine = Engine::default();
/// let text = r#"(module (import "env" "log" (func)) (import "env" "memory" (memory 1)))"#;
/// let module = Module::new(&engine, text)?;
/// let linker = Linker::new(&engine);
/// let error = linker.instantiate(&mut Store::new(&engine, ()), &module).unwrap_err();
/// let problems = error.link_error().expect("nothing is defined").problems();
/// assert_eq!(problems.len(), 2);
/// assert_eq!((problems[1].module(), problems[1].name()), ("env", "memory"));
/// assert_eq!(problems[1].expected().to_string(), "(memory 1)");
/// assert!(problems[1].found().is_none());
/// # Ok::<(), curta::Error>(())
/// ```
#[derive(Debug)]
pub struct LinkError {
    problems: Vec<LinkProblem>,
}

/// One import that cannot be satisfied.
#[derive(Debug)]
pub struct LinkProblem {
    module: Box<str>,
    name: Box<str>,
    expected: ExternType,
    found: Option<ExternType>,
    near: Vec<Box<str>>,
    hint: Option<Box<str>>,
}

impl LinkError {
    pub(crate) fn new(problems: Vec<LinkProblem>) -> LinkError {
        LinkError { problems }
    }

    /// The problems, in the order of the module's imports. At least one.
    pub fn problems(&self) -> &[LinkProblem] {
        &self.problems
    }

    pub(crate) fn problems_mut(&mut self) -> &mut [LinkProblem] {
        &mut self.problems
    }
}

impl LinkProblem {
    pub(crate) fn new(
        module: &str,
        name: &str,
        expected: ExternType,
        found: Option<ExternType>,
    ) -> LinkProblem {
        LinkProblem {
            module: module.into(),
            name: name.into(),
            expected,
            found,
            near: Vec::new(),
            hint: None,
        }
    }

    /// The first part of the import's name: the module it asks for.
    pub fn module(&self) -> &str {
        &self.module
    }

    /// The second part of the import's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What the module imports.
    pub fn expected(&self) -> &ExternType {
        &self.expected
    }

    /// What was offered under that name; `None` when nothing was.
    pub fn found(&self) -> Option<&ExternType> {
        self.found.as_ref()
    }

    /// Names (`module.name`) of definitions that may have been meant, nearest first.
    pub fn near(&self) -> impl Iterator<Item = &str> {
        self.near.iter().map(|name| &**name)
    }

    pub(crate) fn set_near(&mut self, near: Vec<Box<str>>) {
        self.near = near;
    }

    /// What else the reader should know.
    pub(crate) fn set_hint(&mut self, hint: Box<str>) {
        self.hint = Some(hint);
    }

    /// What about something of the right kind is wrong, where that is easy to overlook.
    fn reason(&self) -> Option<String> {
        match (&self.expected, self.found.as_ref()?) {
            (ExternType::Memory(expected), ExternType::Memory(found)) => limits(
                (expected.minimum, expected.maximum),
                (found.minimum, found.maximum),
                "pages",
            ),
            (ExternType::Table(expected), ExternType::Table(found)) => limits(
                (expected.minimum, expected.maximum),
                (found.minimum, found.maximum),
                "elements",
            ),
            (ExternType::Global(expected), ExternType::Global(found))
                if expected.mutable != found.mutable =>
            {
                let not = if expected.mutable { "" } else { "not " };
                Some(format!("it must {not}be mutable"))
            }
            _ => None,
        }
    }
}

/// What is wrong with limits.
fn limits(
    (least, most): (u64, Option<u64>),
    (minimum, maximum): (u64, Option<u64>),
    what: &str,
) -> Option<String> {
    if minimum < least {
        return Some(format!("it must have at least {least} {what}"));
    }
    let most = most?;
    maximum
        .is_none_or(|maximum| maximum > most)
        .then(|| format!("its maximum must be at most {most} {what}"))
}

/// So many problems are printed; the rest is counted.
pub(crate) const PRINTED_PROBLEMS: usize = 100;

impl fmt::Display for LinkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let [problem] = &*self.problems {
            return problem.fmt(f);
        }
        write!(f, "{} imports cannot be linked:", self.problems.len())?;
        for problem in self.problems.iter().take(PRINTED_PROBLEMS) {
            write!(f, "\n  {problem}")?;
        }
        match self.problems.len().saturating_sub(PRINTED_PROBLEMS) {
            0 => Ok(()),
            more => write!(f, "\n  … and {more} more"),
        }
    }
}

impl fmt::Display for LinkProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (module, name) = (Quoted(&self.module), Quoted(&self.name));
        match &self.found {
            // The official suite's words.
            None => write!(
                f,
                "unknown import: {module} {name} is missing, expected {}",
                self.expected
            )?,
            Some(found) => {
                let expected = &self.expected;
                write!(
                    f,
                    "incompatible import type: {module} {name}: expected {expected}, found {found}"
                )?;
            }
        }
        for (position, near) in self.near.iter().enumerate() {
            f.write_str(if position == 0 {
                "; did you mean "
            } else {
                " or "
            })?;
            Quoted(near).fmt(f)?;
        }
        if !self.near.is_empty() {
            f.write_char('?')?;
        }
        if let Some(reason) = self.reason() {
            write!(f, "; {reason}")?;
        }
        match &self.hint {
            Some(hint) => write!(f, "; {hint}"),
            None => Ok(()),
        }
    }
}

impl core::error::Error for LinkError {}
