// Values and locks that requests share.

import * as host from "./host";

@external("env", "GetValueByKeyOnHost")
declare function getValue(scope: u32, module: u64, key: usize, keyLength: usize, value: usize, length: usize): u32;
@external("env", "SetValueByKeyOnHost")
declare function setValue(scope: u32, module: u64, key: usize, keyLength: usize, value: usize, length: usize): u32;
@external("env", "LockOnHost")
declare function lockOnHost(scope: u32, module: u64): u32;
@external("env", "UnlockOnHost")
declare function unlockOnHost(scope: u32, module: u64): u32;

export class Shared {
  // Shared by the instances of this plugin.
  static readonly ofPlugin: Shared = new Shared(0);
  // Shared by all plugins of the host.
  static readonly ofHost: Shared = new Shared(1);

  constructor(private scope: u32) {}

  // The value of a key; null if there is none. One that cannot be read becomes the query's error.
  get(key: string): Uint8Array | null {
    const name = host.utf8(key);
    const status = getValue(this.scope, 0, name.dataStart, name.length, host.pair, host.pair + 4);
    if (status == host.OK) {
      return host.take();
    }
    if (status == host.BAD_ARGUMENT) {
      return new Uint8Array(0);
    }
    if (status != host.NOT_FOUND) {
      host.reject("the plugin cannot read the shared value: the host answers status " + status.toString());
    }
    return null;
  }

  // Whether it was set: a limit of the host may be in the way.
  set(key: string, value: Uint8Array): bool {
    const name = host.utf8(key);
    return setValue(this.scope, 0, name.dataStart, name.length, value.dataStart, value.length) == host.OK;
  }

  // Waits for the lock. Whether it is had. It belongs to the query, and the host releases it at the latest when the query ends.
  lock(): bool {
    return lockOnHost(this.scope, 0) == host.OK;
  }

  unlock(): void {
    unlockOnHost(this.scope, 0);
  }
}
