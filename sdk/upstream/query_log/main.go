// Command query_log logs every query, and what came of it.
package main

import (
	"fmt"

	"github.com/wesql/sqlparser/go/vt/proto/query"
	"github.com/wesql/wescale-wasm-plugin-sdk/pkg"
	hostfunction "github.com/wesql/wescale-wasm-plugin-sdk/pkg/host_functions"
	"github.com/wesql/wescale-wasm-plugin-sdk/pkg/types"
)

type queryLog struct{}

func (*queryLog) RunBeforeExecution(ctx types.WasmPluginContext) error {
	abi, err := hostfunction.GetAbiVersion(ctx)
	if err != nil {
		return err
	}
	runtime, err := hostfunction.GetRuntimeType(ctx)
	if err != nil {
		return err
	}
	text, err := hostfunction.GetHostQuery(ctx)
	if err != nil {
		return err
	}
	// By its address, as plugins with host functions of their own hand texts over.
	address, length := types.StringToPtr(text)
	hostfunction.InfoLog(ctx, fmt.Sprintf("%s on %s: %s", abi, runtime, types.PtrToString(address, length)))
	return nil
}

func (*queryLog) RunAfterExecution(ctx types.WasmPluginContext, result *query.QueryResult, errBefore error) (*query.QueryResult, error) {
	if errBefore != nil {
		hostfunction.ErrorLog(ctx, "failed: "+errBefore.Error())
	} else if result != nil {
		hostfunction.InfoLog(ctx, fmt.Sprintf("%d rows, %d changed", len(result.Rows), result.RowsAffected))
	}
	return result, errBefore
}

func main() {
	pkg.InitWasmPlugin(&queryLog{})
}
