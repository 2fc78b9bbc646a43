// Rejects an UPDATE or DELETE statement that has no WHERE of its own: the rule of the C guest `reject_without_where`, line for line.

@external("env", "GetQueryOnHost")
declare function getQueryOnHost(ctx: u64, value: usize, length: usize): u32;
@external("env", "SetErrorMessageOnHost")
declare function setErrorMessageOnHost(ctx: u64, text: usize, length: usize): u32;

const OK: u32 = 0;

// "no where clause", "update", "delete", "where"
const message: usize = memory.data<u8>([0x6e, 0x6f, 0x20, 0x77, 0x68, 0x65, 0x72, 0x65, 0x20, 0x63, 0x6c, 0x61, 0x75, 0x73, 0x65]);
const update: usize = memory.data<u8>([0x75, 0x70, 0x64, 0x61, 0x74, 0x65]);
const remove: usize = memory.data<u8>([0x64, 0x65, 0x6c, 0x65, 0x74, 0x65]);
const where: usize = memory.data<u8>([0x77, 0x68, 0x65, 0x72, 0x65]);

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
  const rejected = changesEveryRow(address, address + load<u32>(pair, 4));
  free(address);
  if (rejected) {
    setErrorMessageOnHost(ctx, message, 15);
  }
}

export function RunAfterExecutionOnGuest(ctx: u64): void {}

function isWord(byte: u8): bool {
  return (
    ((byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a) ||
    (byte >= 0x30 && byte <= 0x39) ||
    byte == 0x5f || // _
    byte == 0x24 || // $
    byte >= 0x80
  );
}

function is(start: usize, end: usize, keyword: usize, length: usize): bool {
  if (end - start != length) {
    return false;
  }
  for (let i: usize = 0; i < length; i++) {
    if ((load<u8>(start + i) | 0x20) != load<u8>(keyword + i)) {
      return false;
    }
  }
  return true;
}

function afterLine(at: usize, end: usize): usize {
  while (at < end && load<u8>(at) != 0x0a) {
    at++;
  }
  return at;
}

function afterComment(at: usize, end: usize): usize {
  for (; at < end; at++) {
    if (load<u8>(at) == 0x2a && at + 1 < end && load<u8>(at, 1) == 0x2f) {
      return at + 2;
    }
  }
  return end;
}

function afterQuote(at: usize, end: usize, quote: u8): usize {
  for (; at < end; at++) {
    const byte = load<u8>(at);
    if (byte == quote) {
      return at + 1;
    }
    if (byte == 0x5c && quote != 0x60) {
      at++;
    }
  }
  return end;
}

function changesEveryRow(at: usize, end: usize): bool {
  let first = true;
  let change = false;
  let found = false;
  let depth = 0;
  while (at < end) {
    const start = at++;
    const byte = load<u8>(start);
    if (isWord(byte) || byte == 0x40 || byte == 0x2e) {
      while (at < end && isWord(load<u8>(at))) {
        at++;
      }
      if (first) {
        first = false;
        change = is(start, at, update, 6) || is(start, at, remove, 6);
      } else if (change && depth == 0 && is(start, at, where, 5)) {
        found = true;
      }
      continue;
    }
    switch (byte) {
      case 0x27:
      case 0x22:
      case 0x60:
        at = afterQuote(at, end, byte);
        break;
      case 0x28:
        depth++;
        break;
      case 0x29:
        depth--;
        break;
      case 0x3b:
        if (change && !found) {
          return true;
        }
        first = true;
        change = false;
        found = false;
        depth = 0;
        break;
      case 0x2f:
        if (at < end && load<u8>(at) == 0x2a) {
          at = afterComment(at + 1, end);
        }
        break;
      case 0x2d:
        if (at < end && load<u8>(at) == 0x2d && (at + 1 == end || load<u8>(at, 1) <= 0x20)) {
          at = afterLine(at, end);
        }
        break;
      case 0x23:
        at = afterLine(at, end);
        break;
    }
  }
  return change && !found;
}
