// Wants the token of the plugin's configuration, {"token": "..."}, in the query's leading comment, as token=..., and takes the comment
// away, so that no log of the database has it.

import { Plugin, Query, run } from "../../../assemblyscript";
import { configuration, rejectWithCode } from "../../../assemblyscript/only";
export * from "../../../assemblyscript/exports";

class Authenticate extends Plugin {
  before(query: Query): void {
    const text = query.text();
    const end = text.startsWith("/*") ? text.indexOf("*/") : -1;
    const at = end < 0 ? -1 : text.substring(0, end).indexOf("token=");
    if (at < 0) {
      deny("no token in the leading comment");
      return;
    }
    const token = text.substring(at + 6, end).split(" ")[0];
    const secret = secretOf(configuration());
    if (secret.length == 0 || !same(secret, token)) {
      deny("the token is wrong");
    } else {
      query.setText(text.substring(end + 2));
    }
  }
}

function deny(why: string): void {
  rejectWithCode(1045, "28000", "access denied: " + why);
}

function secretOf(json: string | null): string {
  const key = '"token":"';
  const at = json ? json.indexOf(key) : -1;
  if (!json || at < 0) {
    return "";
  }
  const start = at + key.length;
  return json.substring(start, json.indexOf('"', start));
}

// In a time that does not tell how much of it is right.
function same(secret: string, token: string): bool {
  let difference = secret.length ^ token.length;
  for (let i = 0; i < token.length; i++) {
    difference |= token.charCodeAt(i) ^ secret.charCodeAt(i % secret.length);
  }
  return difference == 0;
}

run(new Authenticate());
