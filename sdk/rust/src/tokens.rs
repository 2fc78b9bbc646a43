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

/// Divides a query. Spaces and comments are left out; a comment with an exclamation mark, whose content MySQL executes, is no comment.
pub fn tokens(query: &str) -> Vec<Token<'_>> {
    let bytes = query.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    let mut depth = 0;
    let mut executed = false;
    while at < bytes.len() {
        let rest = &bytes[at..];
        let first = rest[0];
        if first <= b' ' {
            at += 1;
        } else if rest.starts_with(b"/*!") {
            executed = true;
            at += 3 + rest[3..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        } else if executed && rest.starts_with(b"*/") {
            executed = false;
            at += 2;
        } else if rest.starts_with(b"/*") {
            at = behind(query, at + 2, "*/");
        } else if first == b'#' || (rest.starts_with(b"--") && rest.get(2).map_or(true, |byte| *byte <= b' ')) {
            at = behind(query, at, "\n");
        } else {
            let start = at;
            let mut kind = first;
            let mut around = depth;
            if is_word(first) {
                kind = b'w';
                at += rest.iter().take_while(|byte| is_word(**byte)).count();
            } else if matches!(first, b'\'' | b'"' | b'`') {
                at = behind_quote(bytes, at);
            } else {
                at += 1;
                if first == b'(' {
                    depth += 1;
                } else if first == b')' {
                    depth -= 1;
                    around = depth;
                }
            }
            found.push(Token { text: &query[start..at], start, kind, depth: around });
        }
    }
    found
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
