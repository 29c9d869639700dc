//! Why a guest was stopped.

use thiserror::Error;

/// Why the execution of a guest was stopped, in the words of the official test suite.
///
/// A trap is the guest's doing. It ends the whole call into the guest and cannot be caught by
/// the guest itself; what was written to memories, tables and globals before it stays written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Error)]
#[repr(u8)]
#[non_exhaustive]
pub enum Trap {
    /// `unreachable` was executed.
    #[error("unreachable")]
    Unreachable,
    /// An access to a linear memory or a data segment beyond its end.
    #[error("out of bounds memory access")]
    MemoryOutOfBounds,
    /// An access to a table or an element segment beyond its end.
    #[error("out of bounds table access")]
    TableOutOfBounds,
    /// An indirect call through an index beyond the end of the table.
    #[error("undefined element")]
    UndefinedElement,
    /// An indirect call through a table's element that is null.
    #[error("uninitialized element")]
    UninitializedElement,
    /// An indirect call of a function whose type is not the one that the call names.
    #[error("indirect call type mismatch")]
    IndirectCallTypeMismatch,
    /// An integer division or remainder whose divisor is zero.
    #[error("integer divide by zero")]
    IntegerDivideByZero,
    /// A quotient, or a float that is to become an integer, beyond the integer type's range.
    #[error("integer overflow")]
    IntegerOverflow,
    /// A NaN that is to become an integer.
    #[error("invalid conversion to integer")]
    InvalidConversionToInteger,
    /// Calls nested deeper, or frames larger, than the stack's limit.
    #[error("call stack exhausted")]
    CallStackExhausted,
    /// `ref.as_non_null` of a null.
    #[error("null reference")]
    NullReference,
    /// `call_ref` or `return_call_ref` of a null.
    #[error("null function reference")]
    NullFunctionReference,
    /// An access to a field of a null structure.
    #[error("null structure reference")]
    NullStructureReference,
    /// An access to an element, or to the length, of a null array.
    #[error("null array reference")]
    NullArrayReference,
    /// `i31.get_s` or `i31.get_u` of a null.
    #[error("null i31 reference")]
    NullI31Reference,
    /// `throw_ref` of a null.
    #[error("null exception reference")]
    NullExceptionReference,
    /// An access to an array beyond its end.
    #[error("out of bounds array access")]
    ArrayOutOfBounds,
    /// `ref.cast` to a type that the reference does not have.
    #[error("cast failure")]
    CastFailure,
}

impl Trap {
    /// Every trap, by its number.
    pub(crate) const ALL: [Trap; 18] = [
        Trap::Unreachable,
        Trap::MemoryOutOfBounds,
        Trap::TableOutOfBounds,
        Trap::UndefinedElement,
        Trap::UninitializedElement,
        Trap::IndirectCallTypeMismatch,
        Trap::IntegerDivideByZero,
        Trap::IntegerOverflow,
        Trap::InvalidConversionToInteger,
        Trap::CallStackExhausted,
        Trap::NullReference,
        Trap::NullFunctionReference,
        Trap::NullStructureReference,
        Trap::NullArrayReference,
        Trap::NullI31Reference,
        Trap::NullExceptionReference,
        Trap::ArrayOutOfBounds,
        Trap::CastFailure,
    ];
}

#[cfg(test)]
mod tests {
    use super::Trap;

    #[test]
    fn a_trap_is_an_error_of_one_byte() {
        fn is_error<E: core::error::Error + Send + Sync + 'static>() {}
        is_error::<Trap>();
        assert_eq!(size_of::<Trap>(), 1);
        assert_eq!(size_of::<Option<Trap>>(), 1);
    }

    #[test]
    fn traps_are_numbered_in_order() {
        for (number, trap) in Trap::ALL.into_iter().enumerate() {
            assert_eq!(trap as usize, number);
        }
    }

    #[test]
    fn a_trap_displays_the_official_words() {
        extern crate alloc;
        use alloc::string::ToString;
        let words = |trap: Trap| trap.to_string();
        assert_eq!(
            words(Trap::MemoryOutOfBounds),
            "out of bounds memory access"
        );
        assert_eq!(words(Trap::IntegerDivideByZero), "integer divide by zero");
        assert_eq!(words(Trap::IntegerOverflow), "integer overflow");
        assert_eq!(
            words(Trap::InvalidConversionToInteger),
            "invalid conversion to integer"
        );
    }
}
