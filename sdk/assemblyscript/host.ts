// The functions of the host.

export const OK: u32 = 0;
export const NOT_FOUND: u32 = 1;
export const BAD_ARGUMENT: u32 = 2;

@external("env", "InfoLogOnHost")
export declare function infoLog(text: usize, length: usize): u32;
@external("env", "ErrorLogOnHost")
export declare function errorLog(text: usize, length: usize): u32;
@external("env", "GetQueryOnHost")
export declare function getQuery(ctx: u64, value: usize, length: usize): u32;
@external("env", "SetQueryOnHost")
export declare function setQuery(ctx: u64, text: usize, length: usize): u32;
@external("env", "GetErrorMessageOnHost")
export declare function getErrorMessage(ctx: u64, value: usize, length: usize): u32;
@external("env", "SetErrorMessageOnHost")
export declare function setErrorMessage(ctx: u64, text: usize, length: usize): u32;
@external("env", "GetQueryResultOnHost")
export declare function getQueryResult(ctx: u64, value: usize, length: usize): u32;
@external("env", "SetQueryResultOnHost")
export declare function setQueryResult(ctx: u64, bytes: usize, length: usize): u32;

// Two numbers for the host to write an address and a length to.
export const pair: usize = memory.data(8);

// Takes over what the host gave; nothing is left to be freed.
export function take(): Uint8Array {
  const address = load<u32>(pair);
  const length = load<u32>(pair, 4);
  const bytes = new Uint8Array(length);
  memory.copy(bytes.dataStart, address, length);
  heap.free(address);
  return bytes;
}

export function utf8(text: string): Uint8Array {
  return Uint8Array.wrap(String.UTF8.encode(text));
}

// The query that a call is about, as the host knows it.
export let ctx: u64 = 0;

export function begin(query: u64): void {
  ctx = query;
}

// Gives the query an error. One that the host does not take, because it is empty or too long, is replaced.
export function reject(message: string): void {
  const bytes = utf8(message);
  if (bytes.length == 0 || setErrorMessage(ctx, bytes.dataStart, bytes.length) != OK) {
    const plain = utf8("the plugin rejects the query for a reason that is empty or too long");
    if (setErrorMessage(ctx, plain.dataStart, plain.length) != OK) {
      // The host takes no error at all, and the query must not go on.
      unreachable();
    }
  }
}

// A byte that is no UTF-8 becomes U+FFFD, and none behind it goes with it: it could be a quote.
export function textOf(bytes: Uint8Array): string {
  const end = bytes.dataStart + bytes.length;
  let bad = 0;
  for (let at = bytes.dataStart; at < end; ) {
    const length = lengthAt(at, end);
    bad += i32(length == 0);
    at += max(length, 1);
  }
  if (bad == 0) {
    return String.UTF8.decodeUnsafe(bytes.dataStart, bytes.length);
  }
  const good = new Uint8Array(bytes.length + 2 * bad);
  let to = good.dataStart;
  for (let at = bytes.dataStart; at < end; ) {
    const length = lengthAt(at, end);
    if (length == 0) {
      store<u8>(to, 0xef);
      store<u8>(to, 0xbf, 1);
      store<u8>(to, 0xbd, 2);
      to += 3;
      at++;
    } else {
      memory.copy(to, at, length);
      to += length;
      at += length;
    }
  }
  return String.UTF8.decodeUnsafe(good.dataStart, good.length);
}

// How many bytes the character has that begins here; 0 if none does.
function lengthAt(at: usize, end: usize): usize {
  const first = load<u8>(at);
  if (first < 0x80) {
    return 1;
  }
  const length: usize = first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
  if (length == 0 || length > end - at) {
    return 0;
  }
  // Neither longer than it must be, nor half of a pair, nor beyond the last character.
  const second = load<u8>(at, 1);
  const lowest: u8 = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
  const highest: u8 = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
  if (second < lowest || second > highest) {
    return 0;
  }
  for (let i: usize = 2; i < length; i++) {
    if ((load<u8>(at + i) & 0xc0) != 0x80) {
      return 0;
    }
  }
  return length;
}
