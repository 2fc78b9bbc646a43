//! Logs every query with what came of it.

use sluice::{Outcome, Plugin, Query};

#[derive(Default)]
struct AuditLog;

impl Plugin for AuditLog {
    fn after(&mut self, query: &Query) -> Outcome {
        let text = query.text()?;
        if let Some(error) = query.error()? {
            sluice::error(&format!("audit: failed: {}: {}", text, error));
            return Ok(());
        }
        match query.result()? {
            Some(result) if !result.columns().is_empty() => sluice::info(&format!("audit: {} rows: {}", result.row_count(), text)),
            Some(result) => sluice::info(&format!("audit: {} changed: {}", result.rows_affected, text)),
            None => sluice::info(&format!("audit: 0 changed: {}", text)),
        }
        Ok(())
    }
}

sluice::plugin!(AuditLog);
