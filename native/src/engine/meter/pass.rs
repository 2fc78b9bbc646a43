//! The pass over a module that makes its code count what it uses.
//!
//! It appends a global, the counter, and two imports: by one, code that has used up its counter asks the host for more;
//! by the other it traps where it would be `unreachable`. It puts checks where functions begin and loops turn, and leaves
//! everything else where it is. Functions move by two indices.

use std::ops::Range;

use wasm_encoder::{
    BranchHint, BranchHints, ConstExpr, CustomSection, Encode, ExportKind, GlobalType, RawSection, Section as _,
    SectionId, ValType,
};
use wasmparser::{ExternalKind, Validator};

use super::bulk;
use super::cost::{Bulk, invalid};
use super::emit::{self, Body, IMPORTS, Layout, encode_padded, value_type};
use super::fold;
use super::names::{self, Origins};
use super::source::{RESERVED, Section, Source};
use crate::engine::engine::FEATURES;
use crate::engine::error::{Error, Result};

/// Counts of another version are other counts: caches and published figures carry it.
pub const METER_VERSION: u32 = 2;
/// The import by which code asks for more: `(counter: i64, needed: i64) -> i64`, the counter to go on with.
pub const REFILL_MODULE: &str = RESERVED;
pub const REFILL_NAME: &str = "refill";
/// The import that traps as the operator `unreachable` does: `() -> ()`.
pub const TRAP_NAME: &str = "unreachable";
/// The export of the counter, a mutable i64.
pub const COUNTER_EXPORT: &str = RESERVED;
/// The counter of an instance whose code has not asked for anything yet. It suffices for nothing, so the first check
/// asks; code never writes a negative counter, so nothing else looks like it.
pub const NEVER_ASKED: i64 = i64::MIN;

/// As wasmparser's limits, which wasmtime holds modules to.
const MAX_ITEMS: usize = 1_000_000;
const MAX_FUNCTION_BYTES: usize = 7_654_321;
const MAX_BORDER_TYPES: usize = 1_000_000;
/// The module's own type, a function of two parameters and a result, one of none, and the counter.
const BORDER_TYPES: usize = 1 + 5 + 2 + 1;

/// A module that counts.
pub struct Metered {
    pub wasm: Vec<u8>,
    pub origins: Origins,
}

/// Makes a module count. An error says what is wrong with it, or what of it cannot be counted.
pub fn instrument(wasm: &[u8]) -> Result<Metered> {
    Validator::new_with_features(FEATURES).validate_all(wasm).map_err(invalid)?;
    let mut source = Source::read(wasm)?;
    let shapes = source.shapes()?;
    let folding = fold::decide(&source, &shapes)?;

    has_room("types", source.type_list.len(), 2)?;
    has_room("imports", source.imports.as_ref().map_or(0, |section| section.count as usize), IMPORTS as usize)?;
    has_room("functions", source.function_types.len(), IMPORTS as usize)?;
    has_room("globals", source.reference_globals.len(), 1)?;
    has_room("exports", source.exports.len(), 1)?;
    if source.border_types + BORDER_TYPES >= MAX_BORDER_TYPES {
        return Err(Error::Compilation(format!(
            "the types of the module's imports and exports have a size of {}, less than {MAX_BORDER_TYPES} is allowed \
             and the meter needs {BORDER_TYPES} of it: use fewer",
            source.border_types
        )));
    }
    // The format's other index spaces have nothing of the meter's in them.
    let mut layout = Layout {
        counter: source.reference_globals.len() as u32,
        refill: source.imported_functions,
        first_helper: source.function_types.len() as u32 + IMPORTS,
        helpers: Default::default(),
        first_type: source.type_list.len() as u32 + 2,
        block_types: Vec::new(),
    };
    let mut bodies = Vec::with_capacity(source.bodies.len());
    for (index, (body, shape)) in source.bodies.iter().zip(&shapes).enumerate() {
        let body = emit::function(&source, &mut layout, &folding, index as u32, body, shape)?;
        if body.bytes.len() > MAX_FUNCTION_BYTES {
            return Err(Error::Compilation(format!(
                "function {} would have {} bytes with its checks, {MAX_FUNCTION_BYTES} are allowed: use smaller functions",
                source.imported_functions as usize + index,
                body.bytes.len()
            )));
        }
        bodies.push(body);
    }
    Assembly::new(source, layout, bodies)?.write()
}

fn has_room(what: &str, found: usize, needed: usize) -> Result<()> {
    if found + needed <= MAX_ITEMS {
        return Ok(());
    }
    Err(Error::Compilation(format!(
        "the module has {found} {what}, {MAX_ITEMS} are allowed and the meter needs {needed} of them: use fewer"
    )))
}

