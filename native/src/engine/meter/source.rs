//! A module as the pass sees it: its sections where they lie in the bytes, and what its functions look like.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use wasmparser::{
    ConstExpr, ElementItems, Export, ExternalKind, FuncType, FunctionBody, Operator, Parser, Payload, TableInit,
    TypeRef, ValType,
};

use super::cost::{Shape, invalid};
use super::names;
use crate::engine::error::{Error, Result};

/// The module that the meter's own import belongs to, and what the names of its own things begin with.
pub const RESERVED: &str = "sluice:meter";

/// Where a function is named by its index, outside of code.
pub struct Mention {
    pub at: Range<usize>,
    pub function: u32,
}

/// A section that is copied, all but the indices of functions in it.
#[derive(Default)]
pub struct Section {
    /// Its bytes, the count of its items first.
    pub range: Range<usize>,
    /// How many items it has, and where the first begins.
    pub count: u32,
    pub items: usize,
    pub mentions: Vec<Mention>,
}

#[derive(Default)]
pub struct Source<'a> {
    pub wasm: &'a [u8],
    pub types: Option<Section>,
    pub imports: Option<Section>,
    pub functions: Option<Section>,
    pub tables: Option<Section>,
    pub memories: Option<Section>,
    pub globals: Option<Section>,
    pub exports: Vec<Export<'a>>,
    pub start: Option<u32>,
    pub elements: Option<Section>,
    pub data_count: Option<u32>,
    pub data: Option<Section>,
    pub bodies: Vec<FunctionBody<'a>>,
    pub custom: Vec<(&'a str, &'a [u8], usize)>,

    /// The type of each function, imported ones first.
    pub function_types: Vec<u32>,
    pub imported_functions: u32,
    /// For each global whether it holds a reference.
    pub reference_globals: Vec<bool>,
    /// The types of functions, each as the first type that is equal to it.
    pub equal_types: Vec<u32>,
    pub type_list: Vec<FuncType>,
    pub table_types: Vec<ValType>,
    /// Functions that a table may hold or a reference name, ascending.
    pub escaping: Vec<u32>,
    /// Whether references of functions may go to other modules or to the host.
    pub shares_references: bool,
    /// The size of the types of all imports and exports, as the validator counts it.
    pub border_types: usize,
}

