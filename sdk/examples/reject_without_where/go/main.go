// Command reject_without_where refuses an UPDATE or DELETE that has no WHERE of its own. What the server may leave out counts against the
// query: a verb may be there, a WHERE may not.
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

func changesEveryRow(text string) bool {
	first, change, where := true, false, false
	for _, token := range sluice.Tokens(text) {
		if token.Kind == ';' && token.Depth == 0 {
			if change && !where {
				return true
			}
			first, change, where = true, false, false
			continue
		}
		change = change || first && (token.Is("update") || token.Is("delete"))
		where = where || token.Depth == 0 && !token.Conditional && token.Is("where")
		first = first && token.Conditional
	}
	return change && !where
}

func main() { sluice.Run(plugin{}) }
