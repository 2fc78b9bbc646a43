// Package host_functions has the names of upstream's SDK.
package host_functions

import (
	"errors"

	"github.com/wesql/wescale-wasm-plugin-sdk/internal/host"
	"github.com/wesql/wescale-wasm-plugin-sdk/pkg/types"
)

// GetHostQuery answers the query's text; one without bytes is types.ErrorStatusBadArgument.
func GetHostQuery(ctx types.WasmPluginContext) (string, error) {
	return text(host.Query(ctx.Id))
}

// SetHostQuery has the host execute another text.
func SetHostQuery(ctx types.WasmPluginContext, query string) error {
	if query == "" {
		return errors.New("set the query: it is empty")
	}
	return types.StatusToError(types.Status(host.SetQuery(ctx.Id, query)))
}

// GetAbiVersion answers the version of the ABI that the host has.
func GetAbiVersion(types.WasmPluginContext) (string, error) {
	return text(host.AbiVersion())
}

// GetRuntimeType answers what the host runs plugins with.
func GetRuntimeType(types.WasmPluginContext) (string, error) {
	return text(host.RuntimeType())
}

// InfoLog logs a line, unless it is empty.
func InfoLog(_ types.WasmPluginContext, message string) {
	if message != "" {
		host.Info(message)
	}
}

// ErrorLog logs a line as an error, unless it is empty.
func ErrorLog(_ types.WasmPluginContext, message string) {
	if message != "" {
		host.Error(message)
	}
}

func text(bytes []byte, status host.Status) (string, error) {
	return string(bytes), types.StatusToError(types.Status(status))
}
