package main

import (
	"errors"

	"github.com/wesql/wescale-wasm-plugin-sdk/sluice"
)

type plugin struct{ sluice.Base }

// Before runs before a query is executed; an error refuses it.
func (plugin) Before(query *sluice.Query) error {
	text, err := query.Text()
	if err != nil {
		return err
	}
	// Your logic goes here; this one lets no DROP through.
	if tokens := sluice.Tokens(text); len(tokens) > 0 && tokens[0].Is("drop") {
		return errors.New("NAME lets no DROP through")
	}
	return nil
}

func main() { sluice.Run(plugin{}) }
