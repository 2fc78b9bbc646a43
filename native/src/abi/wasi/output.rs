//! Standard output and standard error: each line is a record of the plugin's log.

use wasmtime::{Caller, Linker};

use super::{BASE_UNITS, MODULE, answer, errno, with_memory};
use crate::abi::log::{GuestLog, LEVEL_ERROR, LEVEL_INFO, utf8_prefix};
use crate::abi::{AbiHost, charge, guest};

/// A line that grows longer is logged in pieces of this many bytes.
const MAX_LINE: usize = 8 * 1024;

/// More buffers in one call are refused, as POSIX's `IOV_MAX` lets a host do.
const MAX_BUFFERS: u32 = 1024;

/// The line that a stream is in the middle of. Its buffer keeps its capacity.
#[derive(Debug, Default)]
pub struct Lines {
    pending: Vec<u8>,
}

impl Lines {
    /// Logs the lines that `bytes` end and keeps the rest; does no work for a full log.
    fn write(&mut self, level: u8, bytes: &[u8], log: &mut GuestLog) {
        let mut rest = bytes;
        while !rest.is_empty() {
            if log.room().is_none() {
                self.pending.clear();
                log.count_dropped();
                return;
            }
            let window = rest.get(..MAX_LINE).unwrap_or(rest);
            let (piece, ended, after) = match window.iter().position(|byte| *byte == b'\n') {
                Some(at) => (at, true, at.saturating_add(1)),
                None => (window.len(), false, window.len()),
            };
            self.append(level, rest.get(..piece).unwrap_or_default(), log);
            if ended {
                log.push(level, &self.pending);
                self.pending.clear();
            }
            rest = rest.get(after..).unwrap_or_default();
        }
    }

    /// Adds to the line begun; `piece` is at most `MAX_LINE` bytes.
    fn append(&mut self, level: u8, piece: &[u8], log: &mut GuestLog) {
        self.pending.extend_from_slice(piece);
        while self.pending.len() > MAX_LINE {
            let full = utf8_prefix(&self.pending, MAX_LINE);
            let len = full.len();
            log.push(level, full);
            self.pending.drain(..len);
        }
    }

    /// Logs a line that was begun and not ended.
    #[inline]
    pub(super) fn flush(&mut self, level: u8, log: &mut GuestLog) {
        if !self.pending.is_empty() {
            log.push(level, &self.pending);
            self.pending.clear();
        }
    }
}

/// What `fd_write` is to do, all addresses checked.
struct Write {
    buffers: u32,
    count: u32,
    total: u32,
}

impl Write {
    /// Checks every buffer and the place of the answer; the error is the guest's.
    fn check(memory: &[u8], buffers: u32, count: u32, written: u32) -> Result<Write, i32> {
        if count > MAX_BUFFERS {
            return Err(errno::INVAL);
        }
        guest::bytes(memory, written, 4).ok_or(errno::FAULT)?;
        let mut total = 0u32;
        for i in 0..count {
            let (ptr, len) = buffer(memory, buffers, i).ok_or(errno::FAULT)?;
            guest::bytes(memory, ptr, len).ok_or(errno::FAULT)?;
            total = total.checked_add(len).ok_or(errno::INVAL)?;
        }
        Ok(Write { buffers, count, total })
    }
}

fn buffer(memory: &[u8], buffers: u32, index: u32) -> Option<(u32, u32)> {
    let at = guest::item(buffers, index, 8)?;
    Some((guest::read_u32(memory, at)?, guest::read_u32(memory, at.checked_add(4)?)?))
}

pub(super) fn add_to_linker<T: AbiHost>(linker: &mut Linker<T>) -> wasmtime::Result<()> {
    linker.func_wrap(MODULE, "fd_write", fd_write::<T>)?;
    linker.func_wrap(MODULE, "fd_fdstat_get", |mut caller: Caller<'_, T>, fd: u32, out: u32| {
        let errno = match character_device(fd) {
            None => errno::BADF,
            Some(stat) => with_memory(&mut caller, |memory, _| {
                guest::write(memory, out, &stat)?;
                Some(errno::SUCCESS)
            }),
        };
        answer(&mut caller, errno)
    })?;
    Ok(())
}

