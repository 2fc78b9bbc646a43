// Only on Sluice: the imports of the module "sluice".

import * as host from "./host";

@external("sluice", "get_configuration")
declare function getConfiguration(value: usize, length: usize): u32;
@external("sluice", "get_property")
declare function getProperty(name: usize, nameLength: usize, value: usize, length: usize): u32;
@external("sluice", "set_error")
declare function setError(code: u32, state: usize, stateLength: usize, message: usize, length: usize): u32;
@external("sluice", "add_counter")
declare function addCounter(name: usize, nameLength: usize, delta: u64): u32;

// The plugin's configuration, a JSON object; null if it was given none.
export function configuration(): string | null {
  return getConfiguration(host.pair, host.pair + 4) == host.OK ? host.textOf(host.take()) : null;
}

// A property of the query: user, client_address, database, kind, tables, bind_values. null if the host does not know it, and if who
// deploys the plugin does not grant it.
export function property(name: string): string | null {
  const bytes = host.utf8(name);
  return getProperty(bytes.dataStart, bytes.length, host.pair, host.pair + 4) == host.OK ? host.textOf(host.take()) : null;
}

// As Query.reject, with MySQL's code and SQLSTATE; without them if the host does not take them.
export function rejectWithCode(code: u32, state: string, message: string): void {
  const stateBytes = host.utf8(state);
  const bytes = host.utf8(message);
  if (setError(code, stateBytes.dataStart, stateBytes.length, bytes.dataStart, bytes.length) != host.OK) {
    host.reject(message);
  }
}

// Adds to a counter of the plugin.
export function count(name: string, delta: u64): void {
  const bytes = host.utf8(name);
  addCounter(bytes.dataStart, bytes.length, delta);
}
