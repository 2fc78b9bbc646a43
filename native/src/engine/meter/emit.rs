//! A function's code with its checks in it.

use std::collections::BTreeMap;

use wasm_encoder::{BlockType, Encode, Instruction};
use wasmparser::{FunctionBody, Operator, ValType};

use super::cost::{Bulk, Operators, Shape, Sum, invalid};
use super::fold::Folding;
use super::source::Source;
use crate::engine::error::{Error, Result};

/// Functions with loops and at most so many bytes keep the counter in a local. In larger ones it would be one more value
/// that is alive everywhere, which costs more than it saves.
const MAX_LOCAL_COUNTER_BYTES: usize = 4_000;
/// A function that has so many locals gets none from the meter.
const MAX_LOCALS: u32 = 49_000;

/// The functions that the meter imports: the refill, and the one that traps.
pub const IMPORTS: u32 = 2;

/// A function's new body, without its length.
#[derive(Default)]
pub struct Body {
    pub bytes: Vec<u8>,
    /// Where in it the branches stand that are hardly ever taken.
    pub unlikely: Vec<u32>,
    /// Where code of the original begins again: the place in `bytes` and the place in the original module.
    pub positions: Vec<(u32, u32)>,
}

/// Where the meter's own things are in the new module, and what the code so far asks for.
pub struct Layout {
    /// The counter's index among the globals.
    pub counter: u32,
    /// The index of the first imported function; functions from it on have moved by [`IMPORTS`].
    pub refill: u32,
    /// The first function behind those of the original.
    pub first_helper: u32,
    /// Functions that do bulk operations, in the order of their indices.
    pub helpers: BTreeMap<Bulk, u32>,
    /// The first type behind those of the original, and the types that follow, without parameters.
    pub first_type: u32,
    pub block_types: Vec<Vec<ValType>>,
}

impl Layout {
    pub fn function(&self, index: u32) -> u32 {
        if index >= self.refill { index + IMPORTS } else { index }
    }

    /// The imported function that traps.
    pub fn trap(&self) -> u32 {
        self.refill + 1
    }

    fn helper(&mut self, bulk: Bulk) -> u32 {
        // Each has a second function behind it, for what takes long.
        let next = self.first_helper + 2 * self.helpers.len() as u32;
        *self.helpers.entry(bulk).or_insert(next)
    }

    fn block_type(&mut self, results: &[ValType], source: &Source<'_>) -> BlockType {
        match results {
            [] => return BlockType::Empty,
            [one] => {
                if let Some(ty) = value_type(*one) {
                    return BlockType::Result(ty);
                }
            }
            _ => {}
        }
        let known = source.type_list.iter().position(|ty| ty.params().is_empty() && ty.results() == results);
        let index = known.unwrap_or_else(|| {
            let own = self.block_types.iter().position(|ty| ty == results).unwrap_or_else(|| {
                self.block_types.push(results.to_vec());
                self.block_types.len() - 1
            });
            self.first_type as usize + own
        });
        BlockType::FunctionType(index as u32)
    }
}

pub fn value_type(ty: ValType) -> Option<wasm_encoder::ValType> {
    Some(match ty {
        ValType::I32 => wasm_encoder::ValType::I32,
        ValType::I64 => wasm_encoder::ValType::I64,
        ValType::F32 => wasm_encoder::ValType::F32,
        ValType::F64 => wasm_encoder::ValType::F64,
        ValType::V128 => wasm_encoder::ValType::V128,
        ValType::Ref(ty) if ty == wasmparser::RefType::FUNCREF => wasm_encoder::ValType::FUNCREF,
        ValType::Ref(ty) if ty == wasmparser::RefType::EXTERNREF => wasm_encoder::ValType::EXTERNREF,
        ValType::Ref(_) => return None,
    })
}

/// Writes one function.
struct Writer<'a, 'm> {
    source: &'a Source<'m>,
    layout: &'a mut Layout,
    folding: &'a Folding,
    body: Body,
    /// The local that holds the counter.
    local: Option<u32>,
    /// How far the original has been copied.
    copied: usize,
}

