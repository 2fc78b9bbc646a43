// Replaces every value by a made-up one of its kind; NULL stays NULL.

import { Column, Plugin, Query, Type, isNumber, run } from "../../../assemblyscript";
export * from "../../../assemblyscript/exports";

class MockData extends Plugin {
  after(query: Query): void {
    const result = query.result();
    if (!result || result.rowCount() == 0) {
      return;
    }
    for (let row = 0; row < result.rowCount(); row++) {
      for (let column = 0; column < result.columns.length; column++) {
        if (result.row(row)[column]) {
          result.set(row, column, madeUp(result.columns[column], row + 1));
        }
      }
    }
    query.setResult(result);
  }
}

function madeUp(column: Column, number: i32): string {
  switch (column.type) {
    case Type.Date:
      return "2000-01-01";
    case Type.Time:
      return "00:00:00";
    case Type.Datetime:
    case Type.Timestamp:
      return "2000-01-01 00:00:00";
    case Type.Year:
      return "2000";
    case Type.Json:
      return "{}";
    default:
      return isNumber(column.type) ? number.toString() : column.name + " " + number.toString();
  }
}

run(new MockData());
