//! Looks at an instrumented module, without the pass's own analysis: each loop that turns asks for units at its head, each
//! circle of calls has a function that asks at its entry, and a bulk operation of unknown size has been asked for.

use std::collections::{HashMap, HashSet};

use sluice::engine::meter::pass;
use wasmparser::{ElementItems, ExternalKind, FuncType, Operator, Parser, Payload, TypeRef};

#[derive(Default)]
struct Module<'a> {
    types: Vec<FuncType>,
    functions: Vec<u32>,
    imported: usize,
    refill: Option<u32>,
    counter: Option<u32>,
    bodies: Vec<Vec<Operator<'a>>>,
    referenced: HashSet<u32>,
    /// Called from outside.
    exported: HashSet<u32>,
}

/// Panics with what is wrong.
pub fn check(wasm: &[u8]) {
    let module = read(wasm);
    let refill = module.refill.expect("the module imports the refill");
    let counter = module.counter.expect("the module exports the counter");
    let walker = Walker { refill, counter };
    let mut asks = HashSet::new();
    let mut edges: HashMap<u32, Vec<u32>> = HashMap::new();
    let mut called_by: HashMap<u32, HashSet<u32>> = HashMap::new();
    for (i, body) in module.bodies.iter().enumerate() {
        let index = (module.imported + i) as u32;
        if walker.asks_at(body, walker.after_load(body)) {
            asks.insert(index);
        }
        walker.writes(index, body);
        let live = walker.loops(index, body);
        let targets = edges.entry(index).or_default();
        for (op, _) in body.iter().zip(&live).filter(|(_, live)| **live) {
            match op {
                Operator::Call { function_index } | Operator::ReturnCall { function_index } => {
                    targets.push(*function_index);
                    called_by.entry(*function_index).or_default().insert(index);
                }
                Operator::CallIndirect { type_index, .. } | Operator::ReturnCallIndirect { type_index, .. } => {
                    let wanted = &module.types[*type_index as usize];
                    let fits = |f: &&u32| module.types[module.functions[**f as usize] as usize] == *wanted;
                    targets.extend(module.referenced.iter().filter(fits));
                }
                _ => {}
            }
        }
    }
    for index in &module.exported {
        assert!(
            (*index as usize) < module.imported || asks.contains(index),
            "exported function {index} asks for nothing"
        );
    }
    no_circle(&edges, &asks);
    for (i, body) in module.bodies.iter().enumerate() {
        bulk(&module, &walker, (module.imported + i) as u32, body, &asks, &called_by);
    }
}

fn read(wasm: &[u8]) -> Module<'_> {
    let mut module = Module::default();
    for payload in Parser::new(0).parse_all(wasm) {
        match payload.unwrap() {
            Payload::TypeSection(types) => {
                module.types = types.into_iter_err_on_gc_types().map(Result::unwrap).collect()
            }
            Payload::ImportSection(imports) => {
                for import in imports.into_imports().map(Result::unwrap) {
                    if let TypeRef::Func(ty) = import.ty {
                        if (import.module, import.name) == (pass::REFILL_MODULE, pass::REFILL_NAME) {
                            module.refill = Some(module.functions.len() as u32);
                        }
                        module.functions.push(ty);
                        module.imported += 1;
                    }
                }
            }
            Payload::FunctionSection(functions) => module.functions.extend(functions.into_iter().map(Result::unwrap)),
            Payload::ExportSection(exports) => {
                for export in exports.into_iter().map(Result::unwrap) {
                    match export.kind {
                        ExternalKind::Func => {
                            module.exported.insert(export.index);
                        }
                        ExternalKind::Global if export.name == pass::COUNTER_EXPORT => {
                            module.counter = Some(export.index)
                        }
                        _ => {}
                    }
                }
            }
            Payload::StartSection { func, .. } => {
                module.exported.insert(func);
            }
            Payload::GlobalSection(globals) => {
                for global in globals.into_iter().map(Result::unwrap) {
                    refer(&mut module, global.init_expr.get_operators_reader());
                }
            }
            Payload::ElementSection(elements) => {
                for element in elements.into_iter().map(Result::unwrap) {
                    match element.items {
                        ElementItems::Functions(list) => module.referenced.extend(list.into_iter().map(Result::unwrap)),
                        ElementItems::Expressions(_, list) => {
                            for item in list.into_iter().map(Result::unwrap) {
                                refer(&mut module, item.get_operators_reader());
                            }
                        }
                    }
                }
            }
            Payload::CodeSectionEntry(body) => {
                let mut ops = Vec::new();
                let mut reader = body.get_operators_reader().unwrap();
                while !reader.eof() {
                    let op = reader.read().unwrap();
                    if let Operator::RefFunc { function_index } = op {
                        module.referenced.insert(function_index);
                    }
                    ops.push(op);
                }
                module.bodies.push(ops);
            }
            _ => {}
        }
    }
    module
}

