//! Indices into a module's index spaces, one type each, so that one cannot be taken for another.
//!
//! An index is a plain `u32` as the [specification] has it. Where it comes from a decoded
//! [`Module`](crate::Module), validation has proved that it is in range.
//!
//! [specification]: https://webassembly.github.io/spec/core/syntax/modules.html#indices

/// Declares index types: a newtype over `u32` with conversions and text.
macro_rules! indices {
    ($($(#[$doc:meta])* $name:ident: $what:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub struct $name(u32);

        impl $name {
            /// Wraps a raw index.
            #[must_use]
            #[inline]
            pub const fn new(index: u32) -> $name {
                $name(index)
            }

            /// The index as a Rust index. Lossless: targets have at least 32-bit pointers.
            #[must_use]
            #[inline]
            pub const fn index(self) -> usize {
                self.0 as usize
            }

            /// The index as the binary format has it.
            #[must_use]
            #[inline]
            pub const fn as_u32(self) -> u32 {
                self.0
            }
        }

        impl From<u32> for $name {
            #[inline]
            fn from(index: u32) -> $name {
                $name(index)
            }
        }

        impl From<$name> for u32 {
            #[inline]
            fn from(index: $name) -> u32 {
                index.0
            }
        }

        impl core::fmt::Display for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                write!(f, concat!($what, " {}"), self.0)
            }
        }
    )*};
}

indices! {
    /// A type of a module ([`Module::types`](crate::Module::types)).
    TypeIdx: "type";
    /// A function; the imported ones come first.
    FuncIdx: "function";
    /// A table; the imported ones come first.
    TableIdx: "table";
    /// A memory; the imported ones come first.
    MemoryIdx: "memory";
    /// A global; the imported ones come first.
    GlobalIdx: "global";
    /// A tag; the imported ones come first.
    TagIdx: "tag";
    /// An element segment.
    ElemIdx: "element segment";
    /// A data segment.
    DataIdx: "data segment";
    /// A local of a function; the parameters come first.
    LocalIdx: "local";
    /// A label, counted outwards from the innermost block.
    LabelIdx: "label";
}
