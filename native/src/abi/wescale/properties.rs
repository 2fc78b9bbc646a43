//! What the host knows of a query and may tell a plugin: user, client address and so on.

use super::common::{self, Source};
use super::{KEPT_CAPACITY, WescaleState, give_back};
use crate::abi::foreign::ForeignBytes;

/// The properties' names; their positions are their numbers on the way from Java.
pub const PROPERTIES: [&str; 6] = ["user", "client_address", "database", "kind", "tables", "bind_values"];

/// Records `[i32 number][i32 length][bytes]` in native byte order, without padding, as they came from Java.
#[derive(Debug, Default)]
pub struct Properties {
    records: Vec<u8>,
}

impl Properties {
    pub fn set(&mut self, records: ForeignBytes) {
        give_back(&mut self.records, records.len());
        records.copy_into(&mut self.records);
    }

    #[inline]
    pub fn clear(&mut self) {
        if !self.records.is_empty() {
            self.records.clear();
            if self.records.capacity() > KEPT_CAPACITY {
                self.records.shrink_to(KEPT_CAPACITY);
            }
        }
    }

    /// The property's text; empty if it was not given.
    pub fn get(&self, number: usize) -> &[u8] {
        let mut rest = &self.records[..];
        while let Some((header, tail)) = rest.split_first_chunk::<8>() {
            let [a, b, c, d, e, f, g, h] = *header;
            let found = usize::try_from(i32::from_ne_bytes([a, b, c, d]));
            let Ok(length) = usize::try_from(i32::from_ne_bytes([e, f, g, h])) else { break };
            let Some((text, next)) = tail.split_at_checked(length) else { break };
            if found == Ok(number) {
                return text;
            }
            rest = next;
        }
        &[]
    }
}

/// A property as a value that a guest gets.
#[derive(Clone, Copy)]
pub struct Property(pub usize);

impl Source for Property {
    fn len(&self, state: &WescaleState) -> usize {
        state.properties.get(self.0).len()
    }

    fn copy_to(&self, state: &WescaleState, dst: &mut [u8]) -> Option<()> {
        common::copy(state.properties.get(self.0), dst)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::abi::test_host::foreign;

    fn record(number: i32, length: i32, text: &[u8]) -> Vec<u8> {
        [&number.to_ne_bytes()[..], &length.to_ne_bytes(), text].concat()
    }

    #[test]
    fn records_are_found_by_their_number() {
        let mut properties = Properties::default();
        assert_eq!(properties.get(0), b"");
        properties.set(foreign(&[record(3, 6, b"Select"), record(0, 3, b"bob"), record(1, 0, b"")].concat()));
        assert_eq!(properties.get(0), b"bob");
        assert_eq!(properties.get(3), b"Select");
        assert_eq!(properties.get(1), b"");
        assert_eq!(properties.get(2), b"");
        properties.clear();
        assert_eq!(properties.get(0), b"");
    }

    #[test]
    fn records_that_are_none_are_not_read() {
        let mut properties = Properties::default();
        for bad in [
            record(0, 4, b"bob"),
            record(0, -1, b"bob"),
            record(0, i32::MIN, b"bob"),
            record(0, i32::MAX, b"bob"),
            record(-1, 3, b"bob"),
            vec![0; 7],
        ] {
            properties.set(foreign(&bad));
            assert_eq!(properties.get(0), b"", "{bad:?}");
        }
        properties.set(foreign(&[record(-7, 3, b"bob"), record(0, 3, b"eve")].concat()));
        assert_eq!(properties.get(0), b"eve");
    }
}
