//! Functions that stand in for bulk operations: they charge for the size, and look at the clock between pieces of it.
//!
//! A bulk operation checks its bounds before it writes anything, and so do the pieces of one: an operation of size 0 at
//! its end traps exactly when the whole would.

use wasm_encoder::{BlockType, Function, Instruction, ValType};

use super::cost::Bulk;
use super::emit::{Body, Layout, value_type};
use super::source::Source;
use crate::engine::error::{Error, Result};

/// Bytes of memory between two looks at the clock: some 10 to 50 microseconds, pages touched for the first time included.
const MEMORY_PIECE: i32 = 64 << 10;
/// Elements of a table between two looks at the clock.
const TABLE_PIECE: i32 = 4 << 10;

/// Parameters and results of a helper.
pub struct Signature {
    pub params: Vec<ValType>,
    pub results: Vec<ValType>,
}

pub fn signature(bulk: Bulk, source: &Source<'_>) -> Result<Signature> {
    let element = |table: u32| {
        source.table_types.get(table as usize).and_then(|ty| value_type(*ty)).ok_or_else(|| {
            Error::Compilation(format!("the meter cannot count work on table {table}: its elements' type is unknown"))
        })
    };
    let i32 = ValType::I32;
    Ok(match bulk {
        Bulk::TableGrow { table } => Signature { params: vec![element(table)?, i32], results: vec![i32] },
        Bulk::TableFill { table } => Signature { params: vec![i32, element(table)?, i32], results: vec![] },
        _ => Signature { params: vec![i32, i32, i32], results: vec![] },
    })
}

fn instruction(bulk: Bulk) -> Instruction<'static> {
    match bulk {
        Bulk::MemoryFill { memory } => Instruction::MemoryFill(memory),
        Bulk::MemoryCopy { to, from } => Instruction::MemoryCopy { src_mem: from, dst_mem: to },
        Bulk::MemoryInit { memory, segment } => Instruction::MemoryInit { mem: memory, data_index: segment },
        Bulk::TableFill { table } => Instruction::TableFill(table),
        Bulk::TableCopy { to, from } => Instruction::TableCopy { src_table: from, dst_table: to },
        Bulk::TableInit { table, segment } => Instruction::TableInit { elem_index: segment, table },
        Bulk::TableGrow { table } => Instruction::TableGrow(table),
    }
}

fn piece(bulk: Bulk) -> i32 {
    match bulk {
        Bulk::MemoryFill { .. } | Bulk::MemoryCopy { .. } | Bulk::MemoryInit { .. } => MEMORY_PIECE,
        _ => TABLE_PIECE,
    }
}

/// Whether the second operand is a place that moves along with the first.
fn has_source(bulk: Bulk) -> bool {
    !matches!(bulk, Bulk::MemoryFill { .. } | Bulk::TableFill { .. })
}

struct Writer<'a> {
    function: Function,
    layout: &'a Layout,
    unlikely: Vec<u32>,
}

impl Writer<'_> {
    fn put(&mut self, instruction: Instruction<'_>) {
        self.function.instruction(&instruction);
    }

    fn all(&mut self, instructions: &[Instruction<'_>]) {
        for instruction in instructions {
            self.function.instruction(instruction);
        }
    }

    fn unlikely_if(&mut self) {
        self.unlikely.push(self.function.byte_len() as u32);
        self.put(Instruction::If(BlockType::Empty));
    }

    fn finish(mut self) -> Body {
        self.put(Instruction::End);
        Body { bytes: self.function.into_raw_body(), unlikely: self.unlikely, positions: Vec::new() }
    }
}

const TO: u32 = 0;
const FROM: u32 = 1;

/// The function that code calls, and the one behind it for large sizes.
pub fn bodies(bulk: Bulk, layout: &Layout, index: u32) -> (Body, Body) {
    let writer = |locals: Vec<(u32, ValType)>| Writer { function: Function::new(locals), layout, unlikely: Vec::new() };
    let mut short = writer(vec![]);
    if let Bulk::TableGrow { .. } = bulk {
        charge(&mut short, 1);
        short.all(&[Instruction::LocalGet(0), Instruction::LocalGet(1), instruction(bulk)]);
        // Growing cannot be taken back, so it is not done in pieces; how far a table grows is limited.
        let mut none = writer(vec![]);
        none.all(&[Instruction::Unreachable]);
        return (short.finish(), none.finish());
    }
    let size = 2;
    charge(&mut short, size);
    short.all(&[Instruction::LocalGet(size), Instruction::I32Const(piece(bulk)), Instruction::I32GtU]);
    short.unlikely_if();
    short.all(&[
        Instruction::LocalGet(0),
        Instruction::LocalGet(1),
        Instruction::LocalGet(2),
        Instruction::Call(index + 1),
        Instruction::Else,
        Instruction::LocalGet(0),
        Instruction::LocalGet(1),
        Instruction::LocalGet(2),
        instruction(bulk),
        Instruction::End,
    ]);
    (short.finish(), in_pieces(bulk, writer(vec![])))
}

