// Package host_functions has the names of upstream's SDK.
package host_functions

import (
	"errors"

	"github.com/wesql/wescale-wasm-plugin-sdk/internal/host"
	"github.com/wesql/wescale-wasm-plugin-sdk/pkg/types"
)

func GetHostQuery(ctx types.WasmPluginContext) (string, error) {
	text, status := host.Query(ctx.Id)
	if status == host.BadArgument {
		return "", nil
	}
	return string(text), status.Err("get the query")
}

func SetHostQuery(ctx types.WasmPluginContext, query string) error {
	if query == "" {
		return errors.New("set the query: it is empty")
	}
	return host.SetQuery(ctx.Id, query).Err("set the query")
}

func GetAbiVersion() (string, error) {
	text, status := host.AbiVersion()
	return string(text), status.Err("get the ABI's version")
}

func GetRuntimeType() (string, error) {
	text, status := host.RuntimeType()
	return string(text), status.Err("get the type of the runtime")
}

func InfoLog(message string)  { host.Info(message) }
func ErrorLog(message string) { host.Error(message) }
