//! What code costs: the weight of each operator, and the regions of a function with the price of each.
//!
//! A region is a function without its loops, or a loop's body without its inner loops. Its cost is the largest sum of
//! weights over its paths, found in one walk over the structured code: each label keeps the largest cost that arrives.
//! A region that grows long is split, so that no code of any shape runs far without a check.

use wasmparser::{FunctionBody, Operator, OperatorsReader};

use crate::engine::error::{Error, Result};

/// `memory.grow` and `table.grow`: a call into the host, and often one into the kernel.
pub const GROW_UNITS: u64 = 1_000;
/// A region is split when a path through it would cost more.
pub const MAX_REGION_UNITS: u64 = 4_096;
/// A bulk operation whose size is a constant up to this is priced like any other operator.
pub const MAX_CONSTANT_SIZE: u32 = 1_024;

/// What a function costs even when it is empty.
const FUNCTION_UNITS: u64 = 1;

/// What calls cost beside their own operator: the folded callees' work.
pub trait Prices {
    fn of_function(&self, function: u32) -> u64;
    fn of_type(&self, ty: u32) -> u64;
}

/// Every callee charges for itself.
pub struct Unfolded;

impl Prices for Unfolded {
    fn of_function(&self, _: u32) -> u64 {
        0
    }

    fn of_type(&self, _: u32) -> u64 {
        0
    }
}

/// An operator that runs as long as its size operand says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Bulk {
    MemoryFill { memory: u32 },
    MemoryCopy { to: u32, from: u32 },
    MemoryInit { memory: u32, segment: u32 },
    TableFill { table: u32 },
    TableCopy { to: u32, from: u32 },
    TableInit { table: u32, segment: u32 },
    TableGrow { table: u32 },
}

impl Bulk {
    pub fn of(op: &Operator<'_>) -> Option<Bulk> {
        Some(match *op {
            Operator::MemoryFill { mem } => Bulk::MemoryFill { memory: mem },
            Operator::MemoryCopy { dst_mem, src_mem } => Bulk::MemoryCopy { to: dst_mem, from: src_mem },
            Operator::MemoryInit { data_index, mem } => Bulk::MemoryInit { memory: mem, segment: data_index },
            Operator::TableFill { table } => Bulk::TableFill { table },
            Operator::TableCopy { dst_table, src_table } => Bulk::TableCopy { to: dst_table, from: src_table },
            Operator::TableInit { elem_index, table } => Bulk::TableInit { table, segment: elem_index },
            Operator::TableGrow { table } => Bulk::TableGrow { table },
            _ => return None,
        })
    }

    /// The operator's own weight, without its size.
    fn weight(self) -> u64 {
        if matches!(self, Bulk::TableGrow { .. }) { GROW_UNITS } else { 1 }
    }
}

/// Reads a function's operators one by one, knowing what stood before.
pub struct Operators<'a> {
    reader: OperatorsReader<'a>,
    constant: Option<u32>,
}

/// One operator with what the pass needs to know of it.
pub struct Item<'a> {
    pub op: Operator<'a>,
    pub start: usize,
    pub end: usize,
    /// It is a bulk operation, and its size is not a small constant.
    pub bulk: Option<Bulk>,
    /// What it costs, but for callees and sizes that are not known.
    weight: u64,
}

impl<'a> Operators<'a> {
    pub fn new(body: &FunctionBody<'a>) -> Result<Operators<'a>> {
        Ok(Operators { reader: body.get_operators_reader().map_err(invalid)?, constant: None })
    }

    pub fn read(&mut self) -> Result<Option<Item<'a>>> {
        if self.reader.eof() {
            return Ok(None);
        }
        let (op, start) = self.reader.read_with_offset().map_err(invalid)?;
        let end = self.reader.original_position();
        let constant = self.constant.take();
        let mut bulk = Bulk::of(&op);
        let weight = match (bulk, constant) {
            (Some(kind), Some(size)) if size <= MAX_CONSTANT_SIZE => {
                bulk = None;
                kind.weight() + u64::from(size)
            }
            (Some(kind), _) => kind.weight(),
            (None, _) => weight(&op)?,
        };
        if let Operator::I32Const { value } = op {
            self.constant = Some(value as u32);
        }
        Ok(Some(Item { op, start, end, bulk, weight }))
    }
}

