// Command mask_columns shows the columns password and card_number as ****, by whatever name the query calls them; NULL stays NULL.
package main

import (
	"strings"

	"github.com/wesql/wescale-wasm-plugin-sdk/sluice"
)

var masked = map[string]bool{"password": true, "card_number": true}

type plugin struct{ sluice.Base }

func (plugin) After(query *sluice.Query) error {
	result, err := query.Result()
	if err != nil || result == nil {
		return err
	}
	changed := false
	for index := range result.Columns() {
		column := result.Column(index)
		if !masked[strings.ToLower(column.Name)] && !masked[strings.ToLower(column.OrgName)] {
			continue
		}
		changed = true
		result.SetType(index, sluice.Varchar)
		if err := mask(result, index); err != nil {
			return err
		}
	}
	if !changed {
		return nil
	}
	return query.SetResult(result)
}

func mask(result *sluice.Result, column int) error {
	for index := range result.Rows() {
		row, err := result.Row(index)
		if err != nil {
			return err
		}
		if row[column] == nil {
			continue
		}
		if err := result.Set(index, column, []byte("****")); err != nil {
			return err
		}
	}
	return nil
}

func main() { sluice.Run(plugin{}) }
