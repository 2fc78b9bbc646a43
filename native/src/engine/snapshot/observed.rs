//! What a start may ask of its host when its instance is to be snapshotted.
//!
//! | a call of | in a snapshot |
//! |---|---|
//! | randomness | would give every instance the same numbers: allowed if the host's configuration says so, or the module exports `sluice_after_restore` to make new ones |
//! | output and logs | would be logged once, not for each instance |
//! | values, locks and counters that instances share | would have its effect once, and what was read is of that moment |
//! | clocks, waiting | allowed: the steady clock of an instance goes on from that of the snapshot |
//! | arguments, environment, configuration | allowed: all instances have the same |
//! | everything that a query owns | allowed: there is no query at start, so the answer is the same status each time |
//! | files and the like | allowed: the answer is the same refusal each time |

use std::sync::{Arc, OnceLock};

use wasmtime::{ExternType, Linker};

use super::AFTER_RESTORE;
use super::source::Reason;
use crate::abi::{wasi, wescale};
use crate::engine::engine::Engine;
use crate::engine::error::{Error, Result};
use crate::engine::linker::InstancePre;
use crate::engine::meter;
use crate::engine::module::Module;
use crate::engine::store::StoreData;

const RANDOM: [(&str, &str); 1] = [(wasi::MODULE, "random_get")];
const LOGS: [(&str, &str); 3] =
    [(wasi::MODULE, "fd_write"), (wescale::MODULE, "InfoLogOnHost"), (wescale::MODULE, "ErrorLogOnHost")];
const COUNTERS: [(&str, &str); 1] = [(wescale::sluice::MODULE, "add_counter")];

/// Why this import must not be called; `None` if it may be.
fn objection(module: &str, name: &str, random_allowed: bool) -> Option<Reason> {
    let asked = (module, name);
    let shared = wescale::shared::NAMES_A.iter().chain(&wescale::shared::NAMES_B);
    if RANDOM.contains(&asked) {
        return (!random_allowed).then(|| {
            format!(
                "asked for randomness ({module}.{name}), which would be the same in every instance: export \
                 {AFTER_RESTORE} and make it anew there, or allow it with snapshotDespiteRandomness"
            )
        });
    }
    if LOGS.contains(&asked) {
        return Some(format!("logged something ({module}.{name}), which each instance would not"));
    }
    if COUNTERS.contains(&asked) || module == wescale::MODULE && shared.into_iter().any(|known| *known == name) {
        return Some(format!("used what instances share ({module}.{name}), which each instance would not"));
    }
    None
}

/// What the guest called although it must not.
pub type Objection = Arc<OnceLock<Reason>>;

/// The module with its imports resolved to the host functions of our ABIs, as every instance gets them, but for those that
/// must not be called: they note why and end the guest.
pub fn link(engine: &Arc<Engine>, module: &Module, random_allowed: bool) -> Result<(InstancePre, Objection)> {
    let mut linker: Linker<StoreData> = Linker::new(&engine.inner);
    let internal = |error: wasmtime::Error| Error::Internal(format!("{error:#}"));
    meter::add_to_linker(&mut linker).map_err(internal)?;
    wasi::add_to_linker(&mut linker).map_err(internal)?;
    wescale::add_to_linker(&mut linker).map_err(internal)?;
    linker.allow_shadowing(true);
    let noted = Objection::default();
    for import in module.inner.imports() {
        let (ExternType::Func(ty), Some(reason)) =
            (import.ty(), objection(import.module(), import.name(), random_allowed))
        else {
            continue;
        };
        let noted = noted.clone();
        let refuse = move |_: wasmtime::Caller<'_, StoreData>, _: &[wasmtime::Val], _: &mut [wasmtime::Val]| {
            let reason = noted.get_or_init(|| reason.clone());
            Err(wasmtime::Error::msg(reason.clone()))
        };
        linker.func_new(import.module(), import.name(), ty, refuse).map_err(internal)?;
    }
    let inner =
        linker.instantiate_pre(&module.inner).map_err(|error| Error::Link(format!("cannot link: {error:#}")))?;
    let pre = InstancePre {
        engine: engine.clone(),
        module: module.inner.clone(),
        origins: module.origins.clone(),
        inner,
        owner: None,
        refused_properties: Arc::default(),
    };
    Ok((pre, noted))
}