pub fn invalid(error: wasmparser::Error) -> Error {
    Error::Compilation(format!("not a valid module: {error}"))
}

/// Units of an operator; an error for one of a proposal that the meter has no rule for.
fn weight(op: &Operator<'_>) -> Result<u64> {
    let proposal = proposal(op);
    if !COUNTED.contains(&proposal) {
        return Err(Error::Compilation(format!(
            "the module uses {op:?} of the proposal {proposal}, which the meter cannot count: build the guest without it"
        )));
    }
    Ok(match op {
        Operator::Nop
        | Operator::Drop
        | Operator::Block { .. }
        | Operator::Loop { .. }
        | Operator::Else
        | Operator::End
        | Operator::Return
        | Operator::Unreachable => 0,
        Operator::MemoryGrow { .. } | Operator::TableGrow { .. } => GROW_UNITS,
        _ => 1,
    })
}

/// Proposals all of whose operators do a bounded amount of work, or are dealt with one by one.
const COUNTED: [&str; 8] = [
    "mvp",
    "sign_extension",
    "saturating_float_to_int",
    "bulk_memory",
    "reference_types",
    "simd",
    "relaxed_simd",
    "tail_call",
];

macro_rules! define_proposal {
    ($(@$proposal:ident $op:ident $({ $($arg:ident: $argty:ty),* })? => $visit:ident ($($ann:tt)*))*) => {
        fn proposal(op: &Operator<'_>) -> &'static str {
            match op {
                $(Operator::$op { .. } => stringify!($proposal),)*
                _ => "unknown",
            }
        }
    };
}
wasmparser::for_each_operator!(define_proposal);

/// A place where code has to pay before it goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Check {
    /// The index of the operator: after it for a loop, before it otherwise.
    pub at: usize,
    pub units: u64,
}

/// What a function's code costs.
#[derive(Clone, Debug, Default)]
pub struct Regions {
    /// The function's own region, paid at its entry.
    pub entry: u64,
    /// The others, in the order of their operators.
    pub checks: Vec<Check>,
}

/// What one look at a function tells.
#[derive(Clone, Debug, Default)]
pub struct Shape {
    /// Indices of the loops that something jumps back to, ascending.
    pub loops: Vec<usize>,
    /// Functions that it calls, ascending.
    pub calls: Vec<u32>,
    /// Types that it calls indirectly, ascending.
    pub indirect: Vec<u32>,
    /// Functions that it takes a reference of.
    pub references: Vec<u32>,
    /// Whether a bulk operation of unknown size is in it.
    pub bulk: bool,
    /// Whether something jumps to the function's own label.
    pub leaves_by_branch: bool,
}

impl Shape {
    /// Looks at code that can be reached, but takes every reference and bulk operation, reached or not.
    pub fn of(body: &FunctionBody<'_>) -> Result<Shape> {
        let mut shape = Shape::default();
        let mut loops: Vec<(usize, bool)> = Vec::new();
        // For each open label: the position in `loops` if it is a loop's.
        let mut labels: Vec<Option<usize>> = vec![None];
        let mut walk = Liveness::default();
        let mut operators = Operators::new(body)?;
        let mut at = 0;
        while let Some(item) = operators.read()? {
            shape.bulk |= item.bulk.is_some();
            let live = walk.live();
            let mut jump = |depth: u32, labels: &[Option<usize>]| {
                let Some(label) = labels.len().checked_sub(depth as usize + 1) else { return };
                shape.leaves_by_branch |= label == 0;
                if let (true, Some(index)) = (live, labels[label]) {
                    loops[index].1 = true;
                }
            };
            match &item.op {
                Operator::Block { .. } | Operator::If { .. } => labels.push(None),
                Operator::Loop { .. } => {
                    loops.push((at, false));
                    labels.push(Some(loops.len() - 1));
                }
                Operator::End => {
                    labels.pop();
                }
                Operator::Br { relative_depth } | Operator::BrIf { relative_depth } => jump(*relative_depth, &labels),
                Operator::BrTable { targets } => {
                    jump(targets.default(), &labels);
                    for target in targets.targets() {
                        jump(target.map_err(invalid)?, &labels);
                    }
                }
                Operator::Call { function_index } | Operator::ReturnCall { function_index } if live => {
                    shape.calls.push(*function_index);
                }
                Operator::CallIndirect { type_index, .. } | Operator::ReturnCallIndirect { type_index, .. } if live => {
                    shape.indirect.push(*type_index);
                }
                Operator::RefFunc { function_index } => shape.references.push(*function_index),
                _ => {}
            }
            walk.pass(&item.op)?;
            at += 1;
        }
        shape.loops = loops.into_iter().filter(|(_, back)| *back).map(|(at, _)| at).collect();
        for list in [&mut shape.calls, &mut shape.indirect, &mut shape.references] {
            list.sort_unstable();
            list.dedup();
        }
        Ok(shape)
    }
}

