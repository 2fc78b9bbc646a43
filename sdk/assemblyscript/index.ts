// SQL plugins in AssemblyScript.
//
//     import { Plugin, Query, run, reject } from "./sluice";
//     export * from "./sluice/exports";
//
//     class NotToday extends Plugin {
//       before(query: Query): void {
//         query.reject("not today");
//       }
//     }
//
//     run(new NotToday());
//
// What a plugin imports from the host follows from what it calls. One that imports nothing from "./sluice/only" and does not use Shared
// runs on WeScale as well.

import * as host from "./host";

export { Column, Result, Type, isNumber } from "./result";
export { Token, tokens } from "./tokens";
export { Shared } from "./shared";

import { Result } from "./result";

// What an author extends. The half that is not needed is left out.
export class Plugin {
  // Runs before the query is executed.
  before(query: Query): void {}

  // Runs when the query was executed or refused.
  after(query: Query): void {}
}

let plugin: Plugin = new Plugin();

// Names the plugin.
export function run(value: Plugin): void {
  plugin = value;
}

export function callBefore(ctx: u64): void {
  host.begin(ctx);
  plugin.before(new Query(ctx));
}

export function callAfter(ctx: u64): void {
  host.begin(ctx);
  plugin.after(new Query(ctx));
}

// The query that a call is about.
export class Query {
  constructor(private ctx: u64) {}

  // The query's text. What is no UTF-8 is replaced; bytes() has it as it is.
  text(): string {
    return host.textOf(this.bytes());
  }

  bytes(): Uint8Array {
    return this.got(host.getQuery(this.ctx, host.pair, host.pair + 4), "query") || new Uint8Array(0);
  }

  // Replaces the text that is executed; for use in before.
  setText(text: string): void {
    const bytes = host.utf8(text);
    this.done(host.setQuery(this.ctx, bytes.dataStart, bytes.length), "query");
  }

  // The text of the query's error; null if it has none.
  error(): string | null {
    const bytes = this.got(host.getErrorMessage(this.ctx, host.pair, host.pair + 4), "error");
    return bytes ? host.textOf(bytes) : null;
  }

  // Gives the query an error: before its execution it is refused, after it the client gets the error in place of the result.
  reject(message: string): void {
    host.reject(message);
  }

  // Takes the query's error away.
  clearError(): void {
    this.done(host.setErrorMessage(this.ctx, 0, 0), "error");
  }

  // What the query gave; null if it gave nothing. One that cannot be read becomes the query's error.
  result(): Result | null {
    const bytes = this.got(host.getQueryResult(this.ctx, host.pair, host.pair + 4), "result");
    if (!bytes) {
      return null;
    }
    const result = new Result(bytes);
    if (result.malformed) {
      this.reject("the plugin cannot read the result: it is malformed");
      return null;
    }
    return result;
  }

  // Gives the client this result; for use in after.
  setResult(result: Result): void {
    const bytes = result.toBytes();
    this.done(host.setQueryResult(this.ctx, bytes.dataStart, bytes.length), "result");
  }

  private got(status: u32, what: string): Uint8Array | null {
    if (status == host.OK) {
      return host.take();
    }
    if (status != host.BAD_ARGUMENT && status != host.NOT_FOUND) {
      this.reject("the plugin cannot read the " + what + ": the host answers status " + status.toString());
    }
    return null;
  }

  private done(status: u32, what: string): void {
    if (status != host.OK) {
      this.reject("the plugin cannot set the " + what + ": the host answers status " + status.toString());
    }
  }
}

// Logs a line.
export function info(text: string): void {
  const bytes = host.utf8(text);
  host.infoLog(bytes.dataStart, bytes.length);
}

// Logs a line as an error; the query goes on.
export function error(text: string): void {
  const bytes = host.utf8(text);
  host.errorLog(bytes.dataStart, bytes.length);
}
