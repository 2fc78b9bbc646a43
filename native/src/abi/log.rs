//! The guest's log of one call: bounded, in the form in which it crosses into Java.

use std::mem::size_of;

/// Level of [`GuestLog::push`]: information, standard output.
pub const LEVEL_INFO: u8 = 0;
/// Level of [`GuestLog::push`]: errors, standard error.
pub const LEVEL_ERROR: u8 = 1;

/// Bytes before the text of each record.
const HEADER: usize = 4 + size_of::<i32>();

/// Records `[u8 level][u8 0][u16 0][i32 length][bytes]` in native byte order, without padding.
///
/// Records and their headers together stay within `max_bytes`. What does not fit is cut, at a character's edge where the
/// text is UTF-8; what is cut or left out is counted. The buffer keeps its capacity when it is cleared.
#[derive(Debug, Default)]
pub struct GuestLog {
    bytes: Vec<u8>,
    max_bytes: usize,
    dropped: u32,
}

impl GuestLog {
    pub fn new(max_bytes: usize) -> GuestLog {
        GuestLog { bytes: Vec::new(), max_bytes, dropped: 0 }
    }

    /// Appends one record.
    pub fn push(&mut self, level: u8, text: &[u8]) {
        let Some(room) = self.room() else {
            self.count_dropped();
            return;
        };
        let kept = if text.len() <= room { text } else { utf8_prefix(text, room) };
        // A record's length fits an i32 as Java's arrays do; `max_bytes` beyond that would be cut here.
        let kept = kept.get(..i32::MAX as usize).unwrap_or(kept);
        self.bytes.extend_from_slice(&[level, 0, 0, 0]);
        self.bytes.extend_from_slice(&(kept.len() as i32).to_ne_bytes());
        self.bytes.extend_from_slice(kept);
        if kept.len() < text.len() {
            self.count_dropped();
        }
    }

    /// Bytes of text that still fit into a record; `None` if not even an empty one does.
    ///
    /// A log that has dropped something stays full: a record after a missing one would look as if nothing were missing.
    pub fn room(&self) -> Option<usize> {
        if self.dropped > 0 {
            return None;
        }
        self.max_bytes.checked_sub(self.bytes.len())?.checked_sub(HEADER)
    }

    /// Counts a record that is left out.
    pub fn count_dropped(&mut self) {
        self.dropped = self.dropped.saturating_add(1);
    }

    /// Records that were cut or left out since the log was cleared.
    pub fn dropped(&self) -> u32 {
        self.dropped
    }

    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty() && self.dropped == 0
    }

    /// Empties the log and its counter; the capacity stays.
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.dropped = 0;
    }

    /// The records, out of the log; clears it.
    pub fn take(&mut self) -> Vec<u8> {
        self.dropped = 0;
        std::mem::take(&mut self.bytes)
    }
}

/// The longest prefix of at most `max` bytes that does not cut a UTF-8 character.
///
/// Bytes that are no UTF-8 are cut at `max` or up to three bytes before it.
pub fn utf8_prefix(text: &[u8], max: usize) -> &[u8] {
    let Some(prefix) = text.get(..max) else { return text };
    let continues = |at: usize| text.get(at).is_some_and(|byte| byte & 0xC0 == 0x80);
    if !continues(max) {
        return prefix;
    }
    let start = (1..=3).filter_map(|back| max.checked_sub(back)).find(|at| !continues(*at));
    start.and_then(|at| text.get(..at)).unwrap_or(prefix)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::abi::test_host::records;

    #[test]
    fn records_have_the_form_of_the_contract() {
        let mut log = GuestLog::new(100);
        log.push(LEVEL_ERROR, b"ab");
        let mut expected = vec![1, 0, 0, 0];
        expected.extend_from_slice(&2i32.to_ne_bytes());
        expected.extend_from_slice(b"ab");
        assert_eq!(log.as_bytes(), expected);
    }

    #[test]
    fn what_does_not_fit_is_cut_and_counted() {
        let mut log = GuestLog::new(2 * HEADER + 8);
        log.push(LEVEL_INFO, b"12345");
        log.push(LEVEL_INFO, b"6789");
        log.push(LEVEL_INFO, b"x");
        assert_eq!(records(log.as_bytes()), [(0, "12345".into()), (0, "678".into())]);
        assert_eq!(log.dropped(), 2);
        assert_eq!(log.as_bytes().len(), 2 * HEADER + 8);
    }

    #[test]
    fn a_header_that_does_not_fit_drops_the_record() {
        let mut log = GuestLog::new(HEADER - 1);
        log.push(LEVEL_INFO, b"");
        assert_eq!((log.as_bytes().len(), log.dropped()), (0, 1));
        let mut none = GuestLog::new(0);
        none.push(LEVEL_INFO, b"x");
        assert_eq!((none.as_bytes().len(), none.dropped()), (0, 1));
    }

    #[test]
    fn clear_keeps_the_capacity_and_forgets_the_count() {
        let mut log = GuestLog::new(1000);
        (0..100).for_each(|_| log.push(LEVEL_INFO, b"0123456789"));
        assert!(log.dropped() > 0);
        let capacity = log.bytes.capacity();
        log.clear();
        assert!(log.is_empty());
        assert_eq!(log.bytes.capacity(), capacity);
        log.push(LEVEL_INFO, b"again");
        assert_eq!(records(&log.take()), [(0, "again".into())]);
        assert!(log.is_empty());
    }

    #[test]
    fn cuts_at_the_edge_of_a_character() {
        let text = "aé€😀".as_bytes();
        assert_eq!(utf8_prefix(text, 100), text);
        for (max, kept) in [(0, 0), (1, 1), (2, 1), (3, 3), (4, 3), (5, 3), (6, 6), (7, 6), (9, 6), (10, 10)] {
            assert_eq!(utf8_prefix(text, max).len(), kept, "max {max}");
        }
        // Nothing but continuation bytes: cut where it was asked.
        assert_eq!(utf8_prefix(&[0x80; 10], 7).len(), 7);
        assert_eq!(utf8_prefix(&[0x80; 3], 2).len(), 2);
    }
}