pub fn function(
    source: &Source<'_>,
    layout: &mut Layout,
    folding: &Folding,
    index: u32,
    body: &FunctionBody<'_>,
    shape: &Shape,
) -> Result<Body> {
    let mut writer = Writer { source, layout, folding, body: Body::default(), local: None, copied: 0 };
    let own = source.imported_functions + index;
    let folded = folding.is_folded(own);
    let start = body.range().start;
    let code = body.get_operators_reader().map_err(invalid)?.original_position();
    let locals = count_locals(body)?;
    let params = source.function_type(own).map_or(0, |ty| ty.params().len() as u32);
    let fits = body.range().len() <= MAX_LOCAL_COUNTER_BYTES && locals.saturating_add(params) <= MAX_LOCALS;
    if !folded && !shape.loops.is_empty() && fits {
        writer.local = Some(params + locals);
    }
    writer.locals(start, code)?;
    writer.copied = code;
    writer.mark(code);
    if folded {
        return writer.code(body, &[], false);
    }
    let regions = Sum::of(body, &shape.loops, folding)?;
    if let Some(local) = writer.local {
        writer.put(&Instruction::GlobalGet(writer.layout.counter));
        writer.put(&Instruction::LocalSet(local));
    }
    writer.check(regions.entry);
    let wrapped = writer.local.is_some() && shape.leaves_by_branch;
    if wrapped {
        let results = source.function_type(own).map_or(&[][..], |ty| ty.results());
        let ty = writer.layout.block_type(results, source);
        writer.put(&Instruction::Block(ty));
    }
    writer.mark(code);
    writer.code(body, &regions.checks, wrapped)
}

fn count_locals(body: &FunctionBody<'_>) -> Result<u32> {
    let mut count = 0u32;
    for group in body.get_locals_reader().map_err(invalid)? {
        count = count.saturating_add(group.map_err(invalid)?.0);
    }
    Ok(count)
}

impl Writer<'_, '_> {
    fn put(&mut self, instruction: &Instruction<'_>) {
        instruction.encode(&mut self.body.bytes);
    }

    /// From here on the code is that of the original at `old`.
    fn mark(&mut self, old: usize) {
        self.body.positions.push((self.body.bytes.len() as u32, old as u32));
    }

    /// Copies the original up to there.
    fn copy_to(&mut self, end: usize) {
        let bytes = self.source.wasm.get(self.copied..end).unwrap_or_default();
        self.body.bytes.extend_from_slice(bytes);
        self.copied = end;
    }

    fn locals(&mut self, start: usize, code: usize) -> Result<()> {
        let declared = self.source.wasm.get(start..code).unwrap_or_default();
        let Some(own) = self.local else {
            self.body.bytes.extend_from_slice(declared);
            return Ok(());
        };
        debug_assert!(own <= MAX_LOCALS);
        let (groups, length) = read_leb(declared)
            .ok_or_else(|| Error::Internal("a function's locals changed while they were read".into()))?;
        (groups + 1).encode(&mut self.body.bytes);
        self.body.bytes.extend_from_slice(&declared[length..]);
        1u32.encode(&mut self.body.bytes);
        wasm_encoder::ValType::I64.encode(&mut self.body.bytes);
        Ok(())
    }

    fn get_counter(&mut self) {
        match self.local {
            Some(local) => self.put(&Instruction::LocalGet(local)),
            None => self.put(&Instruction::GlobalGet(self.layout.counter)),
        }
    }

    fn set_counter(&mut self) {
        match self.local {
            Some(local) => self.put(&Instruction::LocalSet(local)),
            None => self.put(&Instruction::GlobalSet(self.layout.counter)),
        }
    }

    /// Takes units from the counter, after asking the host for more when there are too few.
    fn check(&mut self, units: u64) {
        let units = Instruction::I64Const(i64::try_from(units).unwrap_or(i64::MAX));
        self.get_counter();
        self.put(&units);
        self.put(&Instruction::I64LtS);
        self.body.unlikely.push(self.body.bytes.len() as u32);
        self.put(&Instruction::If(BlockType::Empty));
        self.get_counter();
        self.put(&units);
        self.put(&Instruction::Call(self.layout.refill));
        self.set_counter();
        self.put(&Instruction::End);
        self.get_counter();
        self.put(&units);
        self.put(&Instruction::I64Sub);
        self.set_counter();
    }

    /// Before other code may look at the counter.
    fn give_back(&mut self) {
        if let Some(local) = self.local {
            self.put(&Instruction::LocalGet(local));
            self.put(&Instruction::GlobalSet(self.layout.counter));
        }
    }

    fn take_again(&mut self) {
        if let Some(local) = self.local {
            self.put(&Instruction::GlobalGet(self.layout.counter));
            self.put(&Instruction::LocalSet(local));
        }
    }

