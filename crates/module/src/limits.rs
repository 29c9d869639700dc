//! What a module may ask for: counts, sizes and depths, checked before anything is bought.
//!
//! The defaults are those of the [JavaScript API] where it has one, so that what runs in a browser
//! runs here. A limit can be lowered, and raised up to a ceiling; each one's is in its description.
//! Where there is a ceiling, wasmparser has it built in. A module that exceeds a limit is refused
//! with an error that names the limit, what was asked for, and the maximum.
//!
//! Counts that a file only announces are compared with the bytes that are left as well, so memory
//! stays in proportion to the file even when every limit is at its ceiling.
//!
//! [JavaScript API]: https://webassembly.github.io/spec/js-api/#limits

use core::fmt;

/// Declares [`Limit`] and the accessors and setters of [`Limits`].
macro_rules! limits {
    ($($(#[$doc:meta])* $variant:ident, $name:ident, $set:ident = $default:expr, $ceiling:expr;)*) => {
        /// The name of one of the [`Limits`].
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
        #[non_exhaustive]
        pub enum Limit {
            $(
                $(#[$doc])*
                #[doc = concat!("\n\nBy default `", stringify!($default), "`, at most `", stringify!($ceiling), "`.")]
                $variant,
            )*
        }

        impl Limit {
            /// Every limit.
            pub const ALL: &'static [Limit] = &[$(Limit::$variant,)*];

            /// The name, in snake case, which is also that of the accessor in [`Limits`].
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Limit::$variant => stringify!($name),)*
                }
            }

            /// The highest value that it can be set to.
            #[must_use]
            pub const fn ceiling(self) -> usize {
                match self {
                    $(Limit::$variant => $ceiling,)*
                }
            }
        }

        /// What a module may ask for. See [`Limit`] for what each one bounds.
        ///
        /// ```
        /// use curta_module::{Limit, Limits};
        ///
        /// let limits = Limits::default().with_functions(10).with_module_bytes(1 << 20);
        /// assert_eq!(limits.functions(), 10);
        /// assert_eq!(limits.get(Limit::Params), 1_000);
        /// ```
        #[derive(Clone, PartialEq, Eq, Debug)]
        pub struct Limits {
            $($name: usize,)*
        }

        impl Limits {
            $(
                $(#[$doc])*
                #[doc = concat!("\n\nBy default `", stringify!($default), "`, at most `", stringify!($ceiling), "`.")]
                #[must_use]
                pub const fn $name(&self) -> usize {
                    self.$name
                }

                #[doc = concat!("Sets [`", stringify!($name), "`](Limits::", stringify!($name),
                    "), to the [ceiling](Limit::ceiling) if the value is above it.")]
                #[must_use]
                pub const fn $set(mut self, maximum: usize) -> Limits {
                    let ceiling = Limit::$variant.ceiling();
                    self.$name = if maximum < ceiling { maximum } else { ceiling };
                    self
                }
            )*

            /// The value of a limit.
            #[must_use]
            pub const fn get(&self, limit: Limit) -> usize {
                match limit {
                    $(Limit::$variant => self.$name,)*
                }
            }
        }

        impl Default for Limits {
            fn default() -> Limits {
                Limits { $($name: $default,)* }
            }
        }
    };
}

limits! {
    /// The size of the whole module, in bytes.
    ModuleBytes, module_bytes, with_module_bytes = 1 << 30, u32::MAX as usize;
    /// Types.
    Types, types, with_types = 1_000_000, 1_000_000;
    /// Types of one recursive group.
    GroupTypes, group_types, with_group_types = 1_000_000, 1_000_000;
    /// Types that one type extends, the one that it names and those that this extends.
    SubtypingDepth, subtyping_depth, with_subtyping_depth = 63, 63;
    /// Functions, imported and defined.
    Functions, functions, with_functions = 1_000_000, 1_000_000;
    /// Imports.
    Imports, imports, with_imports = 1_000_000, 1_000_000;
    /// Exports.
    Exports, exports, with_exports = 1_000_000, 1_000_000;
    /// Imports and exports together, by the size of their types: one for each, and for a function
    /// or tag one more and one for each parameter and result.
    InterfaceSize, interface_size, with_interface_size = 999_998, 999_998;
    /// Globals, imported and defined.
    Globals, globals, with_globals = 1_000_000, 1_000_000;
    /// Tables, imported and defined.
    Tables, tables, with_tables = 100_000, 100_000;
    /// Memories, imported and defined.
    Memories, memories, with_memories = 100, 100;
    /// Tags, imported and defined.
    Tags, tags, with_tags = 1_000_000, 1_000_000;
    /// Element segments.
    ElementSegments, element_segments, with_element_segments = 100_000, 100_000;
    /// Items of one element segment.
    SegmentItems, segment_items, with_segment_items = 10_000_000, 10_000_000;
    /// Data segments.
    DataSegments, data_segments, with_data_segments = 100_000, 100_000;
    /// Parameters of one function type.
    Params, params, with_params = 1_000, 1_000;
    /// Results of one function type.
    Results, results, with_results = 1_000, 1_000;
    /// Fields of one structure type.
    Fields, fields, with_fields = 10_000, 10_000;
    /// Locals of one function, its parameters included.
    Locals, locals, with_locals = 50_000, 50_000;
    /// Locals of all functions that a module defines, together.
    TotalLocals, total_locals, with_total_locals = 50_000_000, usize::MAX;
    /// The size of one function body, in bytes.
    BodyBytes, body_bytes, with_body_bytes = 7_654_321, 7_654_321;
    /// Blocks inside each other in one function body.
    Nesting, nesting, with_nesting = 100_000, usize::MAX;
    /// Operands on the stack of one function body at once.
    OperandHeight, operand_height, with_operand_height = 1_000_000, usize::MAX;
    /// Clauses of one `try_table`.
    Catches, catches, with_catches = 10_000, 10_000;
    /// Targets of one `br_table`, the default not included.
    BranchTargets, branch_targets, with_branch_targets = 1_000_000, 7_654_321;
    /// Operands that calls and branches of one function move, for each byte of its body, beyond
    /// the million that every body may ([`Body::operand_budget`](crate::Body::operand_budget)).
    OperandsPerByte, operands_per_byte, with_operands_per_byte = 32, usize::MAX;
    /// Instructions of one constant expression, its end not included.
    ConstExprOps, const_expr_ops, with_const_expr_ops = 10_000, usize::MAX;
    /// The length of the name of an import or export, in bytes.
    NameBytes, name_bytes, with_name_bytes = 100_000, 100_000;
    /// Custom sections.
    CustomSections, custom_sections, with_custom_sections = 100_000, usize::MAX;
    /// Names of functions that are kept from the name section. What is beyond is ignored.
    Names, names, with_names = 1_000_000, usize::MAX;
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
