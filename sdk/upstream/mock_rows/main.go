// Command mock_rows answers a query of the table users with rows that it makes up.
package main

import (
	"strings"

	"github.com/wesql/sqlparser/go/sqltypes"
	"github.com/wesql/sqlparser/go/vt/proto/query"
	"github.com/wesql/wescale-wasm-plugin-sdk/pkg"
	hostfunction "github.com/wesql/wescale-wasm-plugin-sdk/pkg/host_functions"
	"github.com/wesql/wescale-wasm-plugin-sdk/pkg/types"
)

type mockRows struct {
	of bool
}

// The rows replace the database's, so it need not look at the table: that may not even be there.
func (m *mockRows) RunBeforeExecution(ctx types.WasmPluginContext) error {
	text, err := hostfunction.GetHostQuery(ctx)
	if err != nil {
		return err
	}
	m.of = strings.HasPrefix(strings.ToLower(text), "select") && strings.HasSuffix(strings.ToLower(text), "from users")
	if m.of {
		return hostfunction.SetHostQuery(ctx, "SELECT 1")
	}
	return nil
}

func (m *mockRows) RunAfterExecution(_ types.WasmPluginContext, result *query.QueryResult, errBefore error) (*query.QueryResult, error) {
	if !m.of || errBefore != nil {
		return result, errBefore
	}
	made := sqltypes.MakeTestResult(sqltypes.MakeTestFields("id|name", "int64|varchar"), "1|Ada", "2|Grace")
	return sqltypes.ResultToProto3(made), nil
}

func main() {
	pkg.InitWasmPlugin(&mockRows{})
}
