//! Random bytes for a guest: the host's own source, straight into the guest's memory.

use crate::abi::Errno;

/// Fills `bytes`. Costs time linear in their number.
pub(crate) fn fill(bytes: &mut [u8]) -> Result<(), Errno> {
    getrandom::fill(bytes).map_err(|_| Errno::Io)
}
