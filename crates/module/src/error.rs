//! Why a module was refused: what is wrong, what was expected and found, and at which byte.

use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use core::fmt;

use crate::{Feature, Features, Limit};

/// Why a module was refused.
///
/// One pointer wide. `Display` is one line for a person; [`message`](ModuleError::message) is the
/// complaint alone, in wasmparser's words.
///
/// ```
/// use curta_module::{Features, Limits, Module, ModuleErrorKind, TypeRegistry};
///
/// let cut = b"\0asm\x01\0\0\0\x01\x0a";
/// let refused = Module::decode(&cut[..], &Features::WASM2, &Limits::default(), &TypeRegistry::new());
/// let error = refused.unwrap_err();
/// assert_eq!(error.kind(), ModuleErrorKind::Malformed);
/// assert_eq!(error.to_string(), "malformed module at byte 0xa: unexpected end-of-file");
/// ```
#[derive(Clone, thiserror::Error)]
#[error("{0}")]
pub struct ModuleError(Box<Complaint>);

/// What sort of reason it is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum ModuleErrorKind {
    /// The bytes are not in the binary format.
    Malformed,
    /// The bytes are a module, but not a valid one.
    Invalid,
    /// The module uses a feature that is off.
    FeatureOff,
    /// The module uses a feature that was asked for but that curta does not execute yet.
    NotBuilt,
    /// The module exceeds one of the [`Limits`](crate::Limits).
    Limit,
    /// The bytes are a component, not a module.
    Component,
}

#[derive(Clone)]
struct Complaint {
    kind: ModuleErrorKind,
    message: String,
    offset: Option<usize>,
    feature: Option<Feature>,
    exceeded: Option<Exceeded>,
}

/// A limit, what was asked of it, and what it allows. See [`ModuleError::exceeded`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Exceeded {
    /// The limit.
    pub limit: Limit,
    /// What was asked for; nothing if it was not even counted.
    pub asked: Option<u64>,
    /// The most that is allowed.
    pub maximum: u64,
}

impl ModuleError {
    /// What wasmparser says of a function body, where nothing more is known than the error itself.
    ///
    /// [`Body::error`](crate::Body::error) says more: it knows the features that the module was
    /// decoded with and looks whether the bytes or the code are at fault.
    #[must_use]
    pub fn from_body_error(error: wasmparser::BinaryReaderError) -> ModuleError {
        ModuleError::from_parser(&error, Features::KNOWN, ModuleErrorKind::Invalid)
    }

    /// An error of wasmparser: of a feature, if it says so, else of the kind given.
    pub(crate) fn from_parser(
        error: &wasmparser::BinaryReaderError,
        requested: Features,
        kind: ModuleErrorKind,
    ) -> ModuleError {
        let offset = usize::try_from(error.offset()).ok();
        match error
            .missing_wasm_feature()
            .and_then(Feature::from_wasmparser)
        {
            Some(feature) => ModuleError::of_feature(error.message(), offset, feature, requested),
            None => ModuleError::new(kind, error.message(), offset),
        }
    }

    /// A complaint that goes away when a feature is on.
    pub(crate) fn of_feature(
        message: &str,
        offset: Option<usize>,
        feature: Feature,
        requested: Features,
    ) -> ModuleError {
        let mut refused = if requested.contains(feature) && !Features::BUILT.contains(feature) {
            ModuleError::new(
                ModuleErrorKind::NotBuilt,
                format!("not executed by curta yet: {feature} ({message})"),
                offset,
            )
        } else {
            ModuleError::new(ModuleErrorKind::FeatureOff, message, offset)
        };
        refused.0.feature = Some(feature);
        refused
    }

    /// A valid construct of a feature that curta does not execute yet, at a place of the module:
    /// an instruction of a feature of which only the [types are
    /// built](Feature::has_instructions), or a form that curta has no data for.
    ///
    /// ```
    /// use curta_module::{Feature, ModuleError, ModuleErrorKind};
    ///
    /// let error = ModuleError::not_built(Feature::Gc, 0x2a);
    /// assert_eq!((error.kind(), error.feature()), (ModuleErrorKind::NotBuilt, Some(Feature::Gc)));
    /// assert_eq!(error.to_string(), "module refused at byte 0x2a: not executed by curta yet: gc");
    /// ```
    #[must_use]
    pub fn not_built(feature: Feature, offset: usize) -> ModuleError {
        let mut refused = ModuleError::new(
            ModuleErrorKind::NotBuilt,
            format!("not executed by curta yet: {feature}"),
            Some(offset),
        );
        refused.0.feature = Some(feature);
        refused
    }

