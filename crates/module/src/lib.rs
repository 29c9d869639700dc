//! From the bytes of a WebAssembly module to a checked description of it.
//!
//! This crate is the first phase of the interpreter *curta* and knows nothing of execution. It
//! decodes the [binary format], checks everything about a module that can be checked without
//! reading its function bodies, and keeps the bodies, each with what is needed to validate it
//! later: all at once, in lock step with a translation, or at a function's first call.
//!
//! It relies on [`wasmparser`] for reading and for the rules of validation, and adds what an
//! engine wants around them: plain data with named index types, types that are canonical across
//! modules ([`TypeRegistry`]), limits that a hostile file runs into before it has bought memory
//! ([`Limits`]), and errors that say what, where and why ([`ModuleError`]).
//!
//! ```
//! use curta_module::{ExportItem, Features, Limits, Module, TypeRegistry};
//!
//! let bytes = wat::parse_str(
//!     "(module (func (export \"add\") (param i32 i32) (result i32)
//!        (i32.add (local.get 0) (local.get 1))))",
//! )?;
//! let registry = TypeRegistry::new();
//! let module = Module::decode(bytes, &Features::WASM2, &Limits::default(), &registry)?;
//!
//! let item = module.export("add").expect("the module exports it");
//! assert!(matches!(item, ExportItem::Func(_)));
//! assert_eq!(module.export_type(item).to_string(), "(func (param i32 i32) (result i32))");
//! # Ok::<(), Box<dyn core::error::Error>>(())
//! ```
//!
//! # Without the standard library
//!
//! The crate is `no_std` and needs `alloc`. The feature `std`, on by default, makes the type
//! registry use the platform's locks and a keyed hash.
//!
//! [binary format]: https://webassembly.github.io/spec/core/binary/index.html
#![no_std]

extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

mod body;
mod const_expr;
mod convert;
mod decode;
mod error;
mod external;
mod features;
mod index;
mod limits;
mod module;
mod names;
mod refusal;
mod registry;
mod types;
mod vector;

pub use body::{Body, OperandBudget, Validation, validate};
pub use const_expr::{ConstExpr, ConstOp};
pub use decode::Decoder;
pub use error::{Exceeded, ModuleError, ModuleErrorKind};
pub use external::{ExternType, GlobalType, MemoryType, TableType, TagType};
pub use features::{Feature, Features};
pub use index::{
    DataIdx, ElemIdx, FuncIdx, GlobalIdx, LabelIdx, LocalIdx, MemoryIdx, TableIdx, TagIdx, TypeIdx,
};
pub use limits::{Limit, Limits};
pub use module::{
    DataMode, DataSegment, ElementItems, ElementMode, ElementSegment, Export, ExportItem, Global,
    Import, ImportKind, Module, Section, SectionId, Table,
};
pub use names::{LocalNames, Names, Producer, Producers};
pub use registry::{TypeId, TypeRegistry};
pub use types::{
    ArrayType, CompositeType, FieldType, FuncType, HeapType, RefType, StorageType, StructType,
    SubType, ValType,
};
