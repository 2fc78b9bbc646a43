//! What holds for the pass over any bytes; the fuzz target and the tests share it.

use sluice::engine::engine::FEATURES;
use sluice::engine::error::Error;
use sluice::engine::meter::names::Origins;
use sluice::engine::meter::pass;
use wasmparser::{Parser, Payload, Validator};

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
    // Every place in the code leads somewhere.
    for payload in Parser::new(0).parse_all(&metered.wasm) {
        if let Ok(Payload::CodeSectionEntry(body)) = payload {
            let range = body.range();
            for place in [range.start, range.end - 1] {
                let origin = metered.origins.offset(place as u32);
                assert!(origin.is_none_or(|origin| origin as usize <= bytes.len()), "{place} leads to {origin:?}");
            }
        }
    }
    assert!(matches!(pass::instrument(&metered.wasm), Err(Error::Compilation(_))), "it is not instrumented twice");
    true
}
