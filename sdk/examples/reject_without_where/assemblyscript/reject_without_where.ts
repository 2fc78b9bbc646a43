// Refuses an UPDATE or DELETE that has no WHERE of its own. What the server may leave out counts against the query: a verb may be there, a
// WHERE may not. A word behind a dot is a name, and the verb of WITH is behind what it names.

import { Plugin, Query, Token, run, tokens } from "../../../assemblyscript";
export * from "../../../assemblyscript/exports";

class RejectWithoutWhere extends Plugin {
  before(query: Query): void {
    if (changesEveryRow(query.text())) {
      query.reject("no where clause");
    }
  }
}

function reads(token: Token): bool {
  return token.is("select") || token.is("table") || token.is("values");
}

function changesEveryRow(query: string): bool {
  let looking = true;
  let withed = false;
  let change = false;
  let where = false;
  let named = false;
  const words = tokens(query);
  for (let i = 0; i < words.length; i++) {
    const token = words[i];
    if (token.kind == 0x3b && token.depth == 0) {
      if (change && !where) {
        return true;
      }
      looking = true;
      withed = false;
      change = false;
      where = false;
      named = false;
      continue;
    }
    if (looking && token.depth == 0) {
      change = change || token.is("update") || token.is("delete");
      withed = withed || token.is("with") || token.is("analyze");
      looking = token.conditional || (withed && !reads(token));
    }
    where = where || (token.depth == 0 && !token.conditional && !named && token.is("where"));
    named = token.kind == 0x2e || (named && token.conditional);
  }
  return change && !where;
}

run(new RejectWithoutWhere());
