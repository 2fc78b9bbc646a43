//! The way back: what functions are called, and where code of the new module stands in the original.

use std::ops::Deref;
use std::sync::OnceLock;

use wasm_encoder::{Encode, IndirectNameMap, NameMap, NameSection};
use wasmparser::{BinaryReader, Name, NameSectionReader};

use super::emit::{IMPORTS, read_leb};
use super::source::{RESERVED, reserved};
use crate::engine::error::Result;

/// Refuses a name section in which something is called like what belongs to the meter.
///
/// A section that cannot be read names nothing: wasmtime passes over it too.
pub fn check_reserved(data: &[u8], offset: usize) -> Result<()> {
    for part in NameSectionReader::new(BinaryReader::new(data, offset)) {
        let Ok(part) = part else { return Ok(()) };
        let names = match part {
            Name::Module { name, .. } if name.starts_with(RESERVED) => return Err(reserved("names itself", name)),
            Name::Function(names) | Name::Global(names) => names,
            _ => continue,
        };
        for name in names {
            match name {
                Ok(name) if name.name.starts_with(RESERVED) => {
                    return Err(reserved("calls something", name.name));
                }
                Ok(_) => {}
                Err(_) => return Ok(()),
            }
        }
    }
    Ok(())
}

/// The name section with the functions' new indices, and the names of those that were added. Names of labels are left
/// out: labels are counted, and the checks have some of their own.
pub fn renamed(data: &[u8], offset: usize, moved: impl Fn(u32) -> u32, added: &[(u32, String)]) -> Option<NameSection> {
    let mut section = NameSection::new();
    let mut functions = false;
    let names = |map: wasmparser::NameMap<'_>, to: &dyn Fn(u32) -> u32, added: &[(u32, String)]| {
        let mut list: Vec<(u32, &str)> = added.iter().map(|(index, name)| (*index, name.as_str())).collect();
        for name in map {
            let name = name.ok()?;
            list.push((to(name.index), name.name));
        }
        list.sort_by_key(|(index, _)| *index);
        let mut renamed = NameMap::new();
        for (index, name) in list {
            renamed.append(index, name);
        }
        Some(renamed)
    };
    let same = |index| index;
    for part in NameSectionReader::new(BinaryReader::new(data, offset)) {
        match part.ok()? {
            Name::Module { name, .. } => section.module(name),
            Name::Function(map) => {
                functions = true;
                section.functions(&names(map, &moved, added)?);
            }
            Name::Local(map) => {
                let mut renamed = IndirectNameMap::new();
                for function in map {
                    let function = function.ok()?;
                    renamed.append(moved(function.index), &names(function.names, &same, &[])?);
                }
                section.locals(&renamed);
            }
            Name::Type(map) => section.types(&names(map, &same, &[])?),
            Name::Table(map) => section.tables(&names(map, &same, &[])?),
            Name::Memory(map) => section.memories(&names(map, &same, &[])?),
            Name::Global(map) => section.globals(&names(map, &same, &[])?),
            Name::Element(map) => section.elements(&names(map, &same, &[])?),
            Name::Data(map) => section.data(&names(map, &same, &[])?),
            _ => {}
        }
    }
    functions.then_some(section)
}

/// Finds places of the original module.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origins {
    /// Functions from this index on are [`IMPORTS`] further in the new module.
    moved_from: u32,
    /// Functions of the original, imported ones among them.
    functions: u32,
    /// A place in the new module and in the original, ascending in both: code goes on from there as in the original, up
    /// to the next.
    places: Places,
}

impl Origins {
    pub fn new(moved_from: u32, functions: u32, mut places: Vec<(u32, u32)>) -> Origins {
        // Of several at one place the last tells how the code goes on.
        places.dedup_by(|later, earlier| {
            let same = later.0 == earlier.0;
            if same {
                *earlier = *later;
            }
            same
        });
        places.shrink_to_fit();
        Origins { moved_from, functions, places: Places::of(places) }
    }

    /// Whether the module was left as it was.
    pub fn is_empty(&self) -> bool {
        *self == Origins::default()
    }

    /// For code that lies `by` bytes further on in the new module, indices of functions being the same.
    pub fn moved(&self, by: i64) -> Origins {
        let there = |place: u32| u32::try_from(i64::from(place).saturating_add(by)).unwrap_or_default();
        let places = self.places.iter().map(|(new, old)| (there(*new), *old)).collect();
        Origins { moved_from: self.moved_from, functions: self.functions, places: Places::of(places) }
    }

    /// The function's index in the original; `None` for one that belongs to the meter.
    pub fn function(&self, index: u32) -> Option<u32> {
        if index < self.moved_from {
            return Some(index);
        }
        index.checked_sub(IMPORTS).filter(|index| (self.moved_from..self.functions).contains(index))
    }

