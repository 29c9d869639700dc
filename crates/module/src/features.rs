//! WebAssembly's features as data: one switch for each proposal, and presets for the versions.
//!
//! The names are those of [`wasmparser::WasmFeatures`]. A module is checked against the features
//! that its embedder asked for *and* that are [built](Features::BUILT): one that uses anything
//! else is refused with the feature's name, so nothing is ever executed half.

use core::fmt;

use wasmparser::{Operator, WasmFeatures};

/// Declares [`Feature`], its names, and its bits in wasmparser.
macro_rules! features {
    ($($(#[$doc:meta])* $variant:ident = $name:literal: $bits:ident;)*) => {
        /// A feature that can be switched on and off: a proposal, or a part of one.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        #[non_exhaustive]
        pub enum Feature {
            $($(#[$doc])* $variant,)*
        }

        impl Feature {
            /// Every feature, in the order of their introduction.
            pub const ALL: &'static [Feature] = &[$(Feature::$variant,)*];

            /// The name, in snake case: `simd`, `bulk_memory`, …
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Feature::$variant => $name,)*
                }
            }

            /// Its bits, which hold the bits of the features that it includes.
            const fn bits(self) -> WasmFeatures {
                match self {
                    $(Feature::$variant => WasmFeatures::$bits,)*
                }
            }
        }
    };
}

features! {
    /// Numbers of 32 and 64 bits in IEEE 754. Not a proposal, but a part of 1.0 that can be off.
    Floats = "floats": FLOATS;
    /// Host references and the types of the garbage collector. Not a proposal, but a part of
    /// `reference_types` and `gc` that can be off: without it, `funcref` remains.
    GcTypes = "gc_types": GC_TYPES;
    /// Mutable globals imported and exported.
    MutableGlobal = "mutable_global": MUTABLE_GLOBAL;
    /// Conversions of floats to integers that do not trap.
    SaturatingFloatToInt = "saturating_float_to_int": SATURATING_FLOAT_TO_INT;
    /// `i32.extend8_s` and its like.
    SignExtension = "sign_extension": SIGN_EXTENSION;
    /// More than one result, and blocks with parameters.
    MultiValue = "multi_value": MULTI_VALUE;
    /// `memory.copy` and `memory.fill`: a part of `bulk_memory`.
    BulkMemoryOpt = "bulk_memory_opt": BULK_MEMORY_OPT;
    /// Bulk operations on memories and tables, passive segments.
    BulkMemory = "bulk_memory": BULK_MEMORY;
    /// The long encoding of the table of `call_indirect`: a part of `reference_types`.
    CallIndirectOverlong = "call_indirect_overlong": CALL_INDIRECT_OVERLONG;
    /// References as values, several tables.
    ReferenceTypes = "reference_types": REFERENCE_TYPES;
    /// Vectors of 128 bits.
    Simd = "simd": SIMD;
    /// Arithmetic in constant expressions.
    ExtendedConst = "extended_const": EXTENDED_CONST;
    /// Calls that give up the caller's frame.
    TailCall = "tail_call": TAIL_CALL;
    /// Vector operations whose results may depend on the host.
    RelaxedSimd = "relaxed_simd": RELAXED_SIMD;
    /// Several memories.
    MultiMemory = "multi_memory": MULTI_MEMORY;
    /// Memories and tables with 64-bit addresses.
    Memory64 = "memory64": MEMORY64;
    /// References to functions of a known type.
    FunctionReferences = "function_references": FUNCTION_REFERENCES;
    /// Structures and arrays under garbage collection, recursive types and subtypes.
    Gc = "gc": GC;
    /// Exceptions.
    Exceptions = "exceptions": EXCEPTIONS;
    /// Shared memories and atomic operations.
    Threads = "threads": THREADS;
    /// 128-bit arithmetic on pairs of integers.
    WideArithmetic = "wide_arithmetic": WIDE_ARITHMETIC;
    /// Page sizes other than 64 KiB.
    CustomPageSizes = "custom_page_sizes": CUSTOM_PAGE_SIZES;
    /// Exceptions as they were before 3.0.
    LegacyExceptions = "legacy_exceptions": LEGACY_EXCEPTIONS;
    /// Giving pages back.
    MemoryControl = "memory_control": MEMORY_CONTROL;
    /// Continuations.
    StackSwitching = "stack_switching": STACK_SWITCHING;
    /// Shared tables, globals, functions and objects.
    SharedEverythingThreads = "shared_everything_threads": SHARED_EVERYTHING_THREADS;
    /// Descriptors of structure types, exact references.
    CustomDescriptors = "custom_descriptors": CUSTOM_DESCRIPTORS;
    /// A shorter encoding of imports.
    CompactImports = "compact_imports": COMPACT_IMPORTS;
    /// Atomics with acquire and release ordering.
    AcquireReleaseAtomics = "acquire_release_atomics": ACQUIRE_RELEASE_ATOMICS;
    /// Arrays of bytes read and written as wider integers.
    MultibyteArrayAccess = "multibyte_array_access": MULTIBYTE_ARRAY_ACCESS;
}

impl Feature {
    /// The feature with this name. Underscores and hyphens are taken as equal.
    ///
    /// ```
    /// use curta_module::Feature;
    ///
    /// assert_eq!(Feature::from_name("tail-call"), Some(Feature::TailCall));
    /// assert_eq!(Feature::from_name("teleport"), None);
    /// ```
    #[must_use]
    pub fn from_name(name: &str) -> Option<Feature> {
        let plain = |byte: u8| if byte == b'-' { b'_' } else { byte };
        Feature::ALL
            .iter()
            .copied()
            .find(|feature| feature.name().bytes().eq(name.bytes().map(plain)))
    }

    /// The feature that an instruction came with; `None` for one of 1.0.
    ///
    /// ```
    /// use curta_module::Feature;
    /// use wasmparser::Operator;
    ///
    /// assert_eq!(Feature::of_instruction(&Operator::RefI31), Some(Feature::Gc));
    /// assert_eq!(Feature::of_instruction(&Operator::I32Add), None);
    /// ```
    #[must_use]
    pub fn of_instruction(instruction: &Operator<'_>) -> Option<Feature> {
        macro_rules! proposal {
            ($(@$proposal:ident $op:ident $({ $($arg:ident: $ty:ty),* })? => $visit:ident ($($ann:tt)*))*) => {
                // Found while compiling: a table of names would be one of addresses, which have to
                // be adjusted when a process begins.
                match instruction {
                    $(Operator::$op { .. } => const { Feature::with_name(stringify!($proposal)) },)*
                    _ => None,
                }
            };
        }
        wasmparser::for_each_operator!(proposal)
    }

    /// The feature with exactly this name.
    const fn with_name(name: &str) -> Option<Feature> {
        let mut at = 0;
        while at < Feature::ALL.len() {
            let (a, b) = (name.as_bytes(), Feature::ALL[at].name().as_bytes());
            let mut same = 0;
            while same < a.len() && same < b.len() && a[same] == b[same] {
                same += 1;
            }
            if same == a.len() && same == b.len() {
                return Some(Feature::ALL[at]);
            }
            at += 1;
        }
        None
    }

    /// Whether curta executes the instructions of a feature that is [built](Features::BUILT), and
    /// not only its types.
    ///
    /// The validator lets such instructions pass; whoever reads them refuses them by
    /// [`ModuleError::not_built`](crate::ModuleError::not_built).
    #[must_use]
    pub const fn has_instructions(self) -> bool {
        !Features::TYPES_ONLY.contains(self)
    }

    /// The feature that wasmparser means by these bits, which may include those of its parts.
    pub(crate) fn from_wasmparser(bits: WasmFeatures) -> Option<Feature> {
        Feature::ALL
            .iter()
            .copied()
            .find(|feature| feature.bits() == bits)
    }
}

impl fmt::Display for Feature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A set of [`Feature`]s.
///
/// ```
/// use curta_module::{Feature, Features};
///
/// let features = Features::WASM2.without(Feature::Simd).with(Feature::TailCall);
/// assert!(features.contains(Feature::BulkMemory));
/// assert!(!features.contains(Feature::Simd));
/// assert_eq!(Features::WASM1.to_string(), "floats, gc_types, mutable_global");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Features(WasmFeatures);

impl Features {
    /// No feature at all: not even floating-point numbers.
    pub const NONE: Features = Features(WasmFeatures::empty());

    /// WebAssembly 1.0.
    pub const WASM1: Features =
        Features::of(&[Feature::Floats, Feature::GcTypes, Feature::MutableGlobal]);

    /// WebAssembly 2.0.
    pub const WASM2: Features = Features::WASM1.union(Features::of(&[
        Feature::SaturatingFloatToInt,
        Feature::SignExtension,
        Feature::MultiValue,
        Feature::BulkMemory,
        Feature::ReferenceTypes,
        Feature::Simd,
    ]));

    /// WebAssembly 3.0, which does not include threads.
    pub const WASM3: Features = Features::WASM2.union(Features::of(&[
        Feature::ExtendedConst,
        Feature::TailCall,
        Feature::RelaxedSimd,
        Feature::MultiMemory,
        Feature::Memory64,
        Feature::FunctionReferences,
        Feature::Gc,
        Feature::Exceptions,
    ]));

    /// WebAssembly 3.0 and what curta executes beyond it.
    pub const ALL: Features = Features::WASM3.union(Features::BUILT);

    /// Every feature that has a name, whether any engine executes it or not.
    pub const KNOWN: Features = Features::of(Feature::ALL);

    /// What curta executes today. A module that uses a feature outside of this set is refused,
    /// even if the feature was asked for.
    ///
    /// Of `gc`, that is the types: recursive groups, subtypes, references to structures and
    /// arrays. A module with one of its instructions is refused.
    pub const BUILT: Features = Features::WASM3
        .without(Feature::Simd)
        .without(Feature::RelaxedSimd)
        .union(Features::of(&[
            Feature::WideArithmetic,
            Feature::CustomPageSizes,
        ]));

    /// The built features of which curta executes no instruction.
    const TYPES_ONLY: Features = Features::of(&[Feature::Gc]);

    /// The set of these features.
    #[must_use]
    pub const fn of(features: &[Feature]) -> Features {
        let mut set = Features::NONE;
        let mut at = 0;
        while at < features.len() {
            set = set.with(features[at]);
            at += 1;
        }
        set
    }

    /// The set with a feature, and with the features that are a part of it.
    #[must_use]
    pub const fn with(self, feature: Feature) -> Features {
        Features(self.0.union(feature.bits()))
    }

    /// The set without a feature, without its parts, and without what it is a part of.
    #[must_use]
    pub const fn without(self, feature: Feature) -> Features {
        let mut rest = Features(self.0.difference(feature.bits()));
        let mut at = 0;
        while at < Feature::ALL.len() {
            let other = Feature::ALL[at];
            // A whole that has lost a part goes as well; its other parts stay.
            if self.contains(other) && !rest.contains(other) {
                rest = Features(rest.0.difference(other.own_bits()));
            }
            at += 1;
        }
        rest
    }

    /// The features of both sets.
    #[must_use]
    pub const fn union(self, other: Features) -> Features {
        Features(self.0.union(other.0))
    }

    /// The features that are in both sets.
    #[must_use]
    pub const fn intersection(self, other: Features) -> Features {
        Features(self.0.intersection(other.0))
    }

    /// Whether a feature is in the set.
    #[must_use]
    pub const fn contains(self, feature: Feature) -> bool {
        self.0.contains(feature.bits())
    }

    /// The features in the set.
    pub fn iter(self) -> impl Iterator<Item = Feature> {
        Feature::ALL
            .iter()
            .copied()
            .filter(move |feature| self.contains(*feature))
    }

    /// The preset with this name: `wasm1`, `wasm2`, `wasm3`, `all`.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Features> {
        match name {
            "wasm1" => Some(Features::WASM1),
            "wasm2" => Some(Features::WASM2),
            "wasm3" => Some(Features::WASM3),
            "all" => Some(Features::ALL),
            _ => None,
        }
    }

    /// The set as wasmparser has it.
    #[must_use]
    pub const fn to_wasmparser(self) -> WasmFeatures {
        self.0
    }
}

impl Feature {
    /// Its bits without those of the features that are a part of it.
    const fn own_bits(self) -> WasmFeatures {
        let mut own = self.bits();
        let mut at = 0;
        while at < Feature::ALL.len() {
            let part = Feature::ALL[at].bits();
            if self.bits().contains(part) && !part.contains(self.bits()) {
                own = own.difference(part);
            }
            at += 1;
        }
        own
    }
}

impl Default for Features {
    /// The published version: 3.0.
    fn default() -> Features {
        Features::WASM3
    }
}

impl FromIterator<Feature> for Features {
    fn from_iter<I: IntoIterator<Item = Feature>>(features: I) -> Features {
        features.into_iter().fold(Features::NONE, Features::with)
    }
}

impl fmt::Display for Features {
    /// The names with commas between them, without the parts that a whole includes.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut separator = "";
        for feature in self.iter() {
            let is_part = self
                .iter()
                .any(|whole| whole != feature && whole.bits().contains(feature.bits()));
            if !is_part {
                write!(f, "{separator}{feature}")?;
                separator = ", ";
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Features {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Features({self})")
    }
}