/// Takes as many units as the size operand says.
fn charge(writer: &mut Writer<'_>, size: u32) {
    let counter = writer.layout.counter;
    let units = [Instruction::LocalGet(size), Instruction::I64ExtendI32U];
    writer.put(Instruction::GlobalGet(counter));
    writer.all(&units);
    writer.put(Instruction::I64LtS);
    writer.unlikely_if();
    writer.put(Instruction::GlobalGet(counter));
    writer.all(&units);
    writer.all(&[Instruction::Call(writer.layout.refill), Instruction::GlobalSet(counter), Instruction::End]);
    writer.put(Instruction::GlobalGet(counter));
    writer.all(&units);
    writer.all(&[Instruction::I64Sub, Instruction::GlobalSet(counter)]);
}

fn in_pieces(bulk: Bulk, mut writer: Writer<'_>) -> Body {
    const SIZE: u32 = 2;
    let get = Instruction::LocalGet;
    let moves = has_source(bulk);

    // A place past the end of all addresses: the operation itself traps.
    writer.all(&[get(TO), get(SIZE), Instruction::I32Add, get(TO), Instruction::I32LtU]);
    if moves {
        writer.all(&[get(FROM), get(SIZE), Instruction::I32Add, get(FROM), Instruction::I32LtU, Instruction::I32Or]);
    }
    writer.unlikely_if();
    writer.all(&[get(TO), get(FROM), get(SIZE), instruction(bulk), Instruction::Return, Instruction::End]);

    // Nothing at its end: traps when the whole does not fit.
    at_end(&mut writer, bulk);
    writer.all(&[Instruction::I32Const(0), instruction(bulk)]);

    if let Bulk::MemoryCopy { .. } | Bulk::TableCopy { .. } = bulk {
        writer.all(&[get(TO), get(FROM), Instruction::I32GtU, Instruction::If(BlockType::Empty)]);
        writer.put(Instruction::Loop(BlockType::Empty));
        advance(&mut writer, SIZE, Instruction::I32Sub, bulk);
        at_end(&mut writer, bulk);
        writer.all(&[Instruction::I32Const(piece(bulk)), instruction(bulk)]);
        go_on_when_time_is_left(&mut writer, bulk);
        writer.all(&[Instruction::End, get(TO), get(FROM), get(SIZE), instruction(bulk)]);
        writer.all(&[Instruction::Return, Instruction::End]);
    }
    writer.put(Instruction::Loop(BlockType::Empty));
    writer.all(&[get(TO), get(FROM), Instruction::I32Const(piece(bulk)), instruction(bulk)]);
    advance(&mut writer, TO, Instruction::I32Add, bulk);
    if moves {
        advance(&mut writer, FROM, Instruction::I32Add, bulk);
    }
    advance(&mut writer, SIZE, Instruction::I32Sub, bulk);
    go_on_when_time_is_left(&mut writer, bulk);
    writer.all(&[Instruction::End, get(TO), get(FROM), get(SIZE), instruction(bulk)]);
    writer.finish()
}

/// The places behind the last element.
fn at_end(writer: &mut Writer<'_>, bulk: Bulk) {
    let get = Instruction::LocalGet;
    writer.all(&[get(TO), get(2), Instruction::I32Add, get(FROM)]);
    if has_source(bulk) {
        writer.all(&[get(2), Instruction::I32Add]);
    }
}

fn advance(writer: &mut Writer<'_>, local: u32, by: Instruction<'_>, bulk: Bulk) {
    writer.all(&[Instruction::LocalGet(local), Instruction::I32Const(piece(bulk)), by, Instruction::LocalSet(local)]);
}

/// Asks for nothing, which has the host look at the clock, and begins the loop again while more than a piece is left.
fn go_on_when_time_is_left(writer: &mut Writer<'_>, bulk: Bulk) {
    let (counter, refill) = (writer.layout.counter, writer.layout.refill);
    writer.all(&[
        Instruction::GlobalGet(counter),
        Instruction::I64Const(0),
        Instruction::Call(refill),
        Instruction::GlobalSet(counter),
        Instruction::LocalGet(2),
        Instruction::I32Const(piece(bulk)),
        Instruction::I32GtU,
        Instruction::BrIf(0),
    ]);
}