/// Whether the operator that comes next can be reached.
#[derive(Default)]
struct Liveness {
    frames: Vec<LiveFrame>,
    dead: bool,
}

struct LiveFrame {
    /// It began in dead code.
    dead: bool,
    is_loop: bool,
    /// An `if` whose `else` has not come: its end is reached from the `if`.
    open_if: bool,
    /// Something jumps to its end.
    reached: bool,
}

impl Liveness {
    fn live(&self) -> bool {
        !self.dead
    }

    fn jump(&mut self, depth: u32) {
        if self.dead {
            return;
        }
        let index = self.frames.len().checked_sub(depth as usize + 1);
        if let Some(frame) = index.and_then(|index| self.frames.get_mut(index)) {
            frame.reached |= !frame.is_loop;
        }
    }

    fn pass(&mut self, op: &Operator<'_>) -> Result<()> {
        match op {
            Operator::Block { .. } | Operator::Loop { .. } | Operator::If { .. } => self.frames.push(LiveFrame {
                dead: self.dead,
                is_loop: matches!(op, Operator::Loop { .. }),
                open_if: matches!(op, Operator::If { .. }),
                reached: false,
            }),
            Operator::Else => {
                if let Some(frame) = self.frames.last_mut() {
                    frame.reached |= !self.dead;
                    frame.open_if = false;
                    self.dead = frame.dead;
                }
            }
            Operator::End => {
                if let Some(frame) = self.frames.pop() {
                    self.dead = frame.dead || (self.dead && !frame.reached && !frame.open_if);
                }
            }
            Operator::Br { relative_depth } => {
                self.jump(*relative_depth);
                self.dead = true;
            }
            Operator::BrIf { relative_depth } => self.jump(*relative_depth),
            Operator::BrTable { targets } => {
                self.jump(targets.default());
                for target in targets.targets() {
                    self.jump(target.map_err(invalid)?);
                }
                self.dead = true;
            }
            Operator::Return
            | Operator::Unreachable
            | Operator::ReturnCall { .. }
            | Operator::ReturnCallIndirect { .. } => self.dead = true,
            _ => {}
        }
        Ok(())
    }
}

/// An open label.
struct Frame {
    /// Regions that were open when it began, its own included if it is a loop with one.
    regions: usize,
    is_loop: bool,
    own_region: bool,
    /// The largest cost that arrives at its end, in terms of the region that it lies in; `None`: nothing does.
    arrives: Option<u64>,
    /// For an `if` before its `else`: the cost at the `if`.
    at_if: Option<u64>,
}

/// A region that code is in.
struct Open {
    /// Where its price goes in `Regions::checks`; the function's own has none.
    check: Option<usize>,
    /// The largest cost of a path through it so far.
    most: u64,
    /// The cost of the region around it where this one begins.
    around: u64,
}

/// Adds up a function whose shape is known.
pub struct Sum<'p, P: Prices> {
    prices: &'p P,
    frames: Vec<Frame>,
    open: Vec<Open>,
    /// The cost of the path so far in the innermost region; `None`: nothing comes here.
    cost: Option<u64>,
    regions: Regions,
}

impl<'p, P: Prices> Sum<'p, P> {
    pub fn of(body: &FunctionBody<'_>, loops: &[usize], prices: &'p P) -> Result<Regions> {
        let mut sum = Sum {
            prices,
            frames: vec![Frame { regions: 1, is_loop: false, own_region: false, arrives: None, at_if: None }],
            open: vec![Open { check: None, most: 0, around: 0 }],
            cost: Some(0),
            regions: Regions::default(),
        };
        let mut loops = loops.iter().copied().peekable();
        let mut operators = Operators::new(body)?;
        let mut at = 0;
        while let Some(item) = operators.read()? {
            let repeats = loops.next_if_eq(&at).is_some();
            sum.pass(at, &item, repeats)?;
            at += 1;
        }
        Ok(sum.regions)
    }

