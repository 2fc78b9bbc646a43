//! What holds for the pass over any bytes; the fuzz target and the tests share it.

use sluice::engine::engine::FEATURES;
use sluice::engine::error::Error;
use sluice::engine::meter::names::Origins;
use sluice::engine::meter::pass;
use wasmparser::{Parser, Payload, TypeRef, Validator};

/// The pass makes a valid module of a valid one and refuses any other, with a message, and does the same again. Whether
/// it made one.
pub fn instrumented_or_refused(bytes: &[u8]) -> bool {
    let valid = Validator::new_with_features(FEATURES).validate_all(bytes).is_ok();
    let metered = match pass::instrument(bytes) {
        Ok(metered) => metered,
        Err(Error::Compilation(message)) => {
            let known = if valid { message.contains("meter") } else { message.starts_with("not a valid module: ") };
            assert!(known, "{message}");
            return false;
        }
        Err(other) => panic!("{other:?}"),
    };
    assert!(valid, "the pass took what is not a module");
    if let Err(error) = Validator::new_with_features(FEATURES).validate_all(&metered.wasm) {
        panic!("the pass made an invalid module: {error}");
    }
    assert_eq!(Origins::from_bytes(&metered.origins.to_bytes()).as_ref(), Some(&metered.origins));
    // Every place in code of the original leads into it.
    let mut function = 0;
    for payload in Parser::new(0).parse_all(&metered.wasm) {
        match &payload {
            Ok(Payload::ImportSection(imports)) => {
                let imported = imports.clone().into_imports();
                function +=
                    imported.filter(|import| matches!(import, Ok(import) if is_function(&import.ty))).count() as u32;
            }
            Ok(Payload::CodeSectionEntry(_)) => function += 1,
            _ => {}
        }
        if let Ok(Payload::CodeSectionEntry(body)) = payload {
            let range = body.range();
            if metered.origins.function(function - 1).is_none() {
                continue;
            }
            for place in [range.start, range.end - 1] {
                let origin = metered.origins.offset(place as u32);
                assert!(origin.is_none_or(|origin| origin as usize <= bytes.len()), "{place} leads to {origin:?}");
            }
        }
    }
    assert!(matches!(pass::instrument(&metered.wasm), Err(Error::Compilation(_))), "it is not instrumented twice");
    true
}

fn is_function(ty: &TypeRef) -> bool {
    matches!(ty, TypeRef::Func(_) | TypeRef::FuncExact(_))
}
