// Refuses an UPDATE or DELETE that has no WHERE of its own. What the server may leave out counts against the query: a verb may be there, a
// WHERE may not.

import { Plugin, Query, run, tokens } from "../../../assemblyscript";
export * from "../../../assemblyscript/exports";

class RejectWithoutWhere extends Plugin {
  before(query: Query): void {
    if (changesEveryRow(query.text())) {
      query.reject("no where clause");
    }
  }
}

function changesEveryRow(query: string): bool {
  let first = true;
  let change = false;
  let where = false;
  const words = tokens(query);
  for (let i = 0; i < words.length; i++) {
    const token = words[i];
    if (token.kind == 0x3b && token.depth == 0) {
      if (change && !where) {
        return true;
      }
      first = true;
      change = false;
      where = false;
      continue;
    }
    change = change || (first && (token.is("update") || token.is("delete")));
    where = where || (token.depth == 0 && !token.conditional && token.is("where"));
    first = first && token.conditional;
  }
  return change && !where;
}

run(new RejectWithoutWhere());
