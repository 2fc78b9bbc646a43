import { Plugin, Query, run, tokens } from "./sluice";
export * from "./sluice/exports";

class MyPlugin extends Plugin {
  // Runs before a query is executed.
  before(query: Query): void {
    // Your logic goes here; this one lets no DROP through.
    const words = tokens(query.text());
    if (words.length > 0 && words[0].is("drop")) {
      query.reject("NAME lets no DROP through");
    }
  }
}

run(new MyPlugin());
