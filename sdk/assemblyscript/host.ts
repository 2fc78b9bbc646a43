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

export function textOf(bytes: Uint8Array): string {
  return String.UTF8.decodeUnsafe(bytes.dataStart, bytes.length);
}
