//! The writer: from a module and the state of an instance of it to a module whose new instances are in that state.
//!
//! Memory and globals begin as they were; start is gone. Code, types, names, debug information and all indices stay. Tables
//! are as the element segments make them, which is why modules whose code changes tables are refused (see [`Source`]).

use std::ops::Range;

use wasm_encoder::{
    ConstExpr, DataCountSection, DataSection, Encode, ExportKind, ExportSection, GlobalSection, MemorySection,
    MemoryType, Module, RawSection, SectionId,
};
use wasmparser::ExternalKind;

use super::runs;
use super::source::{Global, RESERVED, Section, Source};
use crate::engine::settings::PAGE_BYTES;

/// The value of a global.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Number {
    I32(i32),
    I64(i64),
    F32(u32),
    F64(u64),
    V128(u128),
}

/// What an instance holds that a new one would not.
pub struct State<'a> {
    pub memory: &'a [u8],
    /// Values of the mutable globals, in the order of [`Source::mutable`].
    pub globals: Vec<Number>,
}

/// A module in the state of an instance.
pub struct Written {
    pub wasm: Vec<u8>,
    /// Where a place in the code lies now, relative to where it lay.
    pub moved: i64,
}

/// The name by which a copy made by [`observable`] exports its memory.
pub const MEMORY: &str = "sluice:snapshot.memory";

/// The name by which a copy made by [`observable`] exports a global.
pub fn global_name(index: u32) -> String {
    format!("{RESERVED}.global.{index}")
}

/// A copy of the module that lets its state be read: it exports its memory and its mutable globals.
pub fn observable(source: &Source<'_>) -> Written {
    let mut more = vec![(MEMORY.to_owned(), ExportKind::Memory, 0)];
    more.extend(source.mutable().map(|(index, _)| (global_name(index), ExportKind::Global, index)));
    let exports = exports(source, |_| true, &more);
    let mut module = Module::new();
    let mut moved = 0;
    for section in with_exports(source) {
        match section {
            Place::Exports => {
                module.section(&exports);
            }
            Place::Other(section) => {
                copy(&mut module, source, section);
                if section.id == SectionId::Code as u8 {
                    moved = module.len() as i64 - section.content.end as i64;
                }
            }
        }
    }
    Written { wasm: module.finish(), moved }
}

/// The module whose new instances are in this state. `start` is the export that led there and goes; `kept` the global that
/// is not a part of the state; `marker` what the result is known by, the name of one more export.
pub fn snapshot(
    source: &Source<'_>,
    state: &State<'_>,
    start: Option<&str>,
    kept: Option<u32>,
    marker: &str,
) -> Written {
    let exports = exports(source, |name| Some(name) != start, &[(marker.to_owned(), ExportKind::Memory, 0)]);
    let (segments, count) = data(source, state.memory);
    let has_code = source.sections.iter().any(|section| section.id == SectionId::Code as u8);
    let mut module = Module::new();
    let mut moved = 0;
    for place in with_exports(source) {
        let section = match place {
            Place::Exports => {
                module.section(&exports);
                continue;
            }
            Place::Other(section) => section,
        };
        match section.id {
            id if id == SectionId::Memory as u8 => {
                let mut memories = MemorySection::new();
                memories.memory(MemoryType {
                    minimum: (state.memory.len() / PAGE_BYTES) as u64,
                    maximum: source.memory.maximum,
                    memory64: false,
                    shared: false,
                    page_size_log2: None,
                });
                module.section(&memories);
            }
            id if id == SectionId::Global as u8 => {
                module.section(&globals(source, state, kept));
            }
            id if id == SectionId::Start as u8 || id == SectionId::Data as u8 => {}
            id if id == SectionId::DataCount as u8 => {
                module.section(&DataCountSection { count });
            }
            id if id == SectionId::Code as u8 => {
                copy(&mut module, source, section);
                moved = module.len() as i64 - section.content.end as i64;
                module.section(&segments);
            }
            _ => {
                copy(&mut module, source, section);
            }
        }
    }
    if !has_code {
        module.section(&segments);
    }
    Written { wasm: module.finish(), moved }
}

