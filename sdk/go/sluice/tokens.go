package sluice

import "strings"

// Token is a part of a query: a word, a quoted text with its quotes, or a single sign.
type Token struct {
	Text string
	// Start and End are where it stands in the query.
	Start, End int
	// Kind is 'w' for a word, the quote itself for a quoted text, or else the sign.
	Kind byte
	// Depth is how many parentheses are around it.
	Depth int
}

// Is tells whether the token is a keyword, in any case.
func (t Token) Is(keyword string) bool {
	return t.Kind == 'w' && strings.EqualFold(t.Text, keyword)
}

// Tokens divides a query. Spaces and comments are left out; a comment with an exclamation mark, whose content MySQL executes, is no
// comment.
func Tokens(query string) []Token {
	var tokens []Token
	depth, executed := 0, false
	for at := 0; at < len(query); {
		rest := query[at:]
		switch c := rest[0]; {
		case c <= ' ':
			at++
		case strings.HasPrefix(rest, "/*!"):
			executed = true
			for at += 3; at < len(query) && query[at] >= '0' && query[at] <= '9'; at++ {
			}
		case executed && strings.HasPrefix(rest, "*/"):
			executed = false
			at += 2
		case strings.HasPrefix(rest, "/*"):
			at = behind(query, at+2, "*/")
		case c == '#' || strings.HasPrefix(rest, "--") && (len(rest) == 2 || rest[2] <= ' '):
			at = behind(query, at, "\n")
		default:
			start, kind, around := at, c, depth
			switch {
			case isWord(c):
				kind = 'w'
				for at++; at < len(query) && isWord(query[at]); at++ {
				}
			case c == '\'' || c == '"' || c == '`':
				at = behindQuote(query, at)
			default:
				at++
				if c == '(' {
					depth++
				} else if c == ')' {
					depth--
					around = depth
				}
			}
			tokens = append(tokens, Token{query[start:at], start, at, kind, around})
		}
	}
	return tokens
}

func behind(query string, at int, end string) int {
	found := strings.Index(query[at:], end)
	if found < 0 {
		return len(query)
	}
	return at + found + len(end)
}

func behindQuote(query string, at int) int {
	quote := query[at]
	for at++; at < len(query) && query[at] != quote; at++ {
		if query[at] == '\\' && quote != '`' {
			at++
		}
	}
	return min(at+1, len(query))
}

func isWord(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '$' || c == '@' || c >= 0x80
}
