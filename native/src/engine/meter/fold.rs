//! Which functions charge nothing because their callers do it for them.
//!
//! Folded are functions without loops and bulk operations that cost little, their folded callees included, and that no
//! circle of calls needs: each circle keeps one function that charges. What the host may call is never folded.

use std::collections::BTreeMap;

use super::cost::{Prices, Shape, Sum};
use super::source::Source;
use crate::engine::error::Result;

/// The most that a folded function may cost.
const MAX_FOLDED_UNITS: u64 = 200;
/// The same for one that may be called indirectly, where every caller of its type pays for the dearest.
const MAX_FOLDED_INDIRECT_UNITS: u64 = 100;

/// The outcome, by function and by type.
#[derive(Default)]
pub struct Folding {
    functions: Vec<Decision>,
    /// By the first of equal types.
    types: BTreeMap<u32, TypePrice>,
    equal_types: Vec<u32>,
    /// A call of one of a type that the module has no function of may still go elsewhere.
    shares_references: bool,
}

#[derive(Clone, Copy, Default)]
struct Decision {
    /// What it costs its callers; 0: it charges for itself.
    folded: u64,
    /// Whether the counter may change while it runs.
    touches: bool,
}

#[derive(Clone, Copy, Default)]
struct TypePrice {
    folded: u64,
    touches: bool,
}

impl Folding {
    pub fn is_folded(&self, function: u32) -> bool {
        self.of_function(function) > 0
    }

    /// Whether the counter may change during a call of the function.
    pub fn call_touches(&self, function: u32) -> bool {
        self.functions.get(function as usize).is_none_or(|decision| decision.touches)
    }

    pub fn indirect_touches(&self, ty: u32) -> bool {
        self.shares_references || self.price_of(ty).is_some_and(|price| price.touches)
    }

    fn price_of(&self, ty: u32) -> Option<&TypePrice> {
        self.types.get(self.equal_types.get(ty as usize)?)
    }
}

impl Prices for Folding {
    fn of_function(&self, function: u32) -> u64 {
        self.functions.get(function as usize).map_or(0, |decision| decision.folded)
    }

    fn of_type(&self, ty: u32) -> u64 {
        self.price_of(ty).map_or(0, |price| price.folded)
    }
}

/// A function, or all escaping functions of one type.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Node {
    Function(u32),
    Type(u32),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    New,
    /// It waits for what it calls.
    Open,
    Done,
}

struct Walk<'a, 'm> {
    source: &'a Source<'m>,
    shapes: &'a [Shape],
    folding: Folding,
    states: Vec<State>,
    type_states: BTreeMap<u32, State>,
    /// Functions that must charge.
    charges: Vec<bool>,
    escapes: Vec<bool>,
    /// The escaping functions of each type.
    members: BTreeMap<u32, Vec<u32>>,
}

pub fn decide(source: &Source<'_>, shapes: &[Shape]) -> Result<Folding> {
    let count = source.function_types.len();
    let imported = source.imported_functions as usize;
    let mut walk = Walk {
        source,
        shapes,
        folding: Folding {
            functions: vec![Decision { folded: 0, touches: true }; count],
            types: BTreeMap::new(),
            equal_types: source.equal_types.clone(),
            shares_references: source.shares_references,
        },
        states: vec![State::New; count],
        type_states: BTreeMap::new(),
        charges: vec![false; count],
        escapes: vec![false; count],
        members: BTreeMap::new(),
    };
    for function in source.exports.iter().filter(|export| is_function(export.kind)).map(|export| export.index) {
        walk.must_charge(function);
    }
    if let Some(start) = source.start {
        walk.must_charge(start);
    }
    for function in source.escaping.iter().copied() {
        if let Some(escapes) = walk.escapes.get_mut(function as usize) {
            *escapes = true;
        }
        if source.shares_references {
            walk.must_charge(function);
        }
        if let Some(ty) = walk.type_of(function) {
            walk.members.entry(ty).or_default().push(function);
        }
    }
    for (i, shape) in shapes.iter().enumerate() {
        if !shape.loops.is_empty() || shape.bulk {
            walk.charges[imported + i] = true;
        }
    }
    for state in &mut walk.states[..imported] {
        *state = State::Done;
    }
    for function in imported..count {
        walk.from(function as u32)?;
    }
    Ok(walk.folding)
}

fn is_function(kind: wasmparser::ExternalKind) -> bool {
    matches!(kind, wasmparser::ExternalKind::Func | wasmparser::ExternalKind::FuncExact)
}

