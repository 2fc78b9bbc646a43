// Command reject_without_where refuses an UPDATE or DELETE that has no WHERE of its own. What the server may leave out counts against the
// query: a verb may be there, a WHERE may not. A word behind a dot is a name, and the verb of WITH is behind what it names.
package main

import (
	"errors"

	"github.com/wesql/wescale-wasm-plugin-sdk/sluice"
)

type plugin struct{ sluice.Base }

func (plugin) Before(query *sluice.Query) error {
	text, err := query.Text()
	if err != nil {
		return err
	}
	if changesEveryRow(text) {
		return errors.New("no where clause")
	}
	return nil
}

func reads(token sluice.Token) bool {
	return token.Is("select") || token.Is("table") || token.Is("values")
}

func changesEveryRow(text string) bool {
	looking, with, change, where, named := true, false, false, false, false
	for _, token := range sluice.Tokens(text) {
		if token.Kind == ';' && token.Depth == 0 {
			if change && !where {
				return true
			}
			looking, with, change, where, named = true, false, false, false, false
			continue
		}
		if looking && token.Depth == 0 {
			change = change || token.Is("update") || token.Is("delete")
			with = with || token.Is("with") || token.Is("analyze")
			looking = token.Conditional || with && !reads(token)
		}
		where = where || token.Depth == 0 && !token.Conditional && !named && token.Is("where")
		named = token.Kind == '.' || named && token.Conditional
	}
	return change && !where
}

func main() { sluice.Run(plugin{}) }
