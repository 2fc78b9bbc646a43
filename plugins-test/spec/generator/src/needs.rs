//! Which proposals, of those that Sluice does not offer to guests, a module is about.

use std::collections::BTreeSet;

use wasmparser::{Parser, Payload, Validator, WasmFeatures};

/// What Sluice offers.
const OFFERED: WasmFeatures = WasmFeatures::MUTABLE_GLOBAL
    .union(WasmFeatures::SATURATING_FLOAT_TO_INT)
    .union(WasmFeatures::SIGN_EXTENSION)
    .union(WasmFeatures::REFERENCE_TYPES)
    .union(WasmFeatures::MULTI_VALUE)
    .union(WasmFeatures::BULK_MEMORY)
    .union(WasmFeatures::SIMD)
    .union(WasmFeatures::TAIL_CALL)
    .union(WasmFeatures::FLOATS)
    .union(WasmFeatures::EXTENDED_CONST);

/// The others, the more special before those that they build on.
const OTHERS: [(&str, WasmFeatures); 12] = [
    ("custom-descriptors", WasmFeatures::CUSTOM_DESCRIPTORS),
    ("compact-imports", WasmFeatures::COMPACT_IMPORTS),
    ("gc", WasmFeatures::GC),
    ("function-references", WasmFeatures::FUNCTION_REFERENCES),
    ("exceptions", WasmFeatures::EXCEPTIONS),
    ("threads", WasmFeatures::THREADS),
    ("custom-page-sizes", WasmFeatures::CUSTOM_PAGE_SIZES),
    ("wide-arithmetic", WasmFeatures::WIDE_ARITHMETIC),
    ("relaxed-simd", WasmFeatures::RELAXED_SIMD),
    ("memory64", WasmFeatures::MEMORY64),
    ("multi-memory", WasmFeatures::MULTI_MEMORY),
    ("externref", WasmFeatures::GC_TYPES),
];

/// Fault of a version of the specification that a later one mends: the suite keeps the earlier one's test.
const LATER: &str = "later";

/// Nothing if Sluice's verdict on the module is the one that all proposals together give.
pub fn of(wasm: &[u8], refused: bool) -> Vec<&'static str> {
    let mut features = OTHERS.iter().fold(OFFERED, |all, (_, one)| all.union(*one));
    let verdict = verdict(wasm, features);
    if refused && verdict.is_none() {
        // Whoever lacks the proposal that made it valid refuses it as the test wants.
        return if self::verdict(wasm, OFFERED).is_none() {
            vec![LATER]
        } else {
            vec![]
        };
    }
    if self::verdict(wasm, OFFERED) == verdict {
        return vec![];
    }
    let mut needs = Vec::new();
    for (name, one) in OTHERS {
        let without = features.difference(one);
        if self::verdict(wasm, without) == verdict {
            features = without;
        } else {
            needs.push(name);
        }
    }
    needs
}

/// Why and where the module is refused, if it is.
fn verdict(wasm: &[u8], features: WasmFeatures) -> Option<(u64, String)> {
    let error = Validator::new_with_features(features)
        .validate_all(wasm)
        .err()?;
    Some((error.offset(), error.message().to_owned()))
}

/// The names of the modules that it imports from, as far as they can be read.
pub fn imports(wasm: &[u8]) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for payload in Parser::new(0).parse_all(wasm).map_while(Result::ok) {
        if let Payload::ImportSection(imports) = payload {
            names.extend(
                imports
                    .into_imports()
                    .map_while(Result::ok)
                    .map(|import| import.module.to_owned()),
            );
        }
    }
    names
}
