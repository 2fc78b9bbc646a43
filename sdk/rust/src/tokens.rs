//! The words of a query.

/// A word, a quoted text with its quotes, or a single sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token<'a> {
    pub text: &'a str,
    /// Where it begins in the query.
    pub start: usize,
    /// `b'w'` for a word, the quote itself for a quoted text, or else the sign.
    pub kind: u8,
    /// How many parentheses are around it.
    pub depth: i32,
    /// Whether the server may leave it out.
    pub conditional: bool,
}

impl Token<'_> {
    /// Whether it is a keyword, in any case.
    pub fn is(&self, keyword: &str) -> bool {
        self.kind == b'w' && self.text.eq_ignore_ascii_case(keyword)
    }

    /// Behind its last byte.
    pub fn end(&self) -> usize {
        self.start + self.text.len()
    }
}

/// Divides a query. Spaces and comments are left out.
///
/// Of a comment that begins with an exclamation mark, or with M and one, the server executes what its version and kind allow. The tokens
/// in one are conditional. Where even the end of such a comment depends on whether it is executed, all that follows is conditional, and
/// words and signs are told apart no further: quotes and marks of comments are signs, and no parentheses are counted.
pub fn tokens(query: &str) -> Vec<Token<'_>> {
    let bytes = query.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    let mut depth = 0;
    let mut outer_depth = 0;
    let mut conditional = Conditional::No;
    while at < bytes.len() {
        let rest = &bytes[at..];
        let first = rest[0];
        let unclear = conditional == Conditional::ToTheEnd;
        if first <= b' ' {
            at += 1;
        } else if !unclear && conditional == Conditional::InComment && rest.starts_with(b"/*") {
            conditional = Conditional::ToTheEnd;
        } else if !unclear && (rest.starts_with(b"/*!") || rest.starts_with(b"/*M!")) {
            conditional = Conditional::InComment;
            outer_depth = depth;
            at += if rest[2] == b'!' { 3 } else { 4 };
            at += bytes[at..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        } else if conditional == Conditional::InComment && rest.starts_with(b"*/") {
            conditional = if depth == outer_depth { Conditional::No } else { Conditional::ToTheEnd };
            at += 2;
        } else if !unclear && rest.starts_with(b"/*") {
            at = behind(query, at + 2, "*/");
        } else if !unclear && (first == b'#' || (rest.starts_with(b"--") && rest.get(2).map_or(true, |byte| *byte <= b' '))) {
            let end = behind(query, at, "\n");
            if conditional == Conditional::InComment && query[at..end].contains("*/") {
                conditional = Conditional::ToTheEnd;
            } else {
                at = end;
            }
        } else {
            let start = at;
            let mut kind = first;
            let mut around = depth;
            at += 1;
            if is_word(first) {
                kind = b'w';
                at = start + rest.iter().take_while(|byte| is_word(**byte)).count();
            } else if unclear {
                // A sign, whatever it is.
            } else if matches!(first, b'\'' | b'"' | b'`') {
                let end = behind_quote(bytes, start);
                if conditional == Conditional::InComment && query[start..end].contains("*/") {
                    conditional = Conditional::ToTheEnd;
                } else {
                    at = end;
                }
            } else if first == b'(' {
                depth += 1;
            } else if first == b')' {
                depth -= 1;
                around = depth;
            }
            if conditional == Conditional::ToTheEnd {
                around = 0;
            }
            found.push(Token { text: &query[start..at], start, kind, depth: around, conditional: conditional != Conditional::No });
        }
    }
    found
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Conditional {
    No,
    InComment,
    ToTheEnd,
}

fn behind(query: &str, at: usize, end: &str) -> usize {
    query[at..].find(end).map_or(query.len(), |found| at + found + end.len())
}

fn behind_quote(bytes: &[u8], start: usize) -> usize {
    let quote = bytes[start];
    let mut at = start + 1;
    while at < bytes.len() && bytes[at] != quote {
        at += if bytes[at] == b'\\' && quote != b'`' { 2 } else { 1 };
    }
    let mut end = (at + 1).min(bytes.len());
    // An escaped character may have more than one byte.
    while end < bytes.len() && bytes[end] & 0xc0 == 0x80 {
        end += 1;
    }
    end
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$' | b'@') || byte >= 0x80
}