impl Walk<'_, '_> {
    fn must_charge(&mut self, function: u32) {
        if let Some(charges) = self.charges.get_mut(function as usize) {
            *charges = true;
        }
    }

    fn type_of(&self, function: u32) -> Option<u32> {
        let ty = *self.source.function_types.get(function as usize)?;
        self.source.equal_types.get(ty as usize).copied()
    }

    fn shape(&self, function: u32) -> Option<&Shape> {
        self.shapes.get(function.checked_sub(self.source.imported_functions)? as usize)
    }

    /// Decides for everything that can be called from here, callees first, without recursion.
    fn from(&mut self, function: u32) -> Result<()> {
        let root = Node::Function(function);
        if self.state(root) != State::New {
            return Ok(());
        }
        self.set(root, State::Open);
        // A node and how many of its edges have been followed.
        let mut path: Vec<(Node, usize)> = vec![(root, 0)];
        while let Some((node, followed)) = path.last_mut() {
            let node = *node;
            let next = self.edge(node, *followed);
            *followed += 1;
            match next {
                None => {
                    path.pop();
                    self.close(node)?;
                }
                Some(next) => match self.state(next) {
                    State::New => {
                        self.set(next, State::Open);
                        path.push((next, 0));
                    }
                    // A circle closes here: one of its functions has to charge.
                    State::Open => match (node, next) {
                        (_, Node::Function(function)) | (Node::Function(function), Node::Type(_)) => {
                            self.must_charge(function);
                        }
                        (Node::Type(_), Node::Type(_)) => {}
                    },
                    State::Done => {}
                },
            }
        }
        Ok(())
    }

    fn edge(&self, node: Node, index: usize) -> Option<Node> {
        match node {
            Node::Type(ty) => self.members.get(&ty)?.get(index).copied().map(Node::Function),
            Node::Function(function) => {
                let shape = self.shape(function)?;
                match shape.calls.get(index) {
                    Some(callee) => Some(Node::Function(*callee)),
                    None => {
                        let ty = *shape.indirect.get(index - shape.calls.len())?;
                        self.source.equal_types.get(ty as usize).copied().map(Node::Type)
                    }
                }
            }
        }
    }

    fn state(&self, node: Node) -> State {
        match node {
            Node::Function(function) => self.states.get(function as usize).copied().unwrap_or(State::Done),
            Node::Type(ty) => self.type_states.get(&ty).copied().unwrap_or(State::New),
        }
    }

    fn set(&mut self, node: Node, state: State) {
        match node {
            Node::Function(function) => {
                if let Some(slot) = self.states.get_mut(function as usize) {
                    *slot = state;
                }
            }
            Node::Type(ty) => {
                self.type_states.insert(ty, state);
            }
        }
    }

    /// All that the node calls has been decided, but for what is open still and charges for itself.
    fn close(&mut self, node: Node) -> Result<()> {
        self.set(node, State::Done);
        match node {
            Node::Type(ty) => {
                let mut price = TypePrice::default();
                for function in self.members.get(&ty).into_iter().flatten() {
                    let decision = self.folding.functions.get(*function as usize).copied().unwrap_or_default();
                    price.folded = price.folded.max(decision.folded);
                    price.touches |= decision.touches;
                }
                self.folding.types.insert(ty, price);
            }
            Node::Function(function) => {
                if !self.charges.get(function as usize).copied().unwrap_or(true) {
                    self.fold(function)?;
                }
            }
        }
        Ok(())
    }

    fn fold(&mut self, function: u32) -> Result<()> {
        let index = function.checked_sub(self.source.imported_functions);
        let (Some(shape), Some(body)) =
            (self.shape(function), index.and_then(|index| self.source.bodies.get(index as usize)))
        else {
            return Ok(());
        };
        let regions = Sum::of(body, &shape.loops, &self.folding)?;
        let escapes = self.escapes.get(function as usize).copied().unwrap_or(true);
        let limit = if escapes { MAX_FOLDED_INDIRECT_UNITS } else { MAX_FOLDED_UNITS };
        if !regions.checks.is_empty() || regions.entry > limit {
            return Ok(());
        }
        let touches = shape.calls.iter().any(|callee| self.folding.call_touches(*callee))
            || shape.indirect.iter().any(|ty| self.folding.indirect_touches(*ty));
        if let Some(decision) = self.folding.functions.get_mut(function as usize) {
            *decision = Decision { folded: regions.entry, touches };
        }
        Ok(())
    }
}
