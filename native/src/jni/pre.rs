//! `InstancePreNative`.

use super::funnel::export;
use super::handles;
use crate::engine::linker::InstancePre;

export! {
    fn Java_io_sluice_runtime_internal_InstancePreNative_close(env, pre: i64) {
        let _ = env;
        handles::close_shared::<InstancePre>(pre)
    }
}
