// Puts LIMIT 100 to a SELECT that has no limit of its own, also to TABLE, VALUES and what WITH or a parenthesis begins: behind its last
// word, or before FOR UPDATE and its like. What stands in a comment for some servers only is no limit, and where it could change the place
// of one the query is refused. A word behind a dot is a name.

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

function reads(token: Token): bool {
  return token.is("select") || token.is("table") || token.is("values");
}

function begins(token: Token): bool {
  return token.kind == 0x28 || token.is("with") || reads(token);
}

// Where the limit goes; NONE if the query is no single SELECT or its like, or has a limit; UNCLEAR if that depends on the server.
function place(words: Token[]): i32 {
  let first = 0;
  let maybe = false;
  for (; first < words.length && words[first].conditional; first++) {
    maybe = maybe || begins(words[first]);
  }
  if (maybe) {
    return UNCLEAR;
  }
  if (first == words.length || !begins(words[first])) {
    return NONE;
  }
  if (words[words.length - 1].conditional) {
    return UNCLEAR;
  }
  let previous = words[first];
  let looking = previous.is("with"); // for the verb of WITH
  let locking = NONE;
  for (let i = first + 1; i < words.length; i++) {
    const token = words[i];
    if (token.conditional) {
      if (!isHarmless(token) || (looking && token.depth == 0)) {
        return UNCLEAR;
      }
      continue;
    }
    const last = i + 1 == words.length;
    if (token.depth == 0 && token.kind == 0x3b) {
      if (!last) {
        return NONE;
      }
      break;
    }
    if (token.depth == 0 && previous.kind != 0x2e) {
      if (token.is("limit") || token.is("into") || token.is("procedure")) {
        return NONE;
      }
      if (looking && !previous.is("for") && (token.is("update") || token.is("delete"))) {
        return NONE;
      }
      looking = looking && !reads(token);
      if (!last && (token.is("for") || token.is("lock")) && locks(words[i + 1])) {
        locking = previous.end;
      }
    }
    previous = token;
  }
  return locking >= 0 ? locking : previous.end;
}

function locks(next: Token): bool {
  return next.is("update") || next.is("share") || next.is("in");
}

run(new RewriteQuery());
