//! Puts LIMIT 100 to a SELECT that has no limit of its own: behind its last word, or before FOR UPDATE and its like.

use sluice::{tokens, Outcome, Plugin, Query, Token};

#[derive(Default)]
struct RewriteQuery;

impl Plugin for RewriteQuery {
    fn before(&mut self, query: &Query) -> Outcome {
        let text = query.text()?;
        match place(&tokens(&text)) {
            Some(at) => query.set_text(format!("{} LIMIT 100{}", &text[..at], &text[at..])),
            None => Ok(()),
        }
    }
}

/// Where the limit goes; `None` if the query is no single SELECT, or has a limit.
fn place(tokens: &[Token]) -> Option<usize> {
    let (first, rest) = tokens.split_first()?;
    if !first.is("select") {
        return None;
    }
    let mut end = first.end();
    let mut locking = None;
    for (index, token) in rest.iter().enumerate() {
        let next = rest.get(index + 1);
        if token.depth == 0 {
            if token.is("limit") || token.is("into") || token.is("procedure") {
                return None;
            }
            if token.kind == b';' {
                if next.is_some() {
                    return None;
                }
                continue;
            }
            let locks = |next: &Token| next.is("update") || next.is("share") || next.is("in");
            if (token.is("for") || token.is("lock")) && next.map_or(false, locks) {
                locking = Some(end);
            }
        }
        end = token.end();
    }
    locking.or(Some(end))
}

sluice::plugin!(RewriteQuery);
