// Command audit_log logs every query with what came of it.
package main

import (
	"strconv"

	"github.com/wesql/wescale-wasm-plugin-sdk/sluice"
)

type plugin struct{ sluice.Base }

func (plugin) After(query *sluice.Query) error {
	text, err := query.Text()
	if err != nil {
		return err
	}
	failure, err := query.Err()
	if err != nil {
		return err
	}
	if failure != "" {
		sluice.Error("audit: failed: " + text + ": " + failure)
		return nil
	}
	result, err := query.Result()
	switch {
	case err != nil:
		return err
	case result == nil:
		sluice.Info("audit: 0 changed: " + text)
	case result.Columns() > 0:
		sluice.Info("audit: " + strconv.Itoa(result.Rows()) + " rows: " + text)
	default:
		sluice.Info("audit: " + strconv.FormatUint(result.RowsAffected, 10) + " changed: " + text)
	}
	return nil
}

func main() { sluice.Run(plugin{}) }