    fn begin_region(&mut self, at: usize) {
        self.note_path();
        let around = self.cost.unwrap_or(0);
        self.regions.checks.push(Check { at, units: 0 });
        self.open.push(Open { check: Some(self.regions.checks.len() - 1), most: 0, around });
        self.cost = Some(0);
    }

    /// Leaves the innermost region; what falls out of it goes on in the one around it.
    fn end_region(&mut self) {
        self.note_path();
        let Some(region) = self.open.pop() else { return };
        match region.check {
            Some(check) => self.regions.checks[check].units = region.most,
            None => self.regions.entry = region.most + FUNCTION_UNITS,
        }
        self.cost = self.cost.map(|_| region.around);
    }

    /// The path up to here is one of its region's.
    fn note_path(&mut self) {
        if let (Some(cost), Some(region)) = (self.cost, self.open.last_mut()) {
            region.most = region.most.max(cost);
        }
    }

    fn jump(&mut self, depth: u32) {
        let (Some(cost), Some(index)) = (self.cost, self.frames.len().checked_sub(depth as usize + 1)) else { return };
        self.note_path();
        let frame = &mut self.frames[index];
        if !frame.is_loop {
            // The regions that the jump leaves end here; the outermost of them knows what came before it.
            let there = self.open.get(frame.regions).map_or(cost, |left| left.around);
            frame.arrives = frame.arrives.max(Some(there));
        }
    }

    fn begin_frame(&mut self, is_loop: bool, own_region: bool, at_if: Option<u64>) {
        self.frames.push(Frame { regions: self.open.len(), is_loop, own_region, arrives: None, at_if });
    }

    fn pass(&mut self, at: usize, item: &Item<'_>, repeats: bool) -> Result<()> {
        if let Some(cost) = self.cost {
            let mut price = item.weight;
            price += match item.op {
                Operator::Call { function_index } | Operator::ReturnCall { function_index } => {
                    self.prices.of_function(function_index)
                }
                Operator::CallIndirect { type_index, .. } | Operator::ReturnCallIndirect { type_index, .. } => {
                    self.prices.of_type(type_index)
                }
                _ => 0,
            };
            if cost > 0 && price > 0 && cost + price > MAX_REGION_UNITS {
                self.begin_region(at);
            }
            self.cost = self.cost.map(|cost| cost + price);
        }
        match &item.op {
            Operator::Block { .. } => self.begin_frame(false, false, None),
            Operator::Loop { .. } => {
                if repeats {
                    self.begin_region(at);
                }
                self.begin_frame(true, repeats, None);
            }
            Operator::If { .. } => self.begin_frame(false, false, self.cost),
            Operator::Else => {
                self.close_splits();
                if let Some(frame) = self.frames.last_mut() {
                    frame.arrives = frame.arrives.max(self.cost);
                    self.cost = frame.at_if.take();
                }
            }
            Operator::End => {
                self.close_splits();
                if let Some(frame) = self.frames.pop() {
                    if frame.own_region {
                        self.end_region();
                    } else if !frame.is_loop {
                        self.cost = self.cost.max(frame.arrives).max(frame.at_if);
                    }
                }
                if self.frames.is_empty() {
                    self.end_region();
                }
            }
            Operator::Br { relative_depth } => {
                self.jump(*relative_depth);
                self.end_path();
            }
            Operator::BrIf { relative_depth } => self.jump(*relative_depth),
            Operator::BrTable { targets } => {
                self.jump(targets.default());
                for target in targets.targets() {
                    self.jump(target.map_err(invalid)?);
                }
                self.end_path();
            }
            Operator::Return
            | Operator::Unreachable
            | Operator::ReturnCall { .. }
            | Operator::ReturnCallIndirect { .. } => self.end_path(),
            _ => {}
        }
        Ok(())
    }

    fn end_path(&mut self) {
        self.note_path();
        self.cost = None;
    }

    /// Ends the regions that were split off inside the innermost label.
    fn close_splits(&mut self) {
        let Some(frame) = self.frames.last() else { return };
        let keep = frame.regions;
        while self.open.len() > keep {
            self.end_region();
        }
    }
}
