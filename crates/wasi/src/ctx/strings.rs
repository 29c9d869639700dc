//! Arguments or environment as the guest gets them: NUL-terminated, one after another.

use crate::abi::Errno;
use crate::guest::GuestMemory;

/// A list of strings, laid out once.
#[derive(Clone, Debug, Default)]
pub(crate) struct Strings {
    /// Every string with its NUL.
    bytes: Vec<u8>,
    /// Where each string starts.
    starts: Vec<u32>,
}

/// Why a string cannot be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unfit {
    /// It contains the byte that ends a string.
    Nul,
    /// All strings together would exceed what 32 bits can address.
    Size,
}

impl Strings {
    /// Adds a string at the end.
    pub(crate) fn push(&mut self, string: &[u8]) -> Result<(), Unfit> {
        if string.contains(&0) {
            return Err(Unfit::Nul);
        }
        let start = u32::try_from(self.bytes.len()).map_err(|_| Unfit::Size)?;
        let end = self.bytes.len().saturating_add(string.len());
        u32::try_from(end.saturating_add(1)).map_err(|_| Unfit::Size)?;
        self.bytes.extend_from_slice(string);
        self.bytes.push(0);
        self.starts.push(start);
        Ok(())
    }

    /// How many strings there are, and how many bytes they take.
    pub(crate) fn sizes(&self) -> Result<(u32, u32), Errno> {
        let count = u32::try_from(self.starts.len()).map_err(|_| Errno::Overflow)?;
        let bytes = u32::try_from(self.bytes.len()).map_err(|_| Errno::Overflow)?;
        Ok((count, bytes))
    }

    /// Puts the bytes at `buffer` and the address of every string into the array at
    /// `pointers`. Where one of the two does not fit, nothing is stored.
    pub(crate) fn store(
        &self,
        memory: &mut dyn GuestMemory,
        pointers: u32,
        buffer: u32,
    ) -> Result<(), Errno> {
        let array = self.starts.len().checked_mul(4).ok_or(Errno::Fault)?;
        memory.check(pointers, array)?;
        memory.write(buffer, &self.bytes)?;
        // Addresses are below the buffer's end, which lies in memory: nothing wraps.
        let mut slot = pointers;
        for start in &self.starts {
            memory.write_u32(slot, buffer.wrapping_add(*start))?;
            slot = slot.wrapping_add(4);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{Strings, Unfit};
    use crate::abi::Errno;
    use crate::guest::GuestMemory;

    fn strings(list: &[&str]) -> Strings {
        let mut strings = Strings::default();
        for string in list {
            strings.push(string.as_bytes()).unwrap();
        }
        strings
    }

    #[test]
    fn strings_are_stored_with_their_addresses() {
        let mut bytes = vec![0xff; 24];
        let memory: &mut dyn GuestMemory = &mut bytes;
        let list = strings(&["ab", "", "c"]);
        assert_eq!(list.sizes(), Ok((3, 6)));
        list.store(memory, 0, 16).unwrap();
        assert_eq!(bytes[..12], [16, 0, 0, 0, 19, 0, 0, 0, 20, 0, 0, 0]);
        assert_eq!(&bytes[16..22], b"ab\0\0c\0");
        assert_eq!(bytes[22..], [0xff; 2]);
    }

    #[test]
    fn nothing_is_stored_where_something_does_not_fit() {
        let mut bytes = vec![0xff; 24];
        let list = strings(&["ab", "c"]);
        for (pointers, buffer) in [(20, 0), (0, 21), (u32::MAX, 0), (0, u32::MAX)] {
            let memory: &mut dyn GuestMemory = &mut bytes;
            let stored = list.store(memory, pointers, buffer);
            assert_eq!(stored, Err(Errno::Fault));
        }
        assert_eq!(bytes, [0xff; 24]);
    }

    #[test]
    fn a_string_with_a_nul_is_unfit() {
        assert_eq!(Strings::default().push(b"a\0b"), Err(Unfit::Nul));
    }
}