fn refer<'a>(module: &mut Module<'a>, mut reader: wasmparser::OperatorsReader<'a>) {
    while !reader.eof() {
        if let Operator::RefFunc { function_index } = reader.read().unwrap() {
            module.referenced.insert(function_index);
        }
    }
}

/// The operators of a check.
const CHECK: usize = 13;

struct Walker {
    refill: u32,
    counter: u32,
}

/// Where the counter is while a check runs.
#[derive(Clone, Copy, PartialEq)]
enum Place {
    Global(u32),
    Local(u32),
}

impl Walker {
    /// Behind the load of the counter into a local, if the body begins with one.
    fn after_load(&self, body: &[Operator<'_>]) -> usize {
        match body {
            [Operator::GlobalGet { global_index }, Operator::LocalSet { .. }, ..] if *global_index == self.counter => 2,
            _ => 0,
        }
    }

    fn loaded(&self, op: &Operator<'_>) -> Option<Place> {
        match op {
            Operator::GlobalGet { global_index } if *global_index == self.counter => Some(Place::Global(*global_index)),
            Operator::LocalGet { local_index } => Some(Place::Local(*local_index)),
            _ => None,
        }
    }

    fn stored(&self, op: &Operator<'_>, place: Place) -> bool {
        match op {
            Operator::GlobalSet { global_index } => place == Place::Global(*global_index),
            Operator::LocalSet { local_index } => place == Place::Local(*local_index),
            _ => false,
        }
    }

    fn asks_at(&self, body: &[Operator<'_>], at: usize) -> bool {
        self.check_at(body, at).is_some()
    }

    /// How many operators a whole check has that stands there, for a constant or for a size.
    fn check_at(&self, body: &[Operator<'_>], at: usize) -> Option<usize> {
        let place = self.loaded(body.get(at)?)?;
        let constant = matches!(body.get(at + 1), Some(Operator::I64Const { value }) if *value > 0);
        let width = match body.get(at + 1..at + 3) {
            Some([Operator::LocalGet { .. }, Operator::I64ExtendI32U]) => 2,
            _ if constant => 1,
            _ => return None,
        };
        let units = &body[at + 1..at + 1 + width];
        let mut rest = &body[at + 1 + width..];
        let mut next = |test: &dyn Fn(&Operator<'_>) -> bool| match rest.split_first() {
            Some((op, behind)) => {
                rest = behind;
                test(op)
            }
            None => false,
        };
        let same = |op: &Operator<'_>| self.loaded(op) == Some(place);
        let whole = next(&|op| matches!(op, Operator::I64LtS))
            && next(&|op| matches!(op, Operator::If { .. }))
            && next(&same)
            && units.iter().all(|unit| next(&|op| op == unit))
            && next(&|op| matches!(op, Operator::Call { function_index } if *function_index == self.refill))
            && next(&|op| self.stored(op, place))
            && next(&|op| matches!(op, Operator::End))
            && next(&same)
            && units.iter().all(|unit| next(&|op| op == unit))
            && next(&|op| matches!(op, Operator::I64Sub))
            && next(&|op| self.stored(op, place));
        whole.then_some(body.len() - at - rest.len())
    }

    /// The counter is never negative once code has asked for units: it is written by checks, with what the host gave, and
    /// by copies between the global and the local that holds it, which is checked as soon as it has been loaded.
    fn writes(&self, index: u32, body: &[Operator<'_>]) {
        let local = match body {
            [_, Operator::LocalSet { local_index }, ..] if self.after_load(body) == 2 => Some(*local_index),
            _ => None,
        };
        let from_local =
            |op: &Operator<'_>| matches!(op, Operator::LocalGet { local_index } if Some(*local_index) == local);
        let to_local =
            |op: &Operator<'_>| matches!(op, Operator::LocalSet { local_index } if Some(*local_index) == local);
        let from_global =
            |op: &Operator<'_>| matches!(op, Operator::GlobalGet { global_index } if *global_index == self.counter);
        let to_global =
            |op: &Operator<'_>| matches!(op, Operator::GlobalSet { global_index } if *global_index == self.counter);
        let mut checked = HashSet::new();
        for at in 0..body.len() {
            if let Some(length) = self.check_at(body, at) {
                checked.extend(at..at + length);
            }
        }
        assert!(local.is_none() || checked.contains(&2), "function {index} does not check what it has loaded");
        for (at, op) in body.iter().enumerate() {
            assert!(
                !matches!(op, Operator::LocalTee { local_index } if Some(*local_index) == local),
                "function {index}: the counter is written at {at}"
            );
            if !to_local(op) && !to_global(op) || checked.contains(&at) {
                continue;
            }
            let before = &body[..at];
            let right = match before {
                // What the host gave.
                [.., Operator::Call { function_index }] if *function_index == self.refill => to_global(op),
                [.., copied] if from_local(copied) => to_global(op),
                [copied] if from_global(copied) => to_local(op),
                // Behind a call, before which the global was given what the local held.
                [.., held, given, called, copied] => {
                    let calls = matches!(called, Operator::Call { .. } | Operator::CallIndirect { .. });
                    from_local(held) && to_global(given) && calls && from_global(copied) && to_local(op)
                }
                _ => false,
            };
            assert!(right, "function {index}: the counter is written at {at}: {:?}", &body[at.saturating_sub(4)..=at]);
        }
    }

    /// Every loop with a way back that can be reached asks at its head, or calls the host on its way. Which operators
    /// can be reached.
    fn loops(&self, index: u32, body: &[Operator<'_>]) -> Vec<bool> {
        struct Label {
            head: Option<usize>,
            dead_before: bool,
            reached: bool,
            is_if: bool,
            asks: bool,
        }
        let mut labels: Vec<Label> = Vec::new();
        let mut dead = false;
        let mut live = Vec::with_capacity(body.len());
        for (at, op) in body.iter().enumerate() {
            live.push(!dead);
            let mut jump = |depth: u32| {
                let target = labels.len().checked_sub(depth as usize + 1);
                if let (Some(target), false) = (target, dead) {
                    // A jump from within an inner loop that asks has been paid there.
                    let paid = labels[target..].iter().any(|label| label.head.is_some() && label.asks);
                    let label = &mut labels[target];
                    label.reached = true;
                    if let (Some(head), false) = (label.head, paid) {
                        panic!(
                            "function {index}: the loop at {head} asks for nothing: {:?}",
                            &body[head..body.len().min(head + 20)]
                        );
                    }
                }
            };
            match op {
                Operator::Block { .. } | Operator::If { .. } | Operator::Loop { .. } => {
                    let head = matches!(op, Operator::Loop { .. }).then_some(at);
                    let asks = head.is_some() && self.asks_at(body, at + 1);
                    let is_if = matches!(op, Operator::If { .. });
                    labels.push(Label { head, dead_before: dead, reached: false, is_if, asks });
                }
                Operator::Call { function_index } if *function_index == self.refill => {
                    // On the way of the innermost loop, if it is not in a branch of it.
                    if let Some(label) = labels.last_mut() {
                        label.asks |= label.head.is_some();
                    }
                }
                Operator::Else => {
                    let label = labels.last_mut().unwrap();
                    label.reached |= !dead;
                    label.is_if = false;
                    dead = label.dead_before;
                }
                Operator::End => {
                    if let Some(label) = labels.pop() {
                        let end_reached = label.head.is_none() && (label.reached || label.is_if);
                        dead = label.dead_before || dead && !end_reached;
                    }
                }
                Operator::Br { relative_depth } => {
                    jump(*relative_depth);
                    dead = true;
                }
                Operator::BrIf { relative_depth } => jump(*relative_depth),
                Operator::BrTable { targets } => {
                    jump(targets.default());
                    targets.targets().for_each(|target| jump(target.unwrap()));
                    dead = true;
                }
                Operator::Return
                | Operator::Unreachable
                | Operator::ReturnCall { .. }
                | Operator::ReturnCallIndirect { .. } => dead = true,
                _ => {}
            }
        }
        live
    }
}

/// No circle of calls without a function that asks.
fn no_circle(edges: &HashMap<u32, Vec<u32>>, asks: &HashSet<u32>) {
    let mut done: HashSet<u32> = HashSet::new();
    for root in edges.keys().filter(|root| !asks.contains(root)) {
        let mut open: Vec<(u32, usize)> = Vec::new();
        let mut on_path = HashSet::new();
        if done.insert(*root) {
            open.push((*root, 0));
            on_path.insert(*root);
        }
        while let Some((function, followed)) = open.last_mut() {
            let next = edges.get(function).and_then(|targets| targets.get(*followed));
            *followed += 1;
            match next {
                None => {
                    on_path.remove(function);
                    open.pop();
                }
                Some(next) if asks.contains(next) || !edges.contains_key(next) => {}
                Some(next) => {
                    assert!(
                        !on_path.contains(next),
                        "functions {function} and {next} call each other and ask for nothing"
                    );
                    if done.insert(*next) {
                        on_path.insert(*next);
                        open.push((*next, 0));
                    }
                }
            }
        }
    }
}

/// Bulk operations have a size that is known and small, or are in a function that asked for it, or behind one.
fn bulk(
    module: &Module<'_>,
    walker: &Walker,
    index: u32,
    body: &[Operator<'_>],
    asks: &HashSet<u32>,
    called_by: &HashMap<u32, HashSet<u32>>,
) {
    for (at, op) in body.iter().enumerate() {
        if !matches!(
            op,
            Operator::MemoryFill { .. }
                | Operator::MemoryCopy { .. }
                | Operator::MemoryInit { .. }
                | Operator::TableFill { .. }
                | Operator::TableCopy { .. }
                | Operator::TableInit { .. }
                | Operator::TableGrow { .. }
        ) {
            continue;
        }
        // A region may be split between the two.
        let split = (0..at).rev().take(CHECK).find(|begin| walker.check_at(body, *begin) == Some(at - begin));
        if matches!(body[split.unwrap_or(at).saturating_sub(1)], Operator::I32Const { value } if value as u32 <= 1024) {
            continue;
        }
        let sized = |index: u32| {
            let body = &module.bodies[index as usize - module.imported];
            asks.contains(&index) && matches!(body.get(2), Some(Operator::I64ExtendI32U))
        };
        let only_from_one =
            called_by.get(&index).is_some_and(|callers| callers.len() == 1 && callers.iter().all(|c| sized(*c)));
        let outside = module.exported.contains(&index) || module.referenced.contains(&index);
        assert!(
            !outside && (sized(index) || only_from_one),
            "function {index}: {op:?} was not asked for: {:?}",
            &body[at.saturating_sub(5)..=at]
        );
    }
}
