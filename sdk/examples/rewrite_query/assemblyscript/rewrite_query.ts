// Puts LIMIT 100 to a SELECT that has no limit of its own: behind its last word, or before FOR UPDATE and its like.

import { Plugin, Query, Token, run, tokens } from "../../../assemblyscript";
export * from "../../../assemblyscript/exports";

class RewriteQuery extends Plugin {
  before(query: Query): void {
    const text = query.text();
    const at = place(tokens(text));
    if (at >= 0) {
      query.setText(text.substring(0, at) + " LIMIT 100" + text.substring(at));
    }
  }
}

// Where the limit goes; -1 if the query is no single SELECT, or has a limit.
function place(words: Token[]): i32 {
  if (words.length == 0 || !words[0].is("select")) {
    return -1;
  }
  let end = words[0].end;
  let locking = -1;
  for (let i = 1; i < words.length; i++) {
    const token = words[i];
    const last = i + 1 == words.length;
    if (token.depth == 0) {
      if (token.is("limit") || token.is("into") || token.is("procedure")) {
        return -1;
      }
      if (token.kind == 0x3b) {
        if (!last) {
          return -1;
        }
        continue;
      }
      if (!last && (token.is("for") || token.is("lock")) && locks(words[i + 1])) {
        locking = end;
      }
    }
    end = token.end;
  }
  return locking >= 0 ? locking : end;
}

function locks(next: Token): bool {
  return next.is("update") || next.is("share") || next.is("in");
}

run(new RewriteQuery());
