// Command rewrite_query puts LIMIT 100 to a SELECT that has no limit of its own, also to TABLE, VALUES and what WITH or a parenthesis
// begins: behind its last word, or before FOR UPDATE and its like. What stands in a comment for some servers only is no limit, and where it
// could change the place of one the query is refused. A word behind a dot is a name.
package main

import (
	"errors"

	"github.com/wesql/wescale-wasm-plugin-sdk/sluice"
)

var errUnclear = errors.New("the query has a comment for some servers only that may change where its limit goes")

type plugin struct{ sluice.Base }

func (plugin) Before(query *sluice.Query) error {
	text, err := query.Text()
	if err != nil {
		return err
	}
	at, err := place(sluice.Tokens(text))
	if at < 0 || err != nil {
		return err
	}
	return query.SetText(text[:at] + " LIMIT 100" + text[at:])
}

func isHarmless(token sluice.Token) bool {
	return token.Kind == 'w' && !token.Is("limit") && !token.Is("into") && !token.Is("procedure") && !token.Is("for") && !token.Is("lock")
}

func reads(token sluice.Token) bool {
	return token.Is("select") || token.Is("table") || token.Is("values")
}

func begins(token sluice.Token) bool {
	return token.Kind == '(' || token.Is("with") || reads(token)
}

func locks(token sluice.Token, ahead []sluice.Token) bool {
	return (token.Is("for") || token.Is("lock")) && len(ahead) > 0 &&
		(ahead[0].Is("update") || ahead[0].Is("share") || ahead[0].Is("in"))
}

// place is where the limit goes; -1 if the query is no single SELECT or its like, or has a limit.
func place(tokens []sluice.Token) (int, error) {
	maybe := false
	for len(tokens) > 0 && tokens[0].Conditional {
		maybe = maybe || begins(tokens[0])
		tokens = tokens[1:]
	}
	if maybe {
		return -1, errUnclear
	}
	if len(tokens) == 0 || !begins(tokens[0]) {
		return -1, nil
	}
	if tokens[len(tokens)-1].Conditional {
		return -1, errUnclear
	}
	looking := tokens[0].Is("with") // for the verb of WITH
	previous := tokens[0]
	end, locking := previous.End, -1
	for index, token := range tokens[1:] {
		if token.Conditional {
			if !isHarmless(token) || looking && token.Depth == 0 {
				return -1, errUnclear
			}
			continue
		}
		ahead := tokens[index+2:]
		if token.Depth == 0 && token.Kind == ';' {
			if len(ahead) > 0 {
				return -1, nil
			}
			break
		}
		if token.Depth == 0 && previous.Kind != '.' {
			if token.Is("limit") || token.Is("into") || token.Is("procedure") {
				return -1, nil
			}
			if looking && !previous.Is("for") && (token.Is("update") || token.Is("delete")) {
				return -1, nil
			}
			looking = looking && !reads(token)
			if locks(token, ahead) {
				locking = end
			}
		}
		previous, end = token, token.End
	}
	if locking >= 0 {
		return locking, nil
	}
	return end, nil
}

func main() { sluice.Run(plugin{}) }
