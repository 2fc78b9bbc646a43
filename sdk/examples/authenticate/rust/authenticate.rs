//! Wants the token of the plugin's configuration, {"token": "..."}, in the query's leading comment, as token=..., and takes the comment
//! away, so that no log of the database has it.

use sluice::{only, Error, Outcome, Plugin, Query};

#[derive(Default)]
struct Authenticate;

impl Plugin for Authenticate {
    fn before(&mut self, query: &Query) -> Outcome {
        let text = query.text()?;
        let (comment, rest) = match text.strip_prefix("/*").and_then(|text| text.split_once("*/")) {
            Some(parts) => parts,
            None => return Err(denied("no token in the leading comment")),
        };
        let token = match comment.split_once("token=") {
            Some((_, token)) => token.split(' ').next().unwrap_or(""),
            None => return Err(denied("no token in the leading comment")),
        };
        let configuration = only::configuration()?.unwrap_or_default();
        match configuration.split_once("\"token\":\"").and_then(|(_, value)| value.split_once('"')) {
            Some((secret, _)) if !secret.is_empty() && same(secret.as_bytes(), token.as_bytes()) => query.set_text(rest),
            _ => Err(denied("the token is wrong")),
        }
    }
}

fn denied(why: &str) -> Error {
    only::coded(1045, b"28000", format!("access denied: {}", why))
}

/// In a time that does not tell how much of it is right.
fn same(secret: &[u8], token: &[u8]) -> bool {
    let different = token.iter().enumerate().fold(0, |different, (index, byte)| different | (byte ^ secret[index % secret.len()]));
    secret.len() == token.len() && different == 0
}

sluice::plugin!(Authenticate);
