//! `WescaleNative`: the call of a SQL plugin, one crossing for each entry point.

use std::sync::Arc;

use super::block::{Block, field};
use super::budget;
use super::funnel::{Object, export};
use super::{handles, shared, store};
use crate::abi::wescale::{Dialect, Setup, outcome};
use crate::engine::error::{Error, Result};
use crate::engine::linker::InstancePre;
use crate::engine::session::Session;
use crate::engine::settings::WescaleLimits;

const STAGE_BEFORE: i32 = 0;
const STAGE_AFTER: i32 = 1;
/// Makes an instance and runs its start unless there is one, without a query; with `FLAG_FRESH` the one that is there
/// goes with its query first, and the new one waits for the next.
const STAGE_START: i32 = 2;
/// Drop what is there and run on a new instance.
const FLAG_FRESH: i32 = 1;
/// Drop the instance when the call is over.
const FLAG_RELEASE: i32 = 2;
/// The block has properties of the query; only in the before stage.
const FLAG_PROPERTIES: i32 = 4;
/// Besides the outcome's bits: there is a log, and the outputs do not fit the block.
const OUTCOME_LOG: i32 = 8;
const OUTCOME_OVERFLOW: i32 = 32;

pub const FLAGS: &[(&str, i32)] = &[
    ("STAGE_BEFORE", STAGE_BEFORE),
    ("STAGE_AFTER", STAGE_AFTER),
    ("STAGE_START", STAGE_START),
    ("FLAG_FRESH", FLAG_FRESH),
    ("FLAG_RELEASE", FLAG_RELEASE),
    ("FLAG_PROPERTIES", FLAG_PROPERTIES),
    ("OUTCOME_QUERY_CHANGED", outcome::QUERY_CHANGED as i32),
    ("OUTCOME_ERROR_SET", outcome::ERROR_SET as i32),
    ("OUTCOME_RESULT_SET", outcome::RESULT_SET as i32),
    ("OUTCOME_LOG", OUTCOME_LOG),
    ("OUTCOME_RESULT_CHANGED", outcome::RESULT_CHANGED as i32),
    ("OUTCOME_OVERFLOW", OUTCOME_OVERFLOW),
    ("OUTCOME_ERROR_CODE", outcome::ERROR_CODE as i32),
    ("OUTCOME_ERROR_CHANGED", outcome::ERROR_CHANGED as i32),
    ("TRAIT_DIALECT_A", TRAIT_DIALECT_A),
    ("TRAIT_DIALECT_B", TRAIT_DIALECT_B),
    ("TRAIT_USES_LOCKS", TRAIT_USES_LOCKS),
    ("TRAIT_GETS_PROPERTIES", TRAIT_GETS_PROPERTIES),
];

/// What `traits` answers: the dialect, C without a bit, and what the module may ask for.
const TRAIT_DIALECT_A: i32 = 1;
const TRAIT_DIALECT_B: i32 = 2;
const TRAIT_USES_LOCKS: i32 = 4;
const TRAIT_GETS_PROPERTIES: i32 = 8;

/// A session with its exchange block.
pub struct WescaleSlot {
    session: Session,
    block: Option<Block>,
}

impl WescaleSlot {
    #[inline]
    fn call(&mut self, stage: i32, flags: i32) -> Result<i32> {
        let block = self.block.as_ref().ok_or_else(no_block)?;
        let ended = match stage {
            STAGE_BEFORE => {
                let query = block.input("query", field::DATA as i32, block.get_i32(field::QUERY_LENGTH))?;
                let properties = match flags & FLAG_PROPERTIES {
                    0 => None,
                    _ => {
                        let (offset, length) = (field::PROPERTIES_OFFSET, field::PROPERTIES_LENGTH);
                        Some(block.input("properties", block.get_i32(offset), block.get_i32(length))?)
                    }
                };
                self.session.before(query, properties, flags & FLAG_FRESH != 0)
            }
            STAGE_AFTER => {
                let optional = |what, offset, length| match block.get_i32(length) {
                    -1 => Ok(None),
                    length => block.input(what, block.get_i32(offset), length).map(Some),
                };
                let error = optional("error", field::ERROR_OFFSET, field::ERROR_LENGTH)?;
                let result = optional("result", field::RESULT_OFFSET, field::RESULT_LENGTH)?;
                self.session.after(error, result)
            }
            STAGE_START if flags & FLAG_FRESH != 0 => self.session.renew(),
            STAGE_START => self.session.prepare(),
            other => Err(Error::IllegalArgument(format!("stage: expected 0, 1 or 2, found {other}"))),
        };
        block.put_i64(field::FUEL_USED, self.session.fuel_used() as i64);
        block.put_i64(field::MEMORY_BYTES, self.session.memory_bytes() as i64);
        if flags & FLAG_RELEASE != 0 {
            self.session.drop_instance();
        }
        let bits = write_outputs(block, &self.session);
        ended.map(|()| bits)
    }
}

#[cold]
fn no_block() -> Error {
    Error::IllegalState("no block is bound to this wescale instance".into())
}

