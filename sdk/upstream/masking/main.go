// Command masking shows the text columns of every result as ****; NULL stays NULL.
package main

import (
	"github.com/wesql/sqlparser/go/vt/proto/query"
	"github.com/wesql/wescale-wasm-plugin-sdk/pkg"
	"github.com/wesql/wescale-wasm-plugin-sdk/pkg/types"
)

const mask = "****"

type masking struct{}

func (*masking) RunBeforeExecution(types.WasmPluginContext) error {
	return nil
}

func (*masking) RunAfterExecution(_ types.WasmPluginContext, result *query.QueryResult, errBefore error) (*query.QueryResult, error) {
	if result == nil || errBefore != nil {
		return result, errBefore
	}
	for _, row := range result.Rows {
		var values []byte
		at := int64(0)
		for column, length := range row.Lengths {
			if length < 0 {
				continue
			}
			value := row.Values[at : at+length]
			at += length
			if isText(result.Fields[column].Type) {
				value = []byte(mask)
				row.Lengths[column] = int64(len(mask))
			}
			values = append(values, value...)
		}
		row.Values = values
	}
	return result, nil
}

func isText(kind query.Type) bool {
	switch kind {
	case query.Type_CHAR, query.Type_VARCHAR, query.Type_TEXT:
		return true
	}
	return false
}

func main() {
	pkg.InitWasmPlugin(&masking{})
}