    /// The place in the original that the code at `offset` of the new module stands for.
    pub fn offset(&self, offset: u32) -> Option<u32> {
        let next = self.places.partition_point(|(new, _)| *new <= offset);
        let (new, old) = self.places.get(next.checked_sub(1)?)?;
        let there = old.saturating_add(offset - new);
        Some(self.places.get(next).map_or(there, |(_, limit)| there.min(*limit)))
    }

    /// As bytes, to be kept beside compiled code.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        self.moved_from.encode(&mut bytes);
        self.functions.encode(&mut bytes);
        (self.places.len() as u32).encode(&mut bytes);
        let mut before = (0, 0);
        for place in self.places.iter() {
            (place.0 - before.0).encode(&mut bytes);
            place.1.wrapping_sub(before.1).encode(&mut bytes);
            before = *place;
        }
        bytes
    }

    /// `None`: the bytes were not made by `to_bytes`.
    pub fn from_bytes(bytes: &[u8]) -> Option<Origins> {
        let origins = Origins::from_checked_bytes(bytes)?;
        let places = unpack(&origins.places.packed)?;
        Some(Origins { places: Places::of(places), ..origins })
    }

    /// As `from_bytes`, for bytes that are known to be whole: the places are read when the first trap asks for one.
    pub fn from_checked_bytes(mut bytes: &[u8]) -> Option<Origins> {
        let mut next = || {
            let (value, length) = read_leb(bytes)?;
            bytes = &bytes[length..];
            Some(value)
        };
        let (moved_from, functions) = (next()?, next()?);
        Some(Origins { moved_from, functions, places: Places { packed: bytes.into(), read: OnceLock::new() } })
    }
}

/// Places, or the bytes that they are read from: there are hundreds of thousands in a large module, and most modules
/// never trap.
#[derive(Clone, Debug, Default)]
struct Places {
    packed: Box<[u8]>,
    read: OnceLock<Vec<(u32, u32)>>,
}

impl Places {
    fn of(places: Vec<(u32, u32)>) -> Places {
        Places { packed: Box::default(), read: OnceLock::from(places) }
    }
}

impl Deref for Places {
    type Target = [(u32, u32)];

    fn deref(&self) -> &[(u32, u32)] {
        self.read.get_or_init(|| unpack(&self.packed).unwrap_or_default())
    }
}

impl PartialEq for Places {
    fn eq(&self, other: &Places) -> bool {
        **self == **other
    }
}

impl Eq for Places {}

fn unpack(mut bytes: &[u8]) -> Option<Vec<(u32, u32)>> {
    let mut next = || {
        let (value, length) = read_leb(bytes)?;
        bytes = &bytes[length..];
        Some(value)
    };
    let mut places = Vec::new();
    let mut before = (0u32, 0u32);
    for _ in 0..next()? {
        before = (before.0.checked_add(next()?)?, before.1.wrapping_add(next()?));
        places.push(before);
    }
    bytes.is_empty().then_some(places)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_found_from_the_last_mark_before_them() {
        let origins = Origins::new(2, 5, vec![(10, 100), (20, 110), (25, 110), (25, 110), (40, 130)]);
        assert_eq!(origins.offset(9), None);
        assert_eq!(origins.offset(10), Some(100));
        assert_eq!(origins.offset(19), Some(109));
        // The checks' own code stands for the operator that they precede.
        assert_eq!(origins.offset(24), Some(110));
        assert_eq!(origins.offset(26), Some(111));
        assert_eq!(origins.offset(39), Some(124));
        assert_eq!(origins.offset(41), Some(131));
        assert_eq!(Origins::from_checked_bytes(&origins.to_bytes()), Some(origins.clone()));
        assert_eq!(Origins::from_bytes(&origins.to_bytes()), Some(origins));
    }

    #[test]
    fn code_that_moved_leads_to_the_same_places() {
        let origins = Origins::new(2, 5, vec![(10, 100), (20, 110)]);
        for by in [-3, 0, 7] {
            let moved = origins.moved(by);
            assert_eq!(moved.offset((15 + by) as u32), Some(105));
            assert_eq!(moved.offset((9 + by) as u32), None);
        }
    }

    #[test]
    fn functions_of_the_meter_are_nobody_else() {
        let origins = Origins::new(2, 5, vec![]);
        let found: Vec<_> = (0..9).map(|index| origins.function(index)).collect();
        assert_eq!(found, [Some(0), Some(1), None, None, Some(2), Some(3), Some(4), None, None]);
    }

    #[test]
    fn damaged_bytes_are_no_origins() {
        let bytes = Origins::new(2, 5, vec![(10, 100), (300, 110)]).to_bytes();
        for length in 0..bytes.len() {
            assert_eq!(Origins::from_bytes(&bytes[..length]), None);
        }
        assert_eq!(Origins::from_bytes(&[bytes.as_slice(), &[0]].concat()), None);
    }
}