/// Puts what the call left into the block: what changed of the query, error, result and log.
fn write_outputs(block: &Block, session: &Session) -> i32 {
    let Some(outputs) = session.outputs() else { return 0 };
    let log = outputs.log.as_bytes();
    let mut bits = outputs.bits as i32;
    if !log.is_empty() {
        bits |= OUTCOME_LOG;
    }
    block.put_i32(field::LOG_DROPPED, outputs.log.dropped() as i32);
    block.put_i32(field::LIVE, i32::from(session.is_live()));
    if let Some(code) = outputs.error_code {
        block.put_i32(field::ERROR_CODE, i32::from(code.code));
        block.write(field::SQL_STATE, &code.sql_state);
    }
    let mut end = field::DATA;
    let mut fits = true;
    for (bytes, offset_field, length_field) in [
        (outputs.query, field::QUERY_OFFSET, field::QUERY_LENGTH),
        (outputs.error, field::ERROR_OFFSET, field::ERROR_LENGTH),
        (outputs.result, field::RESULT_OFFSET, field::RESULT_LENGTH),
        (log, field::LOG_OFFSET, field::LOG_LENGTH),
    ] {
        block.put_i32(offset_field, end as i32);
        block.put_i32(length_field, bytes.len() as i32);
        if !bytes.is_empty() {
            fits = fits && block.write(end, bytes);
            end = (end + bytes.len()).next_multiple_of(8);
        }
    }
    if !fits {
        bits |= OUTCOME_OVERFLOW;
        block.put_i32(field::NEEDED_BYTES, i32::try_from(end).unwrap_or(i32::MAX));
    }
    block.put_i32(field::OUTCOME, bits);
    bits
}

export! {
    fn Java_io_sluice_runtime_internal_WescaleNative_create(
        env, pre: i64, limits: Object, budget: i64, args: Object, variables: Object, configuration: Object, grants: i32,
        module: i64, global: i64
    ) -> i64 {
        let pre = handles::shared::<InstancePre>(pre)?;
        let limits = WescaleLimits::parse(&env.longs("limits", limits)?)?;
        let budget = budget::optional(budget)?;
        let wasi =
            store::wasi(&env.strings("args", args)?, &env.strings("env", variables)?, limits.store.clock_resolution)?;
        let setup = Setup {
            module: shared::optional(module)?,
            global: shared::optional(global)?,
            configuration: env.bytes("configuration", configuration)?.into(),
            grants: grants as u32,
            ..Setup::default()
        };
        let session = Session::new(pre, Arc::new(limits), budget, wasi, setup)?;
        handles::confine(WescaleSlot { session, block: None })
    }
}

export! {
    fn Java_io_sluice_runtime_internal_WescaleNative_traits(env, slot: i64) -> i32 {
        let _ = env;
        let shape = handles::hold::<WescaleSlot>(slot)?.session.shape();
        let dialect = match shape.dialect {
            Dialect::A => TRAIT_DIALECT_A,
            Dialect::B => TRAIT_DIALECT_B,
            Dialect::C => 0,
        };
        Ok(dialect
            | if shape.uses_locks { TRAIT_USES_LOCKS } else { 0 }
            | if shape.gets_properties { TRAIT_GETS_PROPERTIES } else { 0 })
    }
}

export! {
    fn Java_io_sluice_runtime_internal_WescaleNative_bind(env, slot: i64, block: Object) {
        let mut slot = handles::hold::<WescaleSlot>(slot)?;
        slot.block = Some(Block::new(env, block, field::DATA)?);
        Ok(())
    }
}

export! {
    fn Java_io_sluice_runtime_internal_WescaleNative_call(env, slot: i64, stage: i32, flags: i32) -> i32 {
        let _ = env;
        handles::hold::<WescaleSlot>(slot)?.call(stage, flags)
    }
}

export! {
    fn Java_io_sluice_runtime_internal_WescaleNative_fetch(env, slot: i64) {
        let _ = env;
        let slot = handles::hold::<WescaleSlot>(slot)?;
        write_outputs(slot.block.as_ref().ok_or_else(no_block)?, &slot.session);
        Ok(())
    }
}

export! {
    fn Java_io_sluice_runtime_internal_WescaleNative_endQuery(env, slot: i64) {
        let _ = env;
        handles::hold::<WescaleSlot>(slot)?.session.end_query()
    }
}

export! {
    fn Java_io_sluice_runtime_internal_WescaleNative_recycle(env, slot: i64) {
        let _ = env;
        handles::hold::<WescaleSlot>(slot)?.session.drop_instance();
        Ok(())
    }
}

export! {
    fn Java_io_sluice_runtime_internal_WescaleNative_close(env, slot: i64) {
        let _ = env;
        handles::close_confined::<WescaleSlot>(slot)
    }
}

#[cfg(test)]
impl From<Session> for WescaleSlot {
    fn from(session: Session) -> WescaleSlot {
        WescaleSlot { session, block: None }
    }
}
