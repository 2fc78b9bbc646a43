//! `EngineNative`.

use super::funnel::{Object, export};
use super::handles;
use crate::engine::engine::Engine;
use crate::engine::settings::EngineSettings;

export! {
    fn Java_io_sluice_runtime_internal_EngineNative_create(env, settings: Object) -> i64 {
        let settings = EngineSettings::parse(&env.longs("settings", settings)?)?;
        handles::share(Engine::with(settings)?)
    }
}

export! {
    fn Java_io_sluice_runtime_internal_EngineNative_usesSignals(env, engine: i64) -> bool {
        let _ = env;
        Ok(handles::shared::<Engine>(engine)?.signals)
    }
}

export! {
    fn Java_io_sluice_runtime_internal_EngineNative_fingerprint(env, engine: i64) -> i64 {
        let _ = env;
        Ok(handles::shared::<Engine>(engine)?.fingerprint as i64)
    }
}

export! {
    fn Java_io_sluice_runtime_internal_EngineNative_close(env, engine: i64) {
        let _ = env;
        handles::close_shared::<Engine>(engine)
    }
}
