//! A module as the writer of snapshots sees it, and why it can have none.

use std::ops::Range;

use wasmparser::{
    DataKind, Export, ExternalKind, FunctionBody, GlobalType, MemoryType, Operator, Parser, Payload, TypeRef, ValType,
};

/// What the names of the snapshot's own exports begin with. A guest cannot export them.
pub const RESERVED: &str = "sluice:snapshot";

/// A global that the module defines.
pub struct Global {
    pub ty: GlobalType,
    /// Its type and its initial value.
    pub bytes: Range<usize>,
}

/// A section as it lies in the bytes.
pub struct Section {
    pub id: u8,
    pub content: Range<usize>,
}

pub struct Source<'a> {
    pub wasm: &'a [u8],
    pub sections: Vec<Section>,
    pub memory: MemoryType,
    pub imported_globals: u32,
    pub globals: Vec<Global>,
    pub exports: Vec<Export<'a>>,
    /// A function that instantiation calls.
    pub has_start_section: bool,
    /// The data segments in order: a passive one as it is encoded, `None` for one that instantiation copies.
    pub segments: Vec<Option<Range<usize>>>,
}

/// Why a module cannot be snapshotted.
pub type Reason = String;

impl<'a> Source<'a> {
    /// Reads a module that has been validated.
    pub fn read(wasm: &'a [u8]) -> Result<Source<'a>, Reason> {
        let mut reader = Reader {
            source: Source {
                wasm,
                sections: Vec::new(),
                memory: MemoryType { memory64: false, shared: false, initial: 0, maximum: None, page_size_log2: None },
                imported_globals: 0,
                globals: Vec::new(),
                exports: Vec::new(),
                has_start_section: false,
                segments: Vec::new(),
            },
            memories: 0,
            functions: 0,
        };
        for payload in Parser::new(0).parse_all(wasm) {
            reader.payload(payload.map_err(|error| format!("the module cannot be read: {error}"))?)?;
        }
        if reader.memories != 1 {
            return Err(format!(
                "the module has {} memories of its own, a snapshot is of exactly one",
                reader.memories
            ));
        }
        Ok(reader.source)
    }

    /// The mutable globals that the module defines, by their indices. All of them hold numbers.
    pub fn mutable(&self) -> impl Iterator<Item = (u32, &Global)> {
        (self.imported_globals..).zip(&self.globals).filter(|(_, global)| global.ty.mutable)
    }

    /// The index of the global that is exported under this name.
    pub fn exported_global(&self, name: &str) -> Option<u32> {
        let found = self.exports.iter().find(|export| export.name == name && export.kind == ExternalKind::Global);
        found.map(|export| export.index)
    }

    pub fn bytes(&self, range: &Range<usize>) -> &'a [u8] {
        self.wasm.get(range.clone()).unwrap_or_default()
    }
}

struct Reader<'a> {
    source: Source<'a>,
    memories: usize,
    /// Functions seen so far, imported ones among them.
    functions: u32,
}

fn broken(error: wasmparser::BinaryReaderError) -> Reason {
    format!("the module cannot be read: {error}")
}

impl<'a> Reader<'a> {
    fn payload(&mut self, payload: Payload<'a>) -> Result<(), Reason> {
        if let Some((id, content)) = payload.as_section() {
            self.source.sections.push(Section { id, content });
        }
        let source = &mut self.source;
        match payload {
            Payload::ImportSection(section) => {
                for import in section.into_imports() {
                    let import = import.map_err(broken)?;
                    let what = match import.ty {
                        TypeRef::Func(_) => {
                            self.functions += 1;
                            continue;
                        }
                        TypeRef::Global(ty) if !ty.mutable => {
                            source.imported_globals += 1;
                            continue;
                        }
                        TypeRef::Global(_) => "mutable global",
                        TypeRef::Memory(_) => "memory",
                        TypeRef::Table(_) => "table",
                        _ => "item",
                    };
                    return Err(format!("the module imports the {what} {}.{}", import.module, import.name));
                }
            }
            Payload::MemorySection(section) => {
                for memory in section {
                    source.memory = memory.map_err(broken)?;
                    self.memories += 1;
                }
            }
            Payload::GlobalSection(section) => {
                let end = section.range().end;
                for global in section.into_iter_with_offsets() {
                    let (at, global) = global.map_err(broken)?;
                    if let Some(last) = source.globals.last_mut() {
                        last.bytes.end = at;
                    }
                    if global.ty.mutable && matches!(global.ty.content_type, ValType::Ref(_)) {
                        let index = source.imported_globals as usize + source.globals.len();
                        return Err(format!("the module keeps a reference in a global (global {index})"));
                    }
                    source.globals.push(Global { ty: global.ty, bytes: at..end });
                }
            }
            Payload::ExportSection(section) => {
                for export in section {
                    let export = export.map_err(broken)?;
                    if export.name.starts_with(RESERVED) {
                        return Err(format!("the module exports {}, a name that is reserved", export.name));
                    }
                    source.exports.push(export);
                }
            }
            Payload::StartSection { .. } => source.has_start_section = true,
            Payload::DataSection(section) => {
                for data in section {
                    let data = data.map_err(broken)?;
                    source.segments.push(match data.kind {
                        DataKind::Passive => Some(data.range),
                        DataKind::Active { .. } => None,
                    });
                }
            }
            Payload::CodeSectionEntry(body) => self.code(&body)?,
            _ => {}
        }
        Ok(())
    }

    /// Looks for code that changes what cannot be seen from outside: tables, and which segments are still there.
    fn code(&mut self, body: &FunctionBody<'_>) -> Result<(), Reason> {
        let mut operators = body.get_operators_reader().map_err(broken)?;
        while !operators.eof() {
            let name = match operators.read().map_err(broken)? {
                Operator::TableSet { .. } => "table.set",
                Operator::TableGrow { .. } => "table.grow",
                Operator::TableFill { .. } => "table.fill",
                Operator::TableCopy { .. } => "table.copy",
                Operator::TableInit { .. } => "table.init",
                Operator::ElemDrop { .. } => "elem.drop",
                Operator::DataDrop { .. } => "data.drop",
                _ => continue,
            };
            let index = self.functions;
            return Err(format!("the module uses {name} (in function {index}), whose effect a snapshot cannot see"));
        }
        self.functions += 1;
        Ok(())
    }
}
