// Command rewrite_query puts LIMIT 100 to a SELECT that has no limit of its own: behind its last word, or before FOR UPDATE and its like.
package main

import "github.com/wesql/wescale-wasm-plugin-sdk/sluice"

type plugin struct{ sluice.Base }

func (plugin) Before(query *sluice.Query) error {
	text, err := query.Text()
	if err != nil {
		return err
	}
	at := place(sluice.Tokens(text))
	if at < 0 {
		return nil
	}
	return query.SetText(text[:at] + " LIMIT 100" + text[at:])
}

// place is where the limit goes; -1 if the query is no single SELECT, or has a limit.
func place(tokens []sluice.Token) int {
	if len(tokens) == 0 || !tokens[0].Is("select") {
		return -1
	}
	end, locking := tokens[0].End, -1
	for index, token := range tokens[1:] {
		ahead := tokens[index+2:]
		if token.Depth == 0 {
			switch {
			case token.Is("limit"), token.Is("into"), token.Is("procedure"):
				return -1
			case token.Kind == ';' && len(ahead) > 0:
				return -1
			case token.Kind == ';':
				continue
			case (token.Is("for") || token.Is("lock")) && len(ahead) > 0 && (ahead[0].Is("update") || ahead[0].Is("share") || ahead[0].Is("in")):
				locking = end
			}
		}
		end = token.End
	}
	if locking >= 0 {
		return locking
	}
	return end
}

func main() { sluice.Run(plugin{}) }