/// The parts of the new module.
struct Assembly<'a> {
    source: Source<'a>,
    layout: Layout,
    bodies: Vec<Body>,
    /// Types behind those of the original, encoded.
    types: Vec<Vec<u8>>,
    trap_type: u32,
    /// The types of the helpers.
    helper_types: Vec<u32>,
    /// What the meter's functions are called, by ascending indices.
    helper_names: Vec<(u32, String)>,
}

impl<'a> Assembly<'a> {
    fn new(source: Source<'a>, layout: Layout, bodies: Vec<Body>) -> Result<Assembly<'a>> {
        let mut assembly = Assembly {
            types: Vec::new(),
            trap_type: 0,
            helper_types: Vec::new(),
            helper_names: vec![
                (layout.refill, format!("{RESERVED}.{REFILL_NAME}")),
                (layout.trap(), format!("{RESERVED}.{TRAP_NAME}")),
            ],
            source,
            layout,
            bodies,
        };
        assembly.add_type(&[ValType::I64, ValType::I64], &[ValType::I64]);
        let trap_type = assembly.add_type(&[], &[]);
        assembly.trap_type = trap_type;
        for results in std::mem::take(&mut assembly.layout.block_types) {
            let results: Option<Vec<ValType>> = results.iter().map(|ty| value_type(*ty)).collect();
            let results = results.ok_or_else(|| {
                Error::Compilation("a function's results are of a type that the meter does not know".into())
            })?;
            assembly.add_type(&[], &results);
        }
        let mut helpers: Vec<(Bulk, u32)> =
            assembly.layout.helpers.iter().map(|(bulk, index)| (*bulk, *index)).collect();
        helpers.sort_unstable_by_key(|(_, index)| *index);
        for (bulk, index) in helpers {
            let signature = bulk::signature(bulk, &assembly.source)?;
            let ty = assembly.add_type(&signature.params, &signature.results);
            assembly.helper_types.extend([ty, ty]);
            let (short, long) = bulk::bodies(bulk, &assembly.layout, index);
            assembly.bodies.extend([short, long]);
            assembly.helper_names.push((index, format!("{RESERVED}.{bulk:?}")));
            assembly.helper_names.push((index + 1, format!("{RESERVED}.{bulk:?} in pieces")));
        }
        has_room("types", assembly.source.type_list.len(), assembly.types.len())?;
        has_room("functions", assembly.source.function_types.len(), IMPORTS as usize + assembly.helper_types.len())?;
        Ok(assembly)
    }

    /// The index of a type behind those of the original.
    fn add_type(&mut self, params: &[ValType], results: &[ValType]) -> u32 {
        let mut bytes = vec![0x60];
        for list in [params, results] {
            (list.len() as u32).encode(&mut bytes);
            for ty in list {
                ty.encode(&mut bytes);
            }
        }
        let own = self.types.iter().position(|ty| *ty == bytes).unwrap_or_else(|| {
            self.types.push(bytes);
            self.types.len() - 1
        });
        self.source.type_list.len() as u32 + own as u32
    }

    fn write(self) -> Result<Metered> {
        let source = &self.source;
        let mut wasm = wasm_encoder::Module::HEADER.to_vec();
        self.extended(&mut wasm, SectionId::Type, &source.types, self.types.len(), &self.types.concat());

        let mut imports = Vec::new();
        for (name, ty) in [(REFILL_NAME, source.type_list.len() as u32), (TRAP_NAME, self.trap_type)] {
            REFILL_MODULE.encode(&mut imports);
            name.encode(&mut imports);
            imports.push(0);
            ty.encode(&mut imports);
        }
        self.extended(&mut wasm, SectionId::Import, &source.imports, IMPORTS as usize, &imports);

        let mut helpers = Vec::new();
        for ty in &self.helper_types {
            ty.encode(&mut helpers);
        }
        self.extended(&mut wasm, SectionId::Function, &source.functions, self.helper_types.len(), &helpers);
        self.extended(&mut wasm, SectionId::Table, &source.tables, 0, &[]);
        self.extended(&mut wasm, SectionId::Memory, &source.memories, 0, &[]);

        let mut global = Vec::new();
        GlobalType { val_type: ValType::I64, mutable: true, shared: false }.encode(&mut global);
        ConstExpr::i64_const(NEVER_ASKED).encode(&mut global);
        self.extended(&mut wasm, SectionId::Global, &source.globals, 1, &global);

        self.exports(&mut wasm);
        if let Some(start) = source.start {
            let mut bytes = Vec::new();
            self.layout.function(start).encode(&mut bytes);
            append(&mut wasm, SectionId::Start, &bytes);
        }
        self.extended(&mut wasm, SectionId::Element, &source.elements, 0, &[]);
        if let Some(count) = source.data_count {
            let mut bytes = Vec::new();
            count.encode(&mut bytes);
            append(&mut wasm, SectionId::DataCount, &bytes);
        }
        self.hints(&mut wasm);
        let places = self.code(&mut wasm);
        self.extended(&mut wasm, SectionId::Data, &source.data, 0, &[]);
        self.custom(&mut wasm);
        let origins = Origins::new(self.layout.refill, source.function_types.len() as u32, places);
        Ok(Metered { wasm, origins })
    }

    /// A section of the original, with `more` items behind its own.
    fn extended(&self, wasm: &mut Vec<u8>, id: SectionId, section: &Option<Section>, more: usize, items: &[u8]) {
        let mut bytes = Vec::new();
        match section {
            None if more == 0 => return,
            None => (more as u32).encode(&mut bytes),
            Some(section) => {
                (section.count + more as u32).encode(&mut bytes);
                let mut copied = section.items;
                for mention in &section.mentions {
                    bytes.extend_from_slice(self.original(copied..mention.at.start));
                    encode_padded(&mut bytes, self.layout.function(mention.function), mention.at.len());
                    copied = mention.at.end;
                }
                bytes.extend_from_slice(self.original(copied..section.range.end));
            }
        }
        bytes.extend_from_slice(items);
        append(wasm, id, &bytes);
    }

    fn original(&self, range: Range<usize>) -> &[u8] {
        self.source.wasm.get(range).unwrap_or_default()
    }

    fn exports(&self, wasm: &mut Vec<u8>) {
        let mut bytes = Vec::new();
        (self.source.exports.len() as u32 + 1).encode(&mut bytes);
        for export in &self.source.exports {
            let (kind, index) = match export.kind {
                ExternalKind::Func | ExternalKind::FuncExact => (ExportKind::Func, self.layout.function(export.index)),
                ExternalKind::Table => (ExportKind::Table, export.index),
                ExternalKind::Memory => (ExportKind::Memory, export.index),
                ExternalKind::Global => (ExportKind::Global, export.index),
                ExternalKind::Tag => (ExportKind::Tag, export.index),
            };
            export.name.encode(&mut bytes);
            kind.encode(&mut bytes);
            index.encode(&mut bytes);
        }
        COUNTER_EXPORT.encode(&mut bytes);
        ExportKind::Global.encode(&mut bytes);
        self.layout.counter.encode(&mut bytes);
        append(wasm, SectionId::Export, &bytes);
    }

    /// Which branches are hardly ever taken. Hints of the original are left out: they name places that have moved.
    fn hints(&self, wasm: &mut Vec<u8>) {
        let mut hints = BranchHints::new();
        for (index, body) in self.bodies.iter().enumerate().filter(|(_, body)| !body.unlikely.is_empty()) {
            let branches = body.unlikely.iter().map(|at| BranchHint { branch_func_offset: *at, branch_hint_value: 0 });
            hints.function_hints(self.layout.refill + IMPORTS + index as u32, branches);
        }
        if !hints.is_empty() {
            hints.append_to(wasm);
        }
    }

    /// The code, and where in the new module code of the original begins again.
    fn code(&self, wasm: &mut Vec<u8>) -> Vec<(u32, u32)> {
        if self.bodies.is_empty() {
            return Vec::new();
        }
        let mut bytes = Vec::new();
        let mut places = Vec::new();
        (self.bodies.len() as u32).encode(&mut bytes);
        for body in &self.bodies {
            body.bytes.encode(&mut bytes);
            let begin = (bytes.len() - body.bytes.len()) as u32;
            places.extend(body.positions.iter().map(|(new, old)| (begin + new, *old)));
        }
        append(wasm, SectionId::Code, &bytes);
        let begin = (wasm.len() - bytes.len()) as u32;
        for place in &mut places {
            place.0 += begin;
        }
        places
    }

    /// Names keep what they name. Debug sections are left out: they count places in the original's code, and that is
    /// where `Origins` leads.
    fn custom(&self, wasm: &mut Vec<u8>) {
        for (name, data, offset) in &self.source.custom {
            match *name {
                "name" => {
                    let moved = |index| self.layout.function(index);
                    if let Some(section) = names::renamed(data, *offset, moved, &self.helper_names) {
                        section.append_to(wasm);
                    }
                }
                name if name.starts_with(".debug_") || name.starts_with("metadata.code.") => {}
                name => CustomSection { name: name.into(), data: (*data).into() }.append_to(wasm),
            }
        }
    }
}

fn append(wasm: &mut Vec<u8>, id: SectionId, data: &[u8]) {
    RawSection { id: id.into(), data }.append_to(wasm);
}
