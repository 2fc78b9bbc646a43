//! Types as text, the form in which they cross into Java and stand in messages.

use wasmtime::{AsContext, Extern, ExternType, FuncType, GlobalType, MemoryType, Mutability, TableType, ValType};

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

/// The type of something that lives in a store, with the size that it has now for its minimum.
pub fn current(item: &Extern, store: impl AsContext) -> ExternType {
    let narrow = |size: u64| u32::try_from(size).unwrap_or(u32::MAX);
    match item {
        Extern::Memory(memory) => {
            let maximum = memory.ty(&store).maximum().map(narrow);
            ExternType::Memory(MemoryType::new(narrow(memory.size(&store)), maximum))
        }
        Extern::Table(table) => {
            let ty = table.ty(&store);
            let size = narrow(table.size(&store));
            ExternType::Table(TableType::new(ty.element().clone(), size, ty.maximum().map(narrow)))
        }
        other => other.ty(&store),
    }
}

/// Whether an import of one type can be met by the other: a memory or table may be larger than asked for, never more
/// growable.
pub fn accepts(asked: &ExternType, offered: &ExternType) -> bool {
    let fits = |asked: (u64, Option<u64>), offered: (u64, Option<u64>)| {
        offered.0 >= asked.0 && asked.1.is_none_or(|most| offered.1.is_some_and(|maximum| maximum <= most))
    };
    match (asked, offered) {
        (ExternType::Memory(asked), ExternType::Memory(offered)) => {
            fits((asked.minimum(), asked.maximum()), (offered.minimum(), offered.maximum()))
        }
        (ExternType::Table(asked), ExternType::Table(offered)) => {
            value(&ValType::Ref(asked.element().clone())) == value(&ValType::Ref(offered.element().clone()))
                && fits((asked.minimum(), asked.maximum()), (offered.minimum(), offered.maximum()))
        }
        _ => external(asked) == external(offered),
    }
}

fn with_bounds(what: &str, minimum: u64, maximum: Option<u64>) -> String {
    match maximum {
        Some(maximum) => format!("{what} {minimum} {maximum}"),
        None => format!("{what} {minimum}"),
    }
}
