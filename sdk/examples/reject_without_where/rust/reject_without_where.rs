//! Refuses an UPDATE or DELETE that has no WHERE of its own. What the server may leave out counts against the query: a verb may be there, a
//! WHERE may not.

use sluice::{tokens, Outcome, Plugin, Query};

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

fn changes_every_row(query: &str) -> bool {
    let (mut first, mut change, mut found) = (true, false, false);
    for token in tokens(query) {
        if token.kind == b';' && token.depth == 0 {
            if change && !found {
                return true;
            }
            first = true;
            change = false;
            found = false;
            continue;
        }
        change |= first && (token.is("update") || token.is("delete"));
        found |= token.depth == 0 && !token.conditional && token.is("where");
        first &= token.conditional;
    }
    change && !found
}

sluice::plugin!(RejectWithoutWhere);
