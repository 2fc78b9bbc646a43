// Command interceptor parses each query and refuses an UPDATE or DELETE that would change every row, and what it cannot parse.
package main

import (
	"errors"

	"github.com/wesql/sqlparser"
	"github.com/wesql/sqlparser/go/vt/proto/query"
	"github.com/wesql/wescale-wasm-plugin-sdk/pkg"
	hostfunction "github.com/wesql/wescale-wasm-plugin-sdk/pkg/host_functions"
	"github.com/wesql/wescale-wasm-plugin-sdk/pkg/types"
)

type interceptor struct{}

func (*interceptor) RunBeforeExecution(ctx types.WasmPluginContext) error {
	text, err := hostfunction.GetHostQuery(ctx)
	if err != nil {
		return err
	}
	statement, err := sqlparser.Parse(text)
	if err != nil {
		hostfunction.ErrorLog(ctx, "not parsed: "+err.Error())
		return errors.New("the query cannot be parsed")
	}
	var where *sqlparser.Where
	switch statement := statement.(type) {
	case *sqlparser.Update:
		where = statement.Where
	case *sqlparser.Delete:
		where = statement.Where
	default:
		return nil
	}
	if where == nil {
		return errors.New("no where clause")
	}
	return nil
}

func (*interceptor) RunAfterExecution(_ types.WasmPluginContext, result *query.QueryResult, errBefore error) (*query.QueryResult, error) {
	return result, errBefore
}

func main() {
	pkg.InitWasmPlugin(&interceptor{})
}
