// Puts LIMIT 100 to a SELECT that has no limit of its own, so that nobody fetches a whole table by mistake.
//
// One pass over the bytes: what is inside quotes, comments and parentheses does not count. The limit goes behind the last token, or
// before FOR UPDATE and its like, which must stand behind it. Several statements in one text are left alone, and SELECT INTO.

@external("env", "GetQueryOnHost")
declare function getQueryOnHost(ctx: u64, value: usize, length: usize): u32;
@external("env", "SetQueryOnHost")
declare function setQueryOnHost(ctx: u64, text: usize, length: usize): u32;

const OK: u32 = 0;

const limit: usize = memory.data<u8>([0x20, 0x4c, 0x49, 0x4d, 0x49, 0x54, 0x20, 0x31, 0x30, 0x30]); // " LIMIT 100"
const limitLength: i32 = 10;

// Two numbers for the host to write an address and a length to.
const pair: usize = memory.data(8);

export function malloc(length: usize): usize {
  return heap.alloc(length);
}

export function free(address: usize): void {
  heap.free(address);
}

export function RunBeforeExecutionOnGuest(ctx: u64): void {
  if (getQueryOnHost(ctx, pair, pair + 4) != OK) {
    return; // an empty query
  }
  const address = load<u32>(pair);
  const length = load<u32>(pair, 4);
  const at = limitPosition(address, length);
  if (at >= 0) {
    // Bytes, not strings: what is no UTF-8 must stay as it is.
    const longer = heap.alloc(length + limitLength);
    memory.copy(longer, address, at);
    memory.copy(longer + at, limit, limitLength);
    memory.copy(longer + at + limitLength, address + at, length - at);
    setQueryOnHost(ctx, longer, length + limitLength);
    heap.free(longer);
  }
  free(address);
}

export function RunAfterExecutionOnGuest(ctx: u64): void {}

function isWord(byte: u8): bool {
  return (
    (byte >= 0x30 && byte <= 0x39) ||
    ((byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a) ||
    byte == 0x5f || // _
    byte == 0x24 || // $
    byte == 0x40 || // @
    byte == 0x2e || // .
    byte >= 0x80
  );
}

// Whether the word is the keyword, which is given in lower case.
function is(word: usize, length: i32, keyword: string): bool {
  if (length != keyword.length) {
    return false;
  }
  for (let i = 0; i < length; i++) {
    if ((load<u8>(word + i) | 0x20) != keyword.charCodeAt(i)) {
      return false;
    }
  }
  return true;
}

// Behind the quoted text that begins at a position.
function afterQuote(text: usize, at: i32, length: i32): i32 {
  const quote = load<u8>(text + at++);
  while (at < length) {
    const byte = load<u8>(text + at++);
    if (byte == quote) {
      return at;
    }
    if (byte == 0x5c && quote != 0x60) {
      at++; // a backslash, which does not escape in an identifier
    }
  }
  return length;
}

// Behind the comment that begins at a position; the position itself if none does.
function afterComment(text: usize, at: i32, length: i32): i32 {
  const first = load<u8>(text + at);
  const second = at + 1 < length ? load<u8>(text + at + 1) : 0;
  if (first == 0x2f && second == 0x2a) {
    for (at += 2; at + 1 < length; at++) {
      if (load<u8>(text + at) == 0x2a && load<u8>(text + at + 1) == 0x2f) {
        return at + 2;
      }
    }
    return length;
  }
  if (first == 0x23 || (first == 0x2d && second == 0x2d && (at + 2 >= length || load<u8>(text + at + 2) <= 0x20))) {
    while (at < length && load<u8>(text + at) != 0x0a) {
      at++;
    }
  }
  return at;
}

// Where the limit goes; -1 if the query is not a single SELECT or has one.
function limitPosition(text: usize, length: i32): i32 {
  let select = false;
  let first = true;
  let ended = false;
  let depth = 0;
  let end = 0; // behind the last token
  let before = -1; // where FOR or LOCK begins, which stand behind the limit
  let locking = false; // the last word was one of them
  for (let at = 0; at < length; ) {
    const behind = afterComment(text, at, length);
    if (behind != at) {
      at = behind;
      continue;
    }
    const byte = load<u8>(text + at);
    if (byte <= 0x20) {
      at++;
      continue;
    }
    if (ended) {
      return -1; // a second statement
    }
    const start = at;
    if (byte == 0x27 || byte == 0x22 || byte == 0x60) {
      at = afterQuote(text, at, length);
    } else if (isWord(byte)) {
      while (at < length && isWord(load<u8>(text + at))) {
        at++;
      }
      const size = at - start;
      const word = text + start;
      if (first) {
        select = is(word, size, "select");
      } else if (depth == 0) {
        if (is(word, size, "limit") || is(word, size, "fetch") || is(word, size, "into") || is(word, size, "procedure")) {
          return -1;
        }
        if (is(word, size, "for") || is(word, size, "lock")) {
          before = end;
          locking = true;
          continue;
        }
        if (locking && !is(word, size, "update") && !is(word, size, "share") && !is(word, size, "in")) {
          before = -1; // the FOR of an index hint
        }
        locking = false;
      }
    } else {
      at++;
      if (byte == 0x28) {
        depth++;
      } else if (byte == 0x29) {
        depth--;
      } else if (byte == 0x3b && depth == 0) {
        ended = true;
        continue;
      }
    }
    first = false;
    end = at;
  }
  return select ? (before >= 0 ? before : end) : -1;
}
