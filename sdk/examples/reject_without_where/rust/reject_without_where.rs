//! Refuses an UPDATE or DELETE that has no WHERE of its own. What the server may leave out counts against the query: a verb may be there, a
//! WHERE may not. A word behind a dot is a name, and the verb of WITH is behind what it names.

use sluice::{tokens, Outcome, Plugin, Query, Token};

#[derive(Default)]
struct RejectWithoutWhere;

impl Plugin for RejectWithoutWhere {
    fn before(&mut self, query: &Query) -> Outcome {
        if changes_every_row(&query.text()?) {
            return Err("no where clause".into());
        }
        Ok(())
    }
}

fn reads(token: &Token) -> bool {
    ["select", "table", "values"].iter().any(|word| token.is(word))
}

fn changes_every_row(query: &str) -> bool {
    let (mut looking, mut with, mut change, mut found, mut named) = (true, false, false, false, false);
    for token in tokens(query) {
        if token.kind == b';' && token.depth == 0 {
            if change && !found {
                return true;
            }
            looking = true;
            with = false;
            change = false;
            found = false;
            named = false;
            continue;
        }
        if looking && token.depth == 0 {
            change |= token.is("update") || token.is("delete");
            with |= token.is("with") || token.is("analyze");
            looking = token.conditional || (with && !reads(&token));
        }
        found |= token.depth == 0 && !token.conditional && !named && token.is("where");
        named = token.kind == b'.' || (named && token.conditional);
    }
    change && !found
}

sluice::plugin!(RejectWithoutWhere);
