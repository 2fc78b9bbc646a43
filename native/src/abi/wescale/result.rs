//! Whether bytes are a query result: Vitess' `QueryResult` on protobuf's wire, with rows that can be cut.
//!
//! `QueryResult{ fields=1 Field, rows_affected=2, insert_id=3, rows=4 Row, info=6, session_state_changes=7 }`,
//! `Row{ lengths=1 packed sint64, values=2 }`: `values` is all columns one after the other, `lengths` cut it, -1 is NULL.
//! One pass, no allocation. Fields of unknown numbers are skipped; known ones must have their wire type.

/// Why bytes are no query result.
type Refused = &'static str;

const TRUNCATED: Refused = "it ends in the middle of a field";
const BAD_VARINT: Refused = "a number is longer than 64 bits";
const BAD_TAG: Refused = "a field has no valid number";
const BAD_WIRE_TYPE: Refused = "a field has the wrong wire type";
const BAD_GROUP: Refused = "a group is not closed as it was opened";
const BAD_LENGTH: Refused = "a row has a length below -1";
const LENGTHS_DO_NOT_FIT: Refused = "a row's lengths do not add up to its values";
const WRONG_WIDTH: Refused = "a row has not one length for each field";

/// Groups in groups, which only unknown fields can be.
const MAX_GROUP_DEPTH: usize = 16;

/// A row's column lengths may be this at least; it is NULL.
const NULL_LENGTH: i64 = -1;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Wire {
    Varint,
    Fixed64,
    Bytes,
    GroupStart,
    GroupEnd,
    Fixed32,
}

impl Wire {
    fn from_tag(tag: u64) -> Result<Wire, Refused> {
        match tag & 7 {
            0 => Ok(Wire::Varint),
            1 => Ok(Wire::Fixed64),
            2 => Ok(Wire::Bytes),
            3 => Ok(Wire::GroupStart),
            4 => Ok(Wire::GroupEnd),
            5 => Ok(Wire::Fixed32),
            _ => Err(BAD_WIRE_TYPE),
        }
    }
}

/// Accepts exactly what a host can decode and cut into rows.
pub fn validate(message: &[u8]) -> Result<(), &'static str> {
    let mut fields = 0usize;
    // Fields may follow the rows: all rows must be equally wide, and at the end as wide as there are fields.
    let mut width = None;
    let mut reader = Reader { rest: message };
    while let Some((number, wire)) = reader.tag()? {
        match number {
            1 => {
                check_field(reader.bytes_of(wire)?)?;
                fields = fields.saturating_add(1);
            }
            2 | 3 => {
                reader.number_of(wire)?;
            }
            4 => {
                let row = row_width(reader.bytes_of(wire)?)?;
                if *width.get_or_insert(row) != row {
                    return Err(WRONG_WIDTH);
                }
            }
            6 | 7 => {
                reader.bytes_of(wire)?;
            }
            _ => reader.skip(number, wire)?,
        }
    }
    match width {
        Some(width) if width != fields => Err(WRONG_WIDTH),
        _ => Ok(()),
    }
}

fn check_field(message: &[u8]) -> Result<(), Refused> {
    let mut reader = Reader { rest: message };
    while let Some((number, wire)) = reader.tag()? {
        match number {
            1 | 3 | 4 | 5 | 6 | 11 => {
                reader.bytes_of(wire)?;
            }
            2 | 7 | 8 | 9 | 10 => {
                reader.number_of(wire)?;
            }
            _ => reader.skip(number, wire)?,
        }
    }
    Ok(())
}

