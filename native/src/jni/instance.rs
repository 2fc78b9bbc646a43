//! `InstanceNative`.

use super::funnel::{Object, export};
use super::handles;
use super::store::StoreSlot;

export! {
    fn Java_io_sluice_runtime_internal_InstanceNative_export(env, store: i64, instance: i32, name: Object) -> i64 {
        let name = env.string("name", name)?;
        let instance = usize::try_from(instance).unwrap_or(usize::MAX);
        handles::hold::<StoreSlot>(store)?.inner.export(instance, &name)
    }
}
