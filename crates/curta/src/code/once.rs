//! A cell that is filled once, by whichever thread comes first.

#[cfg(feature = "std")]
pub(crate) use std::sync::OnceLock as Once;

#[cfg(not(feature = "std"))]
pub(crate) use without_std::Once;

#[cfg(not(feature = "std"))]
mod without_std {
    /// Like the standard library's `OnceLock`; who comes second spins.
    pub(crate) struct Once<T>(spin::Once<T>);

    impl<T> Once<T> {
        pub(crate) const fn new() -> Once<T> {
            Once(spin::Once::new())
        }

        pub(crate) fn get(&self) -> Option<&T> {
            self.0.get()
        }

        pub(crate) fn get_or_init(&self, make: impl FnOnce() -> T) -> &T {
            self.0.call_once(make)
        }
    }
}
