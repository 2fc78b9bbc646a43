//! Where a guest was when it trapped, in terms of the module that its author made.

use std::sync::Arc;

use wasmtime::{FrameInfo, WasmBacktrace};

use super::engine::MAX_FRAMES;
use super::meter::names::Origins;

/// A guest function on the stack when it trapped.
#[derive(Debug)]
pub struct Frame {
    pub function: String,
    pub module_offset: u64,
}

/// The way back from the code of one module.
pub struct Origin {
    /// Where its code begins: what modules are told apart by.
    code: usize,
    origins: Arc<Origins>,
}

impl Origin {
    /// Adds the module's to the list, once.
    pub fn note(list: &mut Vec<Origin>, module: &wasmtime::Module, origins: &Arc<Origins>) {
        if !list.iter().any(|known| Arc::ptr_eq(&known.origins, origins)) {
            list.push(Origin { code: code_of(module), origins: origins.clone() });
        }
    }

    fn lead_back(list: &[Origin], frame: &FrameInfo) -> Option<Frame> {
        let code = code_of(frame.module());
        let offset = frame.module_offset().unwrap_or(0);
        let (index, offset) = match list.iter().find(|known| known.code == code) {
            Some(Origin { origins, .. }) if !origins.is_empty() => (
                origins.function(frame.func_index())?,
                u32::try_from(offset).ok().and_then(|offset| origins.offset(offset)).map_or(0, u64::from),
            ),
            _ => (frame.func_index(), offset as u64),
        };
        let function = frame.func_name().map_or_else(|| format!("func[{index}]"), str::to_owned);
        Some(Frame { function, module_offset: offset })
    }
}

fn code_of(module: &wasmtime::Module) -> usize {
    module.image_range().start.addr()
}

/// The innermost guest functions of a trap, those of the meter left out.
pub fn frames(error: &wasmtime::Error, origins: &[Origin]) -> Vec<Frame> {
    let Some(backtrace) = error.downcast_ref::<WasmBacktrace>() else { return Vec::new() };
    backtrace.frames().iter().filter_map(|frame| Origin::lead_back(origins, frame)).take(MAX_FRAMES).collect()
}
