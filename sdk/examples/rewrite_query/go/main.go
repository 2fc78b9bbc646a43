// Command rewrite_query puts LIMIT 100 to a SELECT that has no limit of its own: behind its last word, or before FOR UPDATE and its like.
// What stands in a comment for some servers only is no limit, and where it could change the place of one the query is refused.
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

// place is where the limit goes; -1 if the query is no single SELECT, or has a limit.
func place(tokens []sluice.Token) (int, error) {
	selects := false
	for len(tokens) > 0 && tokens[0].Conditional {
		selects = selects || tokens[0].Is("select")
		tokens = tokens[1:]
	}
	if selects {
		return -1, errUnclear
	}
	if len(tokens) == 0 || !tokens[0].Is("select") {
		return -1, nil
	}
	if tokens[len(tokens)-1].Conditional {
		return -1, errUnclear
	}
	end, locking := tokens[0].End, -1
	for index, token := range tokens[1:] {
		if token.Conditional {
			if !isHarmless(token) {
				return -1, errUnclear
			}
			continue
		}
		ahead := tokens[index+2:]
		if token.Depth == 0 {
			switch {
			case token.Is("limit"), token.Is("into"), token.Is("procedure"):
				return -1, nil
			case token.Kind == ';' && len(ahead) > 0:
				return -1, nil
			case token.Kind == ';':
				continue
			case (token.Is("for") || token.Is("lock")) && len(ahead) > 0 && (ahead[0].Is("update") || ahead[0].Is("share") || ahead[0].Is("in")):
				locking = end
			}
		}
		end = token.End
	}
	if locking >= 0 {
		return locking, nil
	}
	return end, nil
}

func main() { sluice.Run(plugin{}) }
