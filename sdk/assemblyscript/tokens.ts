// The words of a query.

export class Token {
  constructor(
    public text: string,
    // Where it begins and ends in the query.
    public start: i32,
    public end: i32,
    // 119, a w, for a word, the quote itself for a quoted text, or else the sign.
    public kind: i32,
    // How many parentheses are around it.
    public depth: i32,
  ) {}

  // Whether it is a keyword, which is given in lower case; the token may be in any.
  is(keyword: string): bool {
    return this.kind == WORD && this.text.toLowerCase() == keyword;
  }
}

const WORD: i32 = 0x77;

// Divides a query. Spaces and comments are left out; a comment with an exclamation mark, whose content MySQL executes, is no comment.
export function tokens(query: string): Token[] {
  const found: Token[] = [];
  let at = 0;
  let depth = 0;
  let executed = false;
  while (at < query.length) {
    const first = query.charCodeAt(at);
    const second = at + 1 < query.length ? query.charCodeAt(at + 1) : 0;
    const third = at + 2 < query.length ? query.charCodeAt(at + 2) : 0x20;
    if (first <= 0x20) {
      at++;
    } else if (first == 0x2f && second == 0x2a && third == 0x21) {
      executed = true;
      for (at += 3; at < query.length && isDigit(query.charCodeAt(at)); at++) {}
    } else if (executed && first == 0x2a && second == 0x2f) {
      executed = false;
      at += 2;
    } else if (first == 0x2f && second == 0x2a) {
      at = behind(query, at + 2, "*/");
    } else if (first == 0x23 || (first == 0x2d && second == 0x2d && third <= 0x20)) {
      at = behind(query, at, "\n");
    } else {
      const start = at;
      let kind = first;
      let around = depth;
      if (isWord(first)) {
        kind = WORD;
        while (at < query.length && isWord(query.charCodeAt(at))) {
          at++;
        }
      } else if (first == 0x27 || first == 0x22 || first == 0x60) {
        at = behindQuote(query, at);
      } else {
        at++;
        if (first == 0x28) {
          depth++;
        } else if (first == 0x29) {
          around = --depth;
        }
      }
      found.push(new Token(query.substring(start, at), start, at, kind, around));
    }
  }
  return found;
}

function behind(query: string, at: i32, end: string): i32 {
  const found = query.indexOf(end, at);
  return found < 0 ? query.length : found + end.length;
}

function behindQuote(query: string, at: i32): i32 {
  const quote = query.charCodeAt(at++);
  while (at < query.length && query.charCodeAt(at) != quote) {
    at += query.charCodeAt(at) == 0x5c && quote != 0x60 ? 2 : 1;
  }
  return min(at + 1, query.length);
}

function isDigit(c: i32): bool {
  return c >= 0x30 && c <= 0x39;
}

function isWord(c: i32): bool {
  return isDigit(c) || ((c | 0x20) >= 0x61 && (c | 0x20) <= 0x7a) || c == 0x5f || c == 0x24 || c == 0x40 || c >= 0x80;
}
