//! Modules with code that computes something: loops that turn some times, calls in every direction, tables, memories.
//!
//! wasm-smith knows every operator, but most of what it makes returns or traps at once.

use wasm_encoder::{
    BlockType, CodeSection, ConstExpr, DataCountSection, DataSection, ElementSection, Elements, EntityType, ExportKind,
    ExportSection, Function, FunctionSection, GlobalSection, GlobalType, ImportSection, Instruction as I, MemArg,
    MemorySection, MemoryType, Module, RefType, TableSection, TableType, TypeSection, ValType,
};

use crate::Random;

const MEMORY_MASK: i32 = 0xfff8;
const TABLE: u32 = 8;
/// Types by index: one or two parameters, one or two results.
const SHAPES: [(usize, usize); 4] = [(1, 1), (2, 1), (1, 2), (0, 1)];

struct Writer<'a> {
    random: &'a mut Random,
    code: Function,
    /// The type of each function.
    functions: &'a [u32],
    imported: u32,
    own_type: u32,
    /// Open labels from the outermost on: whether it is a loop.
    labels: Vec<bool>,
    locals: u32,
    /// Statements and expressions that may still be written.
    left: u32,
}

pub fn module(random: &mut Random) -> Vec<u8> {
    let imported = random.below(3);
    let count = 2 + random.below(14);
    let functions: Vec<u32> = (0..imported + count).map(|_| random.below(SHAPES.len() as u32)).collect();
    let mut types = TypeSection::new();
    for (params, results) in SHAPES {
        types.ty().function(vec![ValType::I32; params], vec![ValType::I32; results]);
    }
    let mut imports = ImportSection::new();
    for (index, ty) in functions[..imported as usize].iter().enumerate() {
        imports.import("host", &format!("h{index}"), EntityType::Function(*ty));
    }
    let mut declared = FunctionSection::new();
    for ty in &functions[imported as usize..] {
        declared.function(*ty);
    }
    let table = |element_type| TableType {
        element_type,
        minimum: u64::from(TABLE),
        maximum: Some(16),
        table64: false,
        shared: false,
    };
    let mut tables = TableSection::new();
    tables.table(table(RefType::FUNCREF)).table(table(RefType::FUNCREF));
    let mut memories = MemorySection::new();
    memories.memory(MemoryType { minimum: 4, maximum: Some(6), memory64: false, shared: false, page_size_log2: None });
    let mut globals = GlobalSection::new();
    // How many calls and turns there may be, so that most modules end.
    let turns = [30, 300, 3_000][random.below(3) as usize];
    for value in [turns, 0] {
        globals
            .global(GlobalType { val_type: ValType::I32, mutable: true, shared: false }, &ConstExpr::i32_const(value));
    }
    let mut exports = ExportSection::new();
    for index in imported..imported + count {
        if index == imported + count - 1 || random.one_in(4) {
            exports.export(&format!("f{index}"), ExportKind::Func, index);
        }
    }
    exports.export("m", ExportKind::Memory, 0).export("g", ExportKind::Global, 1);
    if random.one_in(4) {
        exports.export("t", ExportKind::Table, 0);
    }
    let mut elements = ElementSection::new();
    let listed: Vec<u32> = (0..TABLE).map(|_| random.below(imported + count)).collect();
    let held = random.below(TABLE + 1) as usize;
    elements.active(None, &ConstExpr::i32_const(0), Elements::Functions(listed[..held].into()));
    elements.passive(Elements::Functions(listed.as_slice().into()));
    let mut data = DataSection::new();
    data.passive(random.bytes(300));

    let mut code = CodeSection::new();
    for own_type in &functions[imported as usize..] {
        let small = random.one_in(2);
        let left = if small { 4 + random.below(12) } else { 20 + random.below(120) };
        let locals = SHAPES[*own_type as usize].0 as u32 + 3;
        let mut writer = Writer {
            random: &mut *random,
            code: Function::new([(3 + 8, ValType::I32)]),
            functions: &functions,
            imported,
            own_type: *own_type,
            labels: vec![false],
            locals,
            left,
        };
        if !small {
            writer.guard();
        }
        let statements = 1 + writer.random.below(if small { 3 } else { 12 });
        writer.statements(statements, small);
        writer.results();
        writer.code.instruction(&I::End);
        code.function(&writer.code);
    }
    let mut module = Module::new();
    module.section(&types).section(&imports).section(&declared).section(&tables).section(&memories).section(&globals);
    module.section(&exports).section(&elements).section(&DataCountSection { count: 1 }).section(&code).section(&data);
    module.finish()
}

