//! Types as text, the form in which they cross into Java and stand in messages.

use wasmtime::{ExternType, FuncType, GlobalType, Mutability, TableType, ValType};

pub fn value(ty: &ValType) -> String {
    match ty {
        ValType::Ref(r) if r.heap_type().is_func() => "funcref".into(),
        ValType::Ref(r) if r.heap_type().is_extern() => "externref".into(),
        other => other.to_string(),
    }
}

/// Whether values of the type fit a 64-bit slot and mean the same outside their store.
pub fn is_plain_number(ty: &ValType) -> bool {
    matches!(ty, ValType::I32 | ValType::I64 | ValType::F32 | ValType::F64)
}

/// `(i32, i64) -> i32`.
pub fn signature(ty: &FuncType) -> String {
    func(ty.params(), ty.results())
}

pub fn func(params: impl Iterator<Item = ValType>, results: impl Iterator<Item = ValType>) -> String {
    let list = |types: Vec<String>| types.join(", ");
    let params = list(params.map(|ty| value(&ty)).collect());
    let results: Vec<String> = results.map(|ty| value(&ty)).collect();
    match results.as_slice() {
        [one] => format!("({params}) -> {one}"),
        _ => format!("({params}) -> ({})", list(results)),
    }
}

/// `mut i32`.
pub fn global(ty: &GlobalType) -> String {
    match ty.mutability() {
        Mutability::Const => value(ty.content()),
        Mutability::Var => format!("mut {}", value(ty.content())),
    }
}

/// `funcref 1 2`.
pub fn table(ty: &TableType) -> String {
    let element = value(&ValType::Ref(ty.element().clone()));
    with_bounds(&element, ty.minimum(), ty.maximum())
}

/// What an import or export is, with its type.
pub fn external(ty: &ExternType) -> String {
    match ty {
        ExternType::Func(ty) => format!("func {}", signature(ty)),
        ExternType::Memory(ty) => with_bounds("memory", ty.minimum(), ty.maximum()),
        ExternType::Global(ty) => format!("global {}", global(ty)),
        ExternType::Table(ty) => format!("table {}", table(ty)),
        _ => "unsupported".into(),
    }
}

fn with_bounds(what: &str, minimum: u64, maximum: Option<u64>) -> String {
    match maximum {
        Some(maximum) => format!("{what} {minimum} {maximum}"),
        None => format!("{what} {minimum}"),
    }
}
