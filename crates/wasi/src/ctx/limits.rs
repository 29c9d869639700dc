//! What one guest may ask of its host.

/// Bounds on what a guest makes the host keep or do in one call. What exceeds a bound is
/// an error number or a short read or write, never a trap.
///
/// ```
/// use curta_wasi::{Limits, WasiCtx};
///
/// let wasi = WasiCtx::builder()
///     .limits(Limits { descriptors: 16, ..Limits::default() })
///     .build()?;
/// # Ok::<(), curta_wasi::ConfigError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Open descriptors, streams and given directories included; one more is `mfile`.
    pub descriptors: usize,
    /// Bytes in flight: what one call reads or writes at most. The rest of what it asks
    /// for is a short read or write. One at least.
    pub bytes_in_flight: usize,
    /// Names that all open listings of directories keep together; a directory with more is
    /// `nomem`.
    pub directory_entries: usize,
    /// Random bytes a call; more is `inval`.
    pub random_bytes: usize,
}

impl Default for Limits {
    /// 1024 descriptors, 1 GiB in flight, a million names, 64 MiB of random bytes.
    fn default() -> Self {
        Limits {
            descriptors: 1024,
            bytes_in_flight: 1 << 30,
            directory_entries: 1 << 20,
            random_bytes: 1 << 26,
        }
    }
}
