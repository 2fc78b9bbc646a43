//! One budget of linear memory over many stores.

use std::sync::atomic::{AtomicU64, Ordering};

/// Bytes of linear memory that all stores with this budget may hold together.
#[derive(Debug)]
pub struct MemoryBudget {
    limit: u64,
    used: AtomicU64,
}

impl MemoryBudget {
    pub fn new(limit: u64) -> MemoryBudget {
        MemoryBudget { limit, used: AtomicU64::new(0) }
    }

    pub fn limit(&self) -> u64 {
        self.limit
    }

    pub fn used(&self) -> u64 {
        self.used.load(Ordering::Relaxed)
    }

    /// Takes `bytes` if they are left.
    pub fn take(&self, bytes: u64) -> bool {
        let taken = self.used.fetch_add(bytes, Ordering::Relaxed);
        if taken.checked_add(bytes).is_some_and(|sum| sum <= self.limit) {
            return true;
        }
        self.give_back(bytes);
        false
    }

    pub fn give_back(&self, bytes: u64) {
        self.used.fetch_sub(bytes, Ordering::Relaxed);
    }
}