/// How many columns the row has, if its lengths fit its values.
fn row_width(message: &[u8]) -> Result<usize, Refused> {
    let mut width = 0usize;
    let mut total = 0u64;
    let mut values = 0u64;
    let mut add = |length: u64| -> Result<(), Refused> {
        // Zigzag: the lowest bit is the sign.
        let length = (length >> 1) as i64 ^ -((length & 1) as i64);
        if length < NULL_LENGTH {
            return Err(BAD_LENGTH);
        }
        total = total.checked_add(u64::try_from(length).unwrap_or(0)).ok_or(LENGTHS_DO_NOT_FIT)?;
        width = width.saturating_add(1);
        Ok(())
    };
    let mut reader = Reader { rest: message };
    while let Some((number, wire)) = reader.tag()? {
        match (number, wire) {
            (1, Wire::Varint) => add(reader.varint()?)?,
            (1, _) => {
                let mut packed = Reader { rest: reader.bytes_of(wire)? };
                while !packed.rest.is_empty() {
                    add(packed.varint()?)?;
                }
            }
            // Of a field that stands twice, the last one counts.
            (2, _) => values = reader.bytes_of(wire)?.len() as u64,
            _ => reader.skip(number, wire)?,
        }
    }
    if total == values { Ok(width) } else { Err(LENGTHS_DO_NOT_FIT) }
}

/// What is left of a message.
struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    /// The next field's number and wire type; `None` at the end.
    #[inline]
    fn tag(&mut self) -> Result<Option<(u32, Wire)>, Refused> {
        if self.rest.is_empty() {
            return Ok(None);
        }
        let tag = self.varint()?;
        let number = u32::try_from(tag >> 3).ok().filter(|number| (1..1 << 29).contains(number)).ok_or(BAD_TAG)?;
        Ok(Some((number, Wire::from_tag(tag)?)))
    }

    #[inline]
    fn varint(&mut self) -> Result<u64, Refused> {
        let mut value = 0u64;
        for shift in (0..64).step_by(7) {
            let (byte, rest) = self.rest.split_first().ok_or(TRUNCATED)?;
            self.rest = rest;
            if shift == 63 && *byte > 1 {
                return Err(BAD_VARINT);
            }
            value |= u64::from(byte & 0x7F) << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(BAD_VARINT)
    }

    #[inline]
    fn take(&mut self, len: u64) -> Result<&'a [u8], Refused> {
        let len = usize::try_from(len).map_err(|_| TRUNCATED)?;
        let (taken, rest) = self.rest.split_at_checked(len).ok_or(TRUNCATED)?;
        self.rest = rest;
        Ok(taken)
    }

    /// The bytes of a field that must be a message, a string or bytes.
    #[inline]
    fn bytes_of(&mut self, wire: Wire) -> Result<&'a [u8], Refused> {
        if wire != Wire::Bytes {
            return Err(BAD_WIRE_TYPE);
        }
        let len = self.varint()?;
        self.take(len)
    }

    /// The value of a field that must be a number.
    fn number_of(&mut self, wire: Wire) -> Result<u64, Refused> {
        if wire == Wire::Varint { self.varint() } else { Err(BAD_WIRE_TYPE) }
    }

    /// Skips a field of an unknown number, with all that is in it if it opens a group.
    fn skip(&mut self, number: u32, wire: Wire) -> Result<(), Refused> {
        let mut open = [0u32; MAX_GROUP_DEPTH];
        let mut depth = 0usize;
        let (mut number, mut wire) = (number, wire);
        loop {
            match wire {
                Wire::Varint => {
                    self.varint()?;
                }
                Wire::Fixed64 => {
                    self.take(8)?;
                }
                Wire::Fixed32 => {
                    self.take(4)?;
                }
                Wire::Bytes => {
                    self.bytes_of(wire)?;
                }
                Wire::GroupStart => {
                    *open.get_mut(depth).ok_or(BAD_GROUP)? = number;
                    depth = depth.saturating_add(1);
                }
                Wire::GroupEnd => {
                    depth = depth.checked_sub(1).ok_or(BAD_GROUP)?;
                    if open.get(depth) != Some(&number) {
                        return Err(BAD_GROUP);
                    }
                }
            }
            if depth == 0 {
                return Ok(());
            }
            (number, wire) = self.tag()?.ok_or(TRUNCATED)?;
        }
    }
}

#[cfg(test)]
mod tests;
