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
	// Conditional is whether the server may leave it out.
	Conditional bool
}

// Is tells whether the token is a keyword, in any case.
func (t Token) Is(keyword string) bool {
	return t.Kind == 'w' && strings.EqualFold(t.Text, keyword)
}

// How far what is read is conditional.
const (
	notConditional = iota
	inComment
	toTheEnd
)

// Tokens divides a query. Spaces and comments are left out.
//
// Of a comment that begins with an exclamation mark, or with M and one, the server executes what its version and kind allow. The tokens
// in one are conditional. Where even the end of such a comment depends on whether it is executed, all that follows is conditional, and
// words and signs are told apart no further: quotes and marks of comments are signs, and no parentheses are counted.
func Tokens(query string) []Token {
	var tokens []Token
	depth, outerDepth, conditional := 0, 0, notConditional
	for at := 0; at < len(query); {
		rest := query[at:]
		c := rest[0]
		if c <= ' ' {
			at++
			continue
		}
		start, kind, around := at, c, depth
		switch {
		case isWord(c):
			kind = 'w'
			for at++; at < len(query) && isWord(query[at]); at++ {
			}
		case conditional == toTheEnd:
			at++
		case conditional == inComment && strings.HasPrefix(rest, "/*"):
			conditional = toTheEnd
			continue
		case strings.HasPrefix(rest, "/*!") || strings.HasPrefix(rest, "/*M!"):
			conditional, outerDepth = inComment, depth
			for at += strings.IndexByte(rest, '!') + 1; at < len(query) && query[at] >= '0' && query[at] <= '9'; at++ {
			}
			continue
		case conditional == inComment && strings.HasPrefix(rest, "*/"):
			conditional = notConditional
			if depth != outerDepth {
				conditional = toTheEnd
			}
			at += 2
			continue
		case strings.HasPrefix(rest, "/*"):
			at = behind(query, at+2, "*/")
			continue
		case c == '#' || strings.HasPrefix(rest, "--") && (len(rest) == 2 || rest[2] <= ' '):
			end := behind(query, at, "\n")
			if conditional == inComment && strings.Contains(query[at:end], "*/") {
				conditional = toTheEnd
			} else {
				at = end
			}
			continue
		case c == '\'' || c == '"' || c == '`':
			end := behindQuote(query, at)
			if conditional == inComment && strings.Contains(query[at:end], "*/") {
				conditional = toTheEnd
				at++
			} else {
				at = end
			}
		default:
			at++
			if c == '(' {
				depth++
			} else if c == ')' {
				depth--
				around = depth
			}
		}
		if conditional == toTheEnd {
			around = 0
		}
		tokens = append(tokens, Token{query[start:at], start, at, kind, around, conditional != notConditional})
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
