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
    // Whether the server may leave it out.
    public conditional: bool,
  ) {}

  // Whether it is a keyword, which is given in lower case; the token may be in any.
  is(keyword: string): bool {
    return this.kind == WORD && this.text.toLowerCase() == keyword;
  }
}

const WORD: i32 = 0x77;

// How far what is read is conditional.
enum Conditional {
  No,
  InComment,
  ToTheEnd,
}

// Divides a query. Spaces and comments are left out.
//
// Of a comment that begins with an exclamation mark, or with M and one, the server executes what its version and kind allow. The tokens
// in one are conditional. Where even the end of such a comment depends on whether it is executed, all that follows is conditional, and
// words and signs are told apart no further: quotes and marks of comments are signs, and no parentheses are counted.
export function tokens(query: string): Token[] {
  const found: Token[] = [];
  let at = 0;
  let depth = 0;
  let outerDepth = 0;
  let conditional = Conditional.No;
  while (at < query.length) {
    const first = query.charCodeAt(at);
    if (first <= 0x20) {
      at++;
      continue;
    }
    const start = at;
    let kind = first;
    let around = depth;
    if (isWord(first)) {
      kind = WORD;
      while (at < query.length && isWord(query.charCodeAt(at))) {
        at++;
      }
    } else if (conditional == Conditional.ToTheEnd) {
      at++;
    } else if (conditional == Conditional.InComment && isAt(query, at, "/*")) {
      conditional = Conditional.ToTheEnd;
      continue;
    } else if (isAt(query, at, "/*!") || isAt(query, at, "/*M!")) {
      conditional = Conditional.InComment;
      outerDepth = depth;
      for (at = behind(query, at, "!"); at < query.length && isDigit(query.charCodeAt(at)); at++) {}
      continue;
    } else if (conditional == Conditional.InComment && isAt(query, at, "*/")) {
      conditional = depth == outerDepth ? Conditional.No : Conditional.ToTheEnd;
      at += 2;
      continue;
    } else if (isAt(query, at, "/*")) {
      at = behind(query, at + 2, "*/");
      continue;
    } else if (first == 0x23 || (isAt(query, at, "--") && (at + 2 >= query.length || query.charCodeAt(at + 2) <= 0x20))) {
      const end = behind(query, at, "\n");
      if (conditional == Conditional.InComment && query.substring(at, end).includes("*/")) {
        conditional = Conditional.ToTheEnd;
      } else {
        at = end;
      }
      continue;
    } else if (first == 0x27 || first == 0x22 || first == 0x60) {
      const end = behindQuote(query, at);
      if (conditional == Conditional.InComment && query.substring(at, end).includes("*/")) {
        conditional = Conditional.ToTheEnd;
        at++;
      } else {
        at = end;
      }
    } else {
      at++;
      if (first == 0x28) {
        depth++;
      } else if (first == 0x29) {
        around = --depth;
      }
    }
    if (conditional == Conditional.ToTheEnd) {
      around = 0;
    }
    found.push(new Token(query.substring(start, at), start, at, kind, around, conditional != Conditional.No));
  }
  return found;
}

function isAt(query: string, at: i32, mark: string): bool {
  for (let i = 0; i < mark.length; i++) {
    if (at + i >= query.length || query.charCodeAt(at + i) != mark.charCodeAt(i)) {
      return false;
    }
  }
  return true;
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
