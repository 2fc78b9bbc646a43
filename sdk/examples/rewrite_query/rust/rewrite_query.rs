//! Puts LIMIT 100 to a SELECT that has no limit of its own: behind its last word, or before FOR UPDATE and its like.
//! What stands in a comment for some servers only is no limit, and where it could change the place of one the query is refused.

use sluice::{tokens, Error, Outcome, Plugin, Query, Token};

const UNCLEAR: &str = "the query has a comment for some servers only that may change where its limit goes";

#[derive(Default)]
struct RewriteQuery;

impl Plugin for RewriteQuery {
    fn before(&mut self, query: &Query) -> Outcome {
        let text = query.text()?;
        match place(&tokens(&text))? {
            Some(at) => query.set_text(format!("{} LIMIT 100{}", &text[..at], &text[at..])),
            None => Ok(()),
        }
    }
}

fn is_harmless(token: &Token) -> bool {
    token.kind == b'w' && !["limit", "into", "procedure", "for", "lock"].iter().any(|word| token.is(word))
}

/// Where the limit goes; `None` if the query is no single SELECT, or has a limit.
fn place(tokens: &[Token]) -> Result<Option<usize>, Error> {
    let head = tokens.iter().take_while(|token| token.conditional).count();
    if tokens[..head].iter().any(|token| token.is("select")) {
        return Err(UNCLEAR.into());
    }
    let (first, rest) = match tokens[head..].split_first() {
        Some((first, rest)) if first.is("select") => (first, rest),
        _ => return Ok(None),
    };
    if rest.last().map_or(false, |token| token.conditional) {
        return Err(UNCLEAR.into());
    }
    let mut end = first.end();
    let mut locking = None;
    for (index, token) in rest.iter().enumerate() {
        if token.conditional {
            if !is_harmless(token) {
                return Err(UNCLEAR.into());
            }
            continue;
        }
        let next = rest.get(index + 1);
        if token.depth == 0 {
            if token.is("limit") || token.is("into") || token.is("procedure") {
                return Ok(None);
            }
            if token.kind == b';' {
                if next.is_some() {
                    return Ok(None);
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
    Ok(locking.or(Some(end)))
}

sluice::plugin!(RewriteQuery);
