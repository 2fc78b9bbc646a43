//! `SnapshotNative`: a plugin's module after its start.

use std::sync::Arc;

use super::funnel::{Object, export};
use super::{budget, handles};
use crate::abi::wasi::WasiConfig;
use crate::engine::engine::Engine;
use crate::engine::error::Error;
use crate::engine::linker::InstancePre;
use crate::engine::settings::WescaleLimits;
use crate::engine::snapshot::{self, Conditions};
use crate::engine::stack;

// Puts the module's handle, 0 for none, into `module` and answers what became of the snapshot.
export! {
    fn Java_io_sluice_runtime_internal_SnapshotNative_take(
        env, target: i64, wasm: Object, quick: i64, limits: Object, budget: i64, args: Object, variables: Object,
        configuration: Object, grants: i32, random_allowed: u8, module: Object
    ) -> Object {
        let target = handles::shared::<Engine>(target)?;
        let quick = handles::shared::<InstancePre>(quick)?;
        let wasm = env.bytes("wasm", wasm)?;
        let limits = WescaleLimits::parse(&env.longs("limits", limits)?)?;
        let (args, variables) = (env.strings("args", args)?, env.strings("env", variables)?);
        let conditions = Conditions {
            wasi: Arc::new(
                WasiConfig::new(&args, &variables, limits.store.clock_resolution).map_err(Error::IllegalArgument)?,
            ),
            limits: Arc::new(limits),
            budget: budget::optional(budget)?,
            configuration: env.bytes("configuration", configuration)?.into(),
            grants: grants as u32,
            random_allowed: random_allowed != 0,
        };
        stack::check(quick.engine.settings.max_wasm_stack_bytes.max(target.settings.max_wasm_stack_bytes))?;
        let outcome = snapshot::take(&target, &wasm, &quick, &conditions);
        let handle = match outcome.module {
            Some(module) => handles::share(Arc::new(module))?,
            None => 0,
        };
        env.set_longs("module", module, &[handle])?;
        env.new_string(&outcome.reason)
    }
}