impl<'a> Source<'a> {
    /// Reads a module that has been validated.
    pub fn read(wasm: &'a [u8]) -> Result<Source<'a>> {
        let mut source = Source { wasm, ..Source::default() };
        let mut escaping = BTreeSet::new();
        for payload in Parser::new(0).parse_all(wasm) {
            source.payload(payload.map_err(invalid)?, &mut escaping)?;
        }
        source.escaping = escaping.into_iter().collect();
        Ok(source)
    }

    fn payload(&mut self, payload: Payload<'a>, escaping: &mut BTreeSet<u32>) -> Result<()> {
        match payload {
            Payload::TypeSection(section) => {
                self.types = Some(self.section(section.range(), section.count()));
                let mut known = BTreeMap::new();
                for ty in section.into_iter_err_on_gc_types() {
                    let ty = ty.map_err(invalid)?;
                    let index = self.type_list.len() as u32;
                    let key = (ty.params().to_vec(), ty.results().to_vec());
                    self.equal_types.push(*known.entry(key).or_insert(index));
                    self.type_list.push(ty);
                }
            }
            Payload::ImportSection(section) => {
                self.imports = Some(self.section(section.range(), section.count()));
                for import in section.into_imports() {
                    let import = import.map_err(invalid)?;
                    if import.module == RESERVED {
                        return Err(reserved("imports", &format!("{}.{}", import.module, import.name)));
                    }
                    self.border_types += 1;
                    match import.ty {
                        TypeRef::Func(ty) => {
                            self.imported_functions += 1;
                            self.function_types.push(ty);
                            self.note_border_type(ty);
                            self.border_types += self.type_size(ty) - 1;
                        }
                        TypeRef::Table(ty) => {
                            self.table_types.push(ValType::Ref(ty.element_type));
                            self.shares_references = true;
                        }
                        TypeRef::Global(ty) => {
                            self.reference_globals.push(ty.content_type.is_reference_type());
                            self.shares_references |= ty.content_type.is_reference_type();
                        }
                        _ => {}
                    }
                }
            }
            Payload::FunctionSection(section) => {
                self.functions = Some(self.section(section.range(), section.count()));
                for ty in section {
                    self.function_types.push(ty.map_err(invalid)?);
                }
            }
            Payload::TableSection(section) => {
                let mut copied = self.section(section.range(), section.count());
                for table in section {
                    let table = table.map_err(invalid)?;
                    self.table_types.push(ValType::Ref(table.ty.element_type));
                    if let TableInit::Expr(expr) = &table.init {
                        mentions(expr, &mut copied.mentions)?;
                    }
                }
                self.tables = Some(note(copied, escaping));
            }
            Payload::MemorySection(section) => {
                self.memories = Some(self.section(section.range(), section.count()));
            }
            Payload::GlobalSection(section) => {
                let mut copied = self.section(section.range(), section.count());
                for global in section {
                    let global = global.map_err(invalid)?;
                    self.reference_globals.push(global.ty.content_type.is_reference_type());
                    mentions(&global.init_expr, &mut copied.mentions)?;
                }
                self.globals = Some(note(copied, escaping));
            }
            Payload::ExportSection(section) => {
                for export in section {
                    let export = export.map_err(invalid)?;
                    if export.name.starts_with(RESERVED) {
                        return Err(reserved("exports", export.name));
                    }
                    self.exports.push(export);
                }
            }
            Payload::StartSection { func, .. } => self.start = Some(func),
            Payload::ElementSection(section) => {
                let mut copied = self.section(section.range(), section.count());
                for element in section {
                    let element = element.map_err(invalid)?;
                    if let wasmparser::ElementKind::Active { offset_expr, .. } = &element.kind {
                        mentions(offset_expr, &mut copied.mentions)?;
                    }
                    match element.items {
                        ElementItems::Functions(functions) => {
                            let mut before: Option<(usize, u32)> = None;
                            let end = functions.range().end;
                            for item in functions.into_iter_with_offsets() {
                                let (at, function) = item.map_err(invalid)?;
                                push_listed(&mut copied.mentions, before, at);
                                before = Some((at, function));
                            }
                            push_listed(&mut copied.mentions, before, end);
                        }
                        ElementItems::Expressions(_, expressions) => {
                            for expression in expressions {
                                mentions(&expression.map_err(invalid)?, &mut copied.mentions)?;
                            }
                        }
                    }
                }
                self.elements = Some(note(copied, escaping));
            }
            Payload::DataCountSection { count, .. } => self.data_count = Some(count),
            Payload::DataSection(section) => self.data = Some(self.section(section.range(), section.count())),
            Payload::CodeSectionEntry(body) => self.bodies.push(body),
            Payload::CustomSection(section) => {
                if section.name() == "name" {
                    names::check_reserved(section.data(), section.data_offset())?;
                }
                self.custom.push((section.name(), section.data(), section.data_offset()));
            }
            _ => {}
        }
        Ok(())
    }

    fn section(&self, range: Range<usize>, count: u32) -> Section {
        let bytes = self.wasm.get(range.clone()).unwrap_or_default();
        let length = bytes.iter().position(|byte| byte & 0x80 == 0).map_or(0, |last| last + 1);
        Section { items: range.start + length, range, count, mentions: Vec::new() }
    }

    fn type_size(&self, ty: u32) -> usize {
        2 + self.type_list.get(ty as usize).map_or(0, |ty| ty.params().len() + ty.results().len())
    }

    /// A function of this type is imported or exported: do references of functions pass through it?
    fn note_border_type(&mut self, ty: u32) {
        if let Some(ty) = self.type_list.get(ty as usize) {
            self.shares_references |= ty.params().iter().chain(ty.results()).any(|value| value.is_reference_type());
        }
    }

    /// Looks at every function, and at what the exports give away.
    pub fn shapes(&mut self) -> Result<Vec<Shape>> {
        let exports: Vec<(ExternalKind, u32)> = self.exports.iter().map(|e| (e.kind, e.index)).collect();
        for (kind, index) in exports {
            self.border_types += 1;
            match kind {
                ExternalKind::Func | ExternalKind::FuncExact => {
                    if let Some(ty) = self.function_types.get(index as usize).copied() {
                        self.note_border_type(ty);
                        self.border_types += self.type_size(ty) - 1;
                    }
                }
                ExternalKind::Table => self.shares_references = true,
                ExternalKind::Global => {
                    self.shares_references |= self.reference_globals.get(index as usize).is_some_and(|holds| *holds);
                }
                _ => {}
            }
        }
        let shapes: Vec<Shape> = self.bodies.iter().map(Shape::of).collect::<Result<_>>()?;
        let mut escaping: BTreeSet<u32> = self.escaping.iter().copied().collect();
        escaping.extend(shapes.iter().flat_map(|shape| shape.references.iter().copied()));
        self.escaping = escaping.into_iter().collect();
        Ok(shapes)
    }

    pub fn function_type(&self, function: u32) -> Option<&FuncType> {
        self.type_list.get(*self.function_types.get(function as usize)? as usize)
    }
}

fn push_listed(mentions: &mut Vec<Mention>, before: Option<(usize, u32)>, end: usize) {
    if let Some((at, function)) = before {
        mentions.push(Mention { at: at..end, function });
    }
}

/// The functions that a constant expression names.
fn mentions(expression: &ConstExpr<'_>, into: &mut Vec<Mention>) -> Result<()> {
    let mut reader = expression.get_operators_reader();
    while !reader.eof() {
        let (op, start) = reader.read_with_offset().map_err(invalid)?;
        if let Operator::RefFunc { function_index } = op {
            into.push(Mention { at: start + 1..reader.original_position(), function: function_index });
        }
    }
    Ok(())
}

fn note(section: Section, escaping: &mut BTreeSet<u32>) -> Section {
    escaping.extend(section.mentions.iter().map(|mention| mention.function));
    section
}

pub fn reserved(what: &str, name: &str) -> Error {
    Error::Compilation(format!(
        "the module {what} {name}: names that begin with {RESERVED} belong to the meter, rename it"
    ))
}