fn fd_write<T: AbiHost>(
    mut caller: Caller<'_, T>,
    fd: u32,
    buffers: u32,
    count: u32,
    written: u32,
) -> wasmtime::Result<i32> {
    let level = match fd {
        1 => LEVEL_INFO,
        2 => LEVEL_ERROR,
        _ => return answer(&mut caller, errno::BADF),
    };
    let Some(memory) = guest::memory(&mut caller) else {
        return answer(&mut caller, errno::FAULT);
    };
    let write = match Write::check(memory.data(&caller), buffers, count, written) {
        Ok(write) => write,
        Err(errno) => {
            // Up to so many buffers were looked at.
            charge(&mut caller, BASE_UNITS + u64::from(count.min(MAX_BUFFERS)))?;
            return Ok(errno);
        }
    };
    charge(&mut caller, BASE_UNITS + u64::from(write.count) + u64::from(write.total))?;
    let (bytes, host) = memory.data_and_store_mut(&mut caller);
    let mut lines = std::mem::take(stream(host, level));
    let log = host.log();
    for i in 0..write.count {
        let piece = buffer(bytes, write.buffers, i).and_then(|(ptr, len)| guest::bytes(bytes, ptr, len));
        lines.write(level, piece.unwrap_or_default(), log);
    }
    *stream(host, level) = lines;
    let answered = guest::write_u32(bytes, written, write.total);
    Ok(answered.map_or(errno::FAULT, |()| errno::SUCCESS))
}

fn stream<T: AbiHost>(host: &mut T, level: u8) -> &mut Lines {
    let wasi = host.wasi();
    if level == LEVEL_ERROR { &mut wasi.stderr } else { &mut wasi.stdout }
}

/// `fdstat` of the standard streams: a terminal-like device that can be read (0) or written (1, 2) and nothing else.
fn character_device(fd: u32) -> Option<[u8; 24]> {
    const CHARACTER_DEVICE: u8 = 2;
    const RIGHT_FD_READ: u8 = 1 << 1;
    const RIGHT_FD_WRITE: u8 = 1 << 6;
    let rights = match fd {
        0 => RIGHT_FD_READ,
        1 | 2 => RIGHT_FD_WRITE,
        _ => return None,
    };
    let mut stat = [0u8; 24];
    stat[0] = CHARACTER_DEVICE;
    stat[8] = rights;
    Some(stat)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::abi::test_host::records;

    fn log_of(writes: &[&str]) -> Vec<(u8, String)> {
        let mut log = GuestLog::new(1 << 20);
        let mut lines = Lines::default();
        writes.iter().for_each(|text| lines.write(LEVEL_INFO, text.as_bytes(), &mut log));
        lines.flush(LEVEL_INFO, &mut log);
        records(log.as_bytes())
    }

    fn texts(writes: &[&str]) -> Vec<String> {
        log_of(writes).into_iter().map(|(_, text)| text).collect()
    }

    #[test]
    fn each_line_is_a_record() {
        assert_eq!(texts(&["a\nb\n"]), ["a", "b"]);
        assert_eq!(texts(&["a", "b", "\nc"]), ["ab", "c"]);
        assert_eq!(texts(&["\n\n"]), ["", ""]);
        assert!(texts(&["", ""]).is_empty());
    }

    #[test]
    fn a_long_line_is_logged_in_pieces() {
        let long = "€".repeat(MAX_LINE);
        let pieces = texts(&[&long, "!\nend\n"]);
        assert!(pieces.iter().all(|piece| piece.len() <= MAX_LINE));
        assert_eq!(pieces.last().unwrap(), "end");
        assert_eq!(pieces[..pieces.len() - 1].concat(), format!("{long}!"));
    }

    #[test]
    fn a_full_log_costs_no_more_work() {
        let mut log = GuestLog::new(100);
        let mut lines = Lines::default();
        let flood = vec![b'\n'; 1 << 20];
        lines.write(LEVEL_ERROR, &flood, &mut log);
        assert!(log.as_bytes().len() <= 100);
        assert_eq!(log.dropped(), 1);
        lines.write(LEVEL_ERROR, b"more", &mut log);
        assert!(lines.pending.is_empty());
        assert_eq!(log.dropped(), 2);
    }
}