    pub(crate) fn malformed(message: impl Into<String>, offset: usize) -> ModuleError {
        ModuleError::new(ModuleErrorKind::Malformed, message, Some(offset))
    }

    pub(crate) fn invalid(message: impl Into<String>, offset: usize) -> ModuleError {
        ModuleError::new(ModuleErrorKind::Invalid, message, Some(offset))
    }

    pub(crate) fn component() -> ModuleError {
        ModuleError::new(
            ModuleErrorKind::Component,
            "unknown binary version: this is a WebAssembly component, and curta runs core modules",
            Some(4),
        )
    }

    /// More was asked for than a limit allows.
    #[must_use]
    pub fn limit(limit: Limit, asked: u64, maximum: u64, offset: usize) -> ModuleError {
        ModuleError::exceeding(
            Exceeded {
                limit,
                asked: Some(asked),
                maximum,
            },
            offset,
        )
    }

    pub(crate) fn exceeding(exceeded: Exceeded, offset: usize) -> ModuleError {
        let Exceeded {
            limit,
            asked,
            maximum,
        } = exceeded;
        let message = match asked {
            Some(asked) => format!("the limit `{limit}` is {maximum}, and {asked} is asked for"),
            None => format!("the limit `{limit}` is {maximum}, and more is asked for"),
        };
        let mut refused = ModuleError::new(ModuleErrorKind::Limit, message, Some(offset));
        refused.0.exceeded = Some(exceeded);
        refused
    }

    fn new(
        kind: ModuleErrorKind,
        message: impl Into<String>,
        offset: Option<usize>,
    ) -> ModuleError {
        let message = message.into();
        ModuleError(Box::new(Complaint {
            kind,
            message,
            offset,
            feature: None,
            exceeded: None,
        }))
    }

    /// What sort of reason it is.
    #[must_use]
    pub fn kind(&self) -> ModuleErrorKind {
        self.0.kind
    }

    /// The complaint without its place: for a malformed or invalid module, wasmparser's words.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The offset in the module's bytes, if the complaint has a place.
    #[must_use]
    pub fn offset(&self) -> Option<usize> {
        self.0.offset
    }

    /// The feature that is off or not built.
    #[must_use]
    pub fn feature(&self) -> Option<Feature> {
        self.0.feature
    }

    /// The limit that was exceeded.
    #[must_use]
    pub fn exceeded(&self) -> Option<Exceeded> {
        self.0.exceeded
    }

    /// What was expected, if the complaint says so: `i32` in `expected i32, found i64`.
    #[must_use]
    pub fn expected(&self) -> Option<&str> {
        let (_, rest) = self.0.message.split_once("expected ")?;
        let end = rest
            .find(", found")
            .or_else(|| rest.find(" but "))
            .unwrap_or(rest.len());
        Some(&rest[..end])
    }

    /// What was found instead, if the complaint says so: `i64` in `expected i32, found i64`.
    #[must_use]
    pub fn found(&self) -> Option<&str> {
        let message = &self.0.message;
        message
            .split_once("found ")
            .or_else(|| message.split_once("expected ")?.1.split_once(" but "))
            .map(|(_, found)| found)
    }
}

impl fmt::Display for Complaint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.kind {
            ModuleErrorKind::Malformed => "malformed module",
            ModuleErrorKind::Invalid => "invalid module",
            ModuleErrorKind::FeatureOff
            | ModuleErrorKind::NotBuilt
            | ModuleErrorKind::Limit
            | ModuleErrorKind::Component => "module refused",
        })?;
        if let Some(offset) = self.offset {
            write!(f, " at byte {offset:#x}")?;
        }
        write!(f, ": {}", self.message)?;
        match (self.kind, self.feature) {
            (ModuleErrorKind::FeatureOff, Some(feature)) => {
                write!(f, " (the feature `{feature}` is off)")
            }
            _ => Ok(()),
        }
    }
}

impl fmt::Debug for ModuleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ModuleError({:?}: {})", self.0.kind, self.0)
    }
}
