// Package guest_functions calls a plugin of upstream's kind from the entry points that the host calls.
package guest_functions

import (
	"errors"

	"github.com/wesql/sqlparser/go/vt/proto/query"
	"github.com/wesql/wescale-wasm-plugin-sdk/internal/host"
	"github.com/wesql/wescale-wasm-plugin-sdk/pkg/types"
)

// CurrentWasmPlugin is the plugin; pkg.InitWasmPlugin sets it.
var CurrentWasmPlugin types.WasmPlugin

var errNoPlugin = errors.New("the plugin does not say what it is; have main call pkg.InitWasmPlugin")

func init() {
	host.Before, host.After = RunBeforeExecutionOnGuest, RunAfterExecutionOnGuest
}

// RunBeforeExecutionOnGuest is what the host's call before the execution comes to.
func RunBeforeExecutionOnGuest(hostInstanceId uint64) {
	err := errNoPlugin
	if CurrentWasmPlugin != nil {
		err = CurrentWasmPlugin.RunBeforeExecution(types.WasmPluginContext{Id: hostInstanceId})
	}
	if err != nil {
		host.Reject(hostInstanceId, err.Error())
	}
}

// RunAfterExecutionOnGuest is what the host's call after the execution comes to.
func RunAfterExecutionOnGuest(hostInstanceId uint64) {
	err := errNoPlugin
	if CurrentWasmPlugin != nil {
		err = after(hostInstanceId)
	}
	if err != nil {
		host.Reject(hostInstanceId, err.Error())
	}
}

func after(ctx uint64) error {
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
	result, err := CurrentWasmPlugin.RunAfterExecution(types.WasmPluginContext{Id: ctx}, given, before)
	if result != nil {
		encoded, err := result.MarshalVT()
		if err != nil {
			return err
		}
		if err := host.SetQueryResult(ctx, encoded).Err("set the result"); err != nil {
			return err
		}
	}
	// The error that the plugin was given stays without one of its own, as with upstream's SDK. If it is the plugin's answer as well, it
	// stays too, with the database's code and state: set again it would be the plugin's.
	if err == before {
		return nil
	}
	return err
}
