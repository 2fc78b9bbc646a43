// Logs every query with what came of it.

import { Plugin, Query, error, info, run } from "../../../assemblyscript";
export * from "../../../assemblyscript/exports";

class AuditLog extends Plugin {
  after(query: Query): void {
    const text = query.text();
    const failure = query.error();
    if (failure) {
      error("audit: failed: " + text + ": " + failure);
      return;
    }
    const result = query.result();
    if (!result) {
      info("audit: 0 changed: " + text);
    } else if (result.columns.length > 0) {
      info("audit: " + result.rowCount().toString() + " rows: " + text);
    } else {
      info("audit: " + result.rowsAffected.toString() + " changed: " + text);
    }
  }
}

run(new AuditLog());
