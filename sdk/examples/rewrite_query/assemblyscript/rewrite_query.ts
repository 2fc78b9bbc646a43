// Puts LIMIT 100 to a SELECT that has no limit of its own: behind its last word, or before FOR UPDATE and its like.
// What stands in a comment for some servers only is no limit, and where it could change the place of one the query is refused.

import { Plugin, Query, Token, run, tokens } from "../../../assemblyscript";
export * from "../../../assemblyscript/exports";

class RewriteQuery extends Plugin {
  before(query: Query): void {
    const text = query.text();
    const at = place(tokens(text));
    if (at == UNCLEAR) {
      query.reject("the query has a comment for some servers only that may change where its limit goes");
    } else if (at >= 0) {
      query.setText(text.substring(0, at) + " LIMIT 100" + text.substring(at));
    }
  }
}

const WORD = 0x77;
const NONE = -1;
const UNCLEAR = -2;

function isHarmless(token: Token): bool {
  return token.kind == WORD && !token.is("limit") && !token.is("into") && !token.is("procedure") && !token.is("for") && !token.is("lock");
}

// Where the limit goes; NONE if the query is no single SELECT, or has a limit; UNCLEAR if that depends on the server.
function place(words: Token[]): i32 {
  let first = 0;
  let selects = false;
  for (; first < words.length && words[first].conditional; first++) {
    selects = selects || words[first].is("select");
  }
  if (selects) {
    return UNCLEAR;
  }
  if (first == words.length || !words[first].is("select")) {
    return NONE;
  }
  if (words[words.length - 1].conditional) {
    return UNCLEAR;
  }
  let end = words[first].end;
  let locking = NONE;
  for (let i = first + 1; i < words.length; i++) {
    const token = words[i];
    if (token.conditional) {
      if (!isHarmless(token)) {
        return UNCLEAR;
      }
      continue;
    }
    const last = i + 1 == words.length;
    if (token.depth == 0) {
      if (token.is("limit") || token.is("into") || token.is("procedure")) {
        return NONE;
      }
      if (token.kind == 0x3b) {
        if (!last) {
          return NONE;
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
