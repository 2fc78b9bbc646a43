// Command mock_data replaces every value by a made-up one of its kind; NULL stays NULL.
package main

import (
	"strconv"

	"github.com/wesql/wescale-wasm-plugin-sdk/sluice"
)

type plugin struct{ sluice.Base }

func (plugin) After(query *sluice.Query) error {
	result, err := query.Result()
	if err != nil || result == nil || result.Rows() == 0 {
		return err
	}
	for index := range result.Rows() {
		row, err := result.Row(index)
		if err != nil {
			return err
		}
		for column, value := range row {
			if value == nil {
				continue
			}
			if err := result.Set(index, column, []byte(madeUp(result.Column(column), index))); err != nil {
				return err
			}
		}
	}
	return query.SetResult(result)
}

func madeUp(column sluice.Column, row int) string {
	switch column.Type {
	case sluice.Date:
		return "2000-01-01"
	case sluice.Time:
		return "00:00:00"
	case sluice.Datetime, sluice.Timestamp:
		return "2000-01-01 00:00:00"
	case sluice.Year:
		return "2000"
	case sluice.JSON:
		return "{}"
	case sluice.Int8, sluice.Uint8, sluice.Int16, sluice.Uint16, sluice.Int24, sluice.Uint24, sluice.Int32, sluice.Uint32,
		sluice.Int64, sluice.Uint64, sluice.Float32, sluice.Float64, sluice.Decimal:
		return strconv.Itoa(row + 1)
	}
	return column.Name + " " + strconv.Itoa(row+1)
}

func main() { sluice.Run(plugin{}) }
