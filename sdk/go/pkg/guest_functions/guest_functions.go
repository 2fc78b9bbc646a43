// Package guest_functions calls a plugin of upstream's kind from the entry points that the host calls.
package guest_functions

import (
	"errors"

	"github.com/wesql/sqlparser/go/vt/proto/query"
	"github.com/wesql/wescale-wasm-plugin-sdk/internal/host"
	"github.com/wesql/wescale-wasm-plugin-sdk/pkg/types"
)

// SetWasmPlugin names the plugin.
func SetWasmPlugin(plugin types.WasmPlugin) {
	host.Before = func(ctx uint64) {
		if err := plugin.RunBeforeExecution(types.WasmPluginContext{Id: ctx}); err != nil {
			host.Reject(ctx, err.Error())
		}
	}
	host.After = func(ctx uint64) {
		if err := after(ctx, plugin); err != nil {
			host.Reject(ctx, err.Error())
		}
	}
}

func after(ctx uint64, plugin types.WasmPlugin) error {
	var before error
	message, status := host.ErrorMessage(ctx)
	if status == host.OK {
		before = errors.New(string(message))
	} else if status != host.BadArgument {
		return status.Err("get the error")
	}
	var given *query.QueryResult
	bytes, status := host.QueryResult(ctx)
	if status == host.OK {
		given = &query.QueryResult{}
		if err := given.UnmarshalVT(bytes); err != nil {
			return err
		}
	} else if status != host.BadArgument {
		return status.Err("get the result")
	}
	result, err := plugin.RunAfterExecution(types.WasmPluginContext{Id: ctx}, given, before)
	if result != nil {
		encoded, err := result.MarshalVT()
		if err != nil {
			return err
		}
		if err := host.SetQueryResult(ctx, encoded).Err("set the result"); err != nil {
			return err
		}
	}
	// The error that the plugin was given stays without one of its own, as with upstream's SDK.
	return err
}
