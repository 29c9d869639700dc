//! What threads share while functions are translated: a cell that is filled once, by whichever comes first, and a lock.

/// A lock that many may read and one may write under. What a panic left behind it is as good as before.
#[cfg(feature = "std")]
#[derive(Default)]
pub(crate) struct Lock<T>(std::sync::RwLock<T>);

#[cfg(feature = "std")]
impl<T> Lock<T> {
    pub(crate) const fn new(value: T) -> Lock<T> {
        Lock(std::sync::RwLock::new(value))
    }

    pub(crate) fn read(&self) -> impl core::ops::Deref<Target = T> {
        self.0
            .read()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    pub(crate) fn write(&self) -> impl core::ops::DerefMut<Target = T> {
        self.0
            .write()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

#[cfg(not(feature = "std"))]
pub(crate) use spin::RwLock as Lock;

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
