// What the host calls: a plugin's own file exports all of it again.

import { callAfter, callBefore } from "./index";

export function malloc(length: usize): usize {
  return heap.alloc(length);
}

export function free(address: usize): void {
  heap.free(address);
}

export function RunBeforeExecutionOnGuest(ctx: u64): void {
  callBefore(ctx);
}

export function RunAfterExecutionOnGuest(ctx: u64): void {
  callAfter(ctx);
}