impl Writer<'_> {
    fn put(&mut self, instruction: I<'_>) {
        self.code.instruction(&instruction);
    }

    fn results(&mut self) {
        for _ in 0..SHAPES[self.own_type as usize].1 {
            self.expression(1);
        }
    }

    /// Leaves when there have been enough calls.
    fn guard(&mut self) {
        self.put(I::GlobalGet(0));
        self.put(I::I32Const(1));
        self.put(I::I32Sub);
        self.put(I::GlobalSet(0));
        self.put(I::GlobalGet(0));
        self.put(I::I32Const(0));
        self.put(I::I32LtS);
        self.put(I::If(BlockType::Empty));
        for _ in 0..SHAPES[self.own_type as usize].1 {
            self.put(I::I32Const(0));
        }
        self.put(I::Return);
        self.put(I::End);
    }

    fn statements(&mut self, count: u32, small: bool) {
        for _ in 0..count {
            if self.left == 0 {
                return;
            }
            self.left -= 1;
            self.statement(small);
        }
    }

    /// The depth of a label that is no loop's, most often.
    fn label(&mut self) -> u32 {
        let index = self.random.below(self.labels.len() as u32);
        if self.labels[index as usize] && !self.random.one_in(20) {
            return self.label();
        }
        self.labels.len() as u32 - 1 - index
    }

    /// Branches to the function's own label carry its results, so they are made elsewhere.
    fn inner_label(&mut self) -> Option<u32> {
        let depth = self.label();
        (depth as usize + 1 < self.labels.len()).then_some(depth)
    }

    fn block(&mut self, begin: I<'_>, is_loop: bool, small: bool) {
        self.put(begin);
        self.labels.push(is_loop);
        let count = 1 + self.random.below(4);
        self.statements(count, small);
    }

    fn end(&mut self) {
        self.labels.pop();
        self.put(I::End);
    }

    fn statement(&mut self, small: bool) {
        match self.random.below(if small { 8 } else { 18 }) {
            0 | 1 => {
                self.expression(3);
                let local = self.random.below(self.locals);
                self.put(I::LocalSet(local));
            }
            2 => {
                self.expression(2);
                self.block(I::If(BlockType::Empty), false, small);
                if self.random.one_in(2) {
                    self.put(I::Else);
                    let count = self.random.below(3);
                    self.statements(count, small);
                }
                self.end();
            }
            3 => {
                self.block(I::Block(BlockType::Empty), false, small);
                self.end();
            }
            4 => {
                if let Some(depth) = self.inner_label() {
                    self.expression(2);
                    self.put(I::BrIf(depth));
                }
            }
            5 => {
                self.address();
                self.expression(2);
                self.put(I::I32Store(mem_arg()));
            }
            6 => {
                self.expression(2);
                self.put(I::GlobalSet(1));
            }
            7 if self.random.one_in(2) => {
                // Out of the function, now and then.
                self.expression(1);
                self.put(I::If(BlockType::Empty));
                match self.random.below(4) {
                    0 => self.put(I::Unreachable),
                    1 => {
                        self.results();
                        self.put(I::Br(self.labels.len() as u32));
                    }
                    2 => self.tail_call(),
                    _ => {
                        self.results();
                        self.put(I::Return);
                    }
                }
                self.put(I::End);
            }
            8..=11 => {
                // A loop's counter is a local that nothing else writes.
                let counter = self.locals + self.labels.len() as u32 % 8;
                let turns = self.random.below(9) as i32;
                self.put(I::I32Const(turns));
                self.put(I::LocalSet(counter));
                self.block(I::Loop(BlockType::Empty), true, small);
                self.put(I::LocalGet(counter));
                self.put(I::I32Const(1));
                self.put(I::I32Sub);
                self.put(I::LocalTee(counter));
                self.put(I::I32Const(0));
                self.put(I::I32GtS);
                self.put(I::BrIf(0));
                self.end();
            }
            12 | 13 => self.bulk(),
            14 => {
                let depths: Vec<u32> = (0..4).filter_map(|_| self.inner_label()).collect();
                if let Some(default) = depths.first().copied() {
                    self.put(I::Block(BlockType::Empty));
                    self.expression(2);
                    self.put(I::I32Const(7));
                    self.put(I::I32And);
                    let depths: Vec<u32> = depths.iter().map(|depth| depth + 1).collect();
                    self.put(I::BrTable(depths.into(), default + 1));
                    self.put(I::End);
                }
            }
            _ => {
                self.expression(4);
                self.put(I::Drop);
            }
        }
    }

    fn tail_call(&mut self) {
        let same: Vec<u32> = (0..self.functions.len() as u32)
            .filter(|i| self.results_of(*i) == SHAPES[self.own_type as usize].1)
            .collect();
        match same.get(self.random.below(same.len() as u32 + 1) as usize).copied() {
            Some(callee) => {
                self.arguments(self.functions[callee as usize]);
                self.put(I::ReturnCall(callee));
            }
            None => {
                let ty = self.own_type;
                self.arguments(ty);
                self.table_index();
                self.put(I::ReturnCallIndirect { type_index: ty, table_index: 0 });
            }
        }
    }

    fn results_of(&self, function: u32) -> usize {
        SHAPES[self.functions[function as usize] as usize].1
    }

    fn arguments(&mut self, ty: u32) {
        for _ in 0..SHAPES[ty as usize].0 {
            self.expression(1);
        }
    }

    fn table_index(&mut self) {
        self.expression(1);
        let mask = if self.random.one_in(20) { 15 } else { 7 };
        self.put(I::I32Const(mask));
        self.put(I::I32And);
    }

    fn address(&mut self) {
        self.expression(2);
        if !self.random.one_in(50) {
            self.put(I::I32Const(MEMORY_MASK));
            self.put(I::I32And);
        }
    }

    /// A size: small, or so large that it is done in pieces.
    fn size(&mut self, mask: i32) {
        if self.random.one_in(4) {
            self.put(I::I32Const(self.random.0 as i32 & mask));
            return;
        }
        self.expression(1);
        self.put(I::I32Const(mask));
        self.put(I::I32And);
    }

    fn bulk(&mut self) {
        let large = if self.random.one_in(8) { 0x3_ffff } else { 0x1ff };
        match self.random.below(8) {
            0 | 1 => {
                self.address();
                self.expression(1);
                self.size(large);
                self.put(I::MemoryFill(0));
            }
            2 | 3 => {
                self.address();
                self.address();
                self.size(large);
                self.put(I::MemoryCopy { src_mem: 0, dst_mem: 0 });
            }
            4 => {
                self.address();
                self.size(0xff);
                self.size(0x3f);
                self.put(I::MemoryInit { mem: 0, data_index: 0 });
            }
            5 => {
                self.size(7);
                self.size(7);
                self.size(3);
                let (src_table, dst_table) = (self.random.below(2), self.random.below(2));
                self.put(I::TableCopy { src_table, dst_table });
            }
            6 => {
                self.size(7);
                self.size(3);
                self.size(3);
                let table = self.random.below(2);
                self.put(I::TableInit { elem_index: 1, table });
            }
            _ => {
                self.size(7);
                self.put(I::RefNull(wasm_encoder::HeapType::FUNC));
                self.size(3);
                self.put(I::TableFill(1));
            }
        }
        if self.random.one_in(30) {
            self.put(I::RefNull(wasm_encoder::HeapType::FUNC));
            self.size(7);
            self.put(I::TableGrow(1));
            self.put(I::Drop);
        }
    }

    /// Leaves one i32.
    fn expression(&mut self, depth: u32) {
        if depth == 0 || self.left == 0 {
            match self.random.below(3) {
                0 => self.put(I::I32Const(self.random.0 as i32 >> (self.random.0 >> 59))),
                _ => {
                    let local = self.random.below(self.locals);
                    self.put(I::LocalGet(local));
                }
            }
            return;
        }
        self.left -= 1;
        match self.random.below(16) {
            0 => {
                self.address();
                self.put(I::I32Load(mem_arg()));
            }
            1..=3 => {
                let callee = self.random.below(self.functions.len() as u32);
                let ty = self.functions[callee as usize];
                self.arguments(ty);
                self.put(I::Call(callee));
                self.one_of(ty);
            }
            4 => {
                let ty = self.random.below(SHAPES.len() as u32);
                self.arguments(ty);
                self.table_index();
                self.put(I::CallIndirect { type_index: ty, table_index: 0 });
                self.one_of(ty);
            }
            5 => {
                self.expression(depth - 1);
                self.put(I::If(BlockType::Result(ValType::I32)));
                self.labels.push(true);
                self.expression(depth - 1);
                self.put(I::Else);
                self.expression(depth - 1);
                self.end();
            }
            6 => self.put(I::MemorySize(0)),
            7 if self.random.one_in(6) => {
                let pages = self.random.below(2) as i32;
                self.put(I::I32Const(pages));
                self.put(I::MemoryGrow(0));
            }
            8 => {
                self.expression(depth - 1);
                self.expression(depth - 1);
                let op = if self.random.one_in(2) { I::I32DivS } else { I::I32RemU };
                self.put(op);
            }
            9 => {
                self.expression(depth - 1);
                self.put(I::F64ConvertI32S);
                self.put(I::F64Sqrt);
                self.put(I::I32TruncSatF64S);
            }
            10 if self.imported > 0 => {
                let callee = self.random.below(self.imported);
                let ty = self.functions[callee as usize];
                self.arguments(ty);
                self.put(I::Call(callee));
                self.one_of(ty);
            }
            _ => {
                self.expression(depth - 1);
                self.expression(depth - 1);
                let op = [I::I32Add, I::I32Sub, I::I32Mul, I::I32Xor, I::I32LtS, I::I32ShrU];
                let index = self.random.below(6) as usize;
                self.put(op[index].clone());
            }
        }
    }

    /// Of a call's results keeps one.
    fn one_of(&mut self, ty: u32) {
        for _ in 1..SHAPES[ty as usize].1 {
            self.put(I::I32Add);
        }
    }
}

fn mem_arg() -> MemArg {
    MemArg { offset: 0, align: 2, memory_index: 0 }
}
