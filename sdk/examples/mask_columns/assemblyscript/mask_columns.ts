// Shows the columns password and card_number as ****, by whatever name the query calls them; NULL stays NULL.

import { Plugin, Query, Type, run } from "../../../assemblyscript";
export * from "../../../assemblyscript/exports";

class MaskColumns extends Plugin {
  after(query: Query): void {
    const result = query.result();
    if (!result) {
      return;
    }
    let changed = false;
    for (let column = 0; column < result.columns.length; column++) {
      const described = result.columns[column];
      if (!isMasked(described.name) && !isMasked(described.orgName)) {
        continue;
      }
      changed = true;
      result.setType(column, Type.Varchar);
      for (let row = 0; row < result.rowCount(); row++) {
        if (result.row(row)[column]) {
          result.set(row, column, "****");
        }
      }
    }
    if (changed) {
      query.setResult(result);
    }
  }
}

function isMasked(name: string): bool {
  const lower = name.toLowerCase();
  return lower == "password" || lower == "card_number";
}

run(new MaskColumns());