fn copy<'m>(module: &'m mut Module, source: &Source<'_>, section: &Section) -> &'m mut Module {
    module.section(&RawSection { id: section.id, data: source.bytes(&section.content) })
}

/// A section of the original, or where its exports belong.
enum Place<'s> {
    Exports,
    Other(&'s Section),
}

/// The sections in order, with a place for exports though there be none.
fn with_exports<'s>(source: &'s Source<'_>) -> Vec<Place<'s>> {
    let mut places = Vec::new();
    let mut done = false;
    for section in &source.sections {
        let is_exports = section.id == SectionId::Export as u8;
        let behind = [SectionId::Start, SectionId::Element, SectionId::DataCount, SectionId::Code, SectionId::Data];
        if !done && (is_exports || behind.iter().any(|id| section.id == *id as u8)) {
            places.push(Place::Exports);
            done = true;
        }
        if !is_exports {
            places.push(Place::Other(section));
        }
    }
    if !done {
        places.push(Place::Exports);
    }
    places
}

fn exports(source: &Source<'_>, keep: impl Fn(&str) -> bool, more: &[(String, ExportKind, u32)]) -> ExportSection {
    let mut section = ExportSection::new();
    for export in source.exports.iter().filter(|export| keep(export.name)) {
        let kind = match export.kind {
            ExternalKind::Func | ExternalKind::FuncExact => ExportKind::Func,
            ExternalKind::Table => ExportKind::Table,
            ExternalKind::Memory => ExportKind::Memory,
            ExternalKind::Global => ExportKind::Global,
            ExternalKind::Tag => ExportKind::Tag,
        };
        section.export(export.name, kind, export.index);
    }
    for (name, kind, index) in more {
        section.export(name, *kind, *index);
    }
    section
}

fn globals(source: &Source<'_>, state: &State<'_>, kept: Option<u32>) -> GlobalSection {
    let mut section = GlobalSection::new();
    let mut values = state.globals.iter();
    for (index, global) in (source.imported_globals..).zip(&source.globals) {
        let value = if global.ty.mutable { values.next() } else { None };
        match value {
            Some(value) if Some(index) != kept => section.raw(&with_value(source, global, *value)),
            _ => section.raw(source.bytes(&global.bytes)),
        };
    }
    section
}

/// The global with another initial value.
fn with_value(source: &Source<'_>, global: &Global, value: Number) -> Vec<u8> {
    // A number's type and whether it is mutable: a byte each.
    let mut bytes = source.bytes(&(global.bytes.start..global.bytes.start + 2)).to_vec();
    match value {
        Number::I32(value) => ConstExpr::i32_const(value),
        Number::I64(value) => ConstExpr::i64_const(value),
        Number::F32(bits) => ConstExpr::f32_const(wasm_encoder::Ieee32::new(bits)),
        Number::F64(bits) => ConstExpr::f64_const(wasm_encoder::Ieee64::new(bits)),
        Number::V128(bits) => ConstExpr::v128_const(bits as i128),
    }
    .encode(&mut bytes);
    bytes
}

/// The memory's content as segments, and how many there are. Code names segments by their indices, so passive ones stay
/// where they are, and those that instantiation has used up make room for the content.
fn data(source: &Source<'_>, memory: &[u8]) -> (DataSection, u32) {
    let runs = runs::of(memory);
    let mut left = runs.iter();
    let mut section = DataSection::new();
    let active = |section: &mut DataSection, run: Range<usize>| {
        let at = ConstExpr::i32_const(run.start as u32 as i32);
        section.active(0, &at, memory.get(run).unwrap_or_default().iter().copied());
    };
    for segment in &source.segments {
        match segment {
            Some(passive) => {
                section.raw(source.bytes(passive));
            }
            None => active(&mut section, left.next().cloned().unwrap_or(0..0)),
        }
    }
    for run in left {
        active(&mut section, run.clone());
    }
    let count = section.len();
    (section, count)
}