    fn code(mut self, body: &FunctionBody<'_>, checks: &[super::cost::Check], wrapped: bool) -> Result<Body> {
        let mut checks = checks.iter().peekable();
        let mut operators = Operators::new(body)?;
        let (mut at, mut depth) = (0, 0u32);
        // Whether a call that comes back is the way to the operator: most `unreachable` stand behind one that does not.
        let mut behind_call = false;
        while let Some(item) = operators.read()? {
            // A loop that only leads into others pays there.
            let check = checks.next_if(|check| check.at == at).filter(|check| check.units > 0);
            at += 1;
            let is_loop = matches!(item.op, Operator::Loop { .. });
            if let (Some(check), false) = (check, is_loop) {
                self.copy_to(item.start);
                self.mark(item.start);
                self.check(check.units);
                self.mark(item.start);
            }
            match item.op {
                Operator::Loop { .. } => {
                    depth += 1;
                    if let Some(check) = check {
                        self.copy_to(item.end);
                        self.mark(item.end);
                        self.check(check.units);
                        self.mark(item.end);
                    }
                }
                Operator::Block { .. } | Operator::If { .. } => depth += 1,
                Operator::End => match depth.checked_sub(1) {
                    Some(outer) => depth = outer,
                    None => self.finish(item.start, wrapped),
                },
                Operator::Return => self.store_before(item.start),
                Operator::Unreachable if !behind_call => self.trap_before(item.start),
                Operator::Call { function_index } => {
                    let touches = self.folding.call_touches(function_index);
                    self.around(item.start, item.end, touches, |w| w.renumbered(item.start, item.end, function_index));
                }
                Operator::CallIndirect { type_index, .. } => {
                    let touches = self.folding.indirect_touches(type_index);
                    self.around(item.start, item.end, touches, |w| w.copy_to(item.end));
                }
                Operator::ReturnCall { function_index } => {
                    self.store_before(item.start);
                    self.renumbered(item.start, item.end, function_index);
                }
                Operator::ReturnCallIndirect { .. } => self.store_before(item.start),
                Operator::RefFunc { function_index } => self.renumbered(item.start, item.end, function_index),
                _ => {}
            }
            behind_call = matches!(item.op, Operator::Call { .. } | Operator::CallIndirect { .. });
            if let Some(bulk) = item.bulk {
                let helper = self.layout.helper(bulk);
                self.around(item.start, item.end, true, |w| {
                    w.put(&Instruction::Call(helper));
                    w.copied = item.end;
                    w.mark(item.end);
                });
            }
        }
        self.copy_to(body.range().end);
        Ok(self.body)
    }

    /// The function's last `end`.
    fn finish(&mut self, start: usize, wrapped: bool) {
        if self.local.is_none() {
            return;
        }
        self.copy_to(start);
        self.mark(start);
        if wrapped {
            self.put(&Instruction::End);
        }
        self.give_back();
        self.mark(start);
    }

    fn store_before(&mut self, start: usize) {
        if self.local.is_some() {
            self.copy_to(start);
            self.mark(start);
            self.give_back();
            self.mark(start);
        }
    }

    /// The host traps in place of the operator, which stays for what the code is valid by: a signal would cost microseconds.
    fn trap_before(&mut self, start: usize) {
        self.store_before(start);
        self.copy_to(start);
        self.mark(start);
        self.put(&Instruction::Call(self.layout.trap()));
        self.mark(start);
    }

    /// An operator during which the counter may change, if `touches`.
    fn around(&mut self, start: usize, end: usize, touches: bool, operator: impl FnOnce(&mut Self)) {
        let moves = touches && self.local.is_some();
        self.copy_to(start);
        if moves {
            self.store_before(start);
        }
        operator(self);
        if moves {
            self.mark(end);
            self.take_again();
            self.mark(end);
        }
    }

    /// An operator of one byte and a function's index.
    fn renumbered(&mut self, start: usize, end: usize, function: u32) {
        self.copy_to(start + 1);
        let width = end - start - 1;
        let written = encode_padded(&mut self.body.bytes, self.layout.function(function), width);
        self.copied = end;
        if written != width {
            self.mark(end);
        }
    }
}

/// A number and how many bytes it takes.
pub fn read_leb(bytes: &[u8]) -> Option<(u32, usize)> {
    let mut value = 0u64;
    for (i, byte) in bytes.iter().enumerate().take(5) {
        value |= u64::from(byte & 0x7f) << (7 * i);
        if byte & 0x80 == 0 {
            return Some((u32::try_from(value).ok()?, i + 1));
        }
    }
    None
}

/// Writes a number in `width` bytes if it fits, so that what follows keeps its distance; in more otherwise.
pub fn encode_padded(into: &mut Vec<u8>, value: u32, width: usize) -> usize {
    let begin = into.len();
    value.encode(into);
    let least = into.len() - begin;
    if least < width && width <= 5 {
        if let Some(last) = into.last_mut() {
            *last |= 0x80;
        }
        into.resize(begin + width - 1, 0x80);
        into.push(0);
    }
    into.len() - begin
}
