//! Puts LIMIT 100 to a SELECT that has no limit of its own, also to TABLE, VALUES and what WITH or a parenthesis begins: behind its last
//! word, or before FOR UPDATE and its like. What stands in a comment for some servers only is no limit, and where it could change the place
//! of one the query is refused. A word behind a dot is a name.

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

fn reads(token: &Token) -> bool {
    ["select", "table", "values"].iter().any(|word| token.is(word))
}

fn begins(token: &Token) -> bool {
    token.kind == b'(' || token.is("with") || reads(token)
}

fn locks(token: &Token, next: Option<&Token>) -> bool {
    (token.is("for") || token.is("lock")) && next.map_or(false, |next| ["update", "share", "in"].iter().any(|word| next.is(word)))
}

/// Where the limit goes; `None` if the query is no single SELECT or its like, or has a limit.
fn place(tokens: &[Token]) -> Result<Option<usize>, Error> {
    let head = tokens.iter().take_while(|token| token.conditional).count();
    if tokens[..head].iter().any(begins) {
        return Err(UNCLEAR.into());
    }
    let (first, rest) = match tokens[head..].split_first() {
        Some((first, rest)) if begins(first) => (first, rest),
        _ => return Ok(None),
    };
    if rest.last().map_or(false, |token| token.conditional) {
        return Err(UNCLEAR.into());
    }
    // For the verb of WITH.
    let mut looking = first.is("with");
    let mut previous = first;
    let mut locking = None;
    for (index, token) in rest.iter().enumerate() {
        if token.conditional {
            if !is_harmless(token) || (looking && token.depth == 0) {
                return Err(UNCLEAR.into());
            }
            continue;
        }
        let next = rest.get(index + 1);
        if token.depth == 0 && token.kind == b';' {
            if next.is_some() {
                return Ok(None);
            }
            break;
        }
        if token.depth == 0 && previous.kind != b'.' {
            if token.is("limit") || token.is("into") || token.is("procedure") {
                return Ok(None);
            }
            if looking && !previous.is("for") && (token.is("update") || token.is("delete")) {
                return Ok(None);
            }
            looking &= !reads(token);
            if locks(token, next) {
                locking = Some(previous.end());
            }
        }
        previous = token;
    }
    Ok(Some(locking.unwrap_or_else(|| previous.end())))
}

sluice::plugin!(RewriteQuery);
