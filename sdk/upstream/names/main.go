// Command names holds every exported name of upstream's SDK (version 0.2) to its signature there: it builds if none is missing or other.
package main

import (
	"github.com/wesql/sqlparser/go/vt/proto/query"
	"github.com/wesql/wescale-wasm-plugin-sdk/pkg"
	"github.com/wesql/wescale-wasm-plugin-sdk/pkg/guest_functions"
	"github.com/wesql/wescale-wasm-plugin-sdk/pkg/host_functions"
	"github.com/wesql/wescale-wasm-plugin-sdk/pkg/types"
)

// Package pkg.
var _ func(types.WasmPlugin) = pkg.InitWasmPlugin

// Package pkg/types.
var (
	_ = types.WasmPluginContext{Id: uint64(0)}
	_ = []types.Status{types.StatusOK, types.StatusNotFound, types.StatusBadArgument, types.StatusEmpty, types.StatusCasMismatch,
		types.StatusInternalFailure, types.StatusUnimplemented}
	_ = []error{types.ErrorStatusNotFound, types.ErrorStatusBadArgument, types.ErrorStatusEmpty, types.ErrorStatusCasMismatch,
		types.ErrorInternalFailure, types.ErrorUnimplemented}
	_ uint32                        = uint32(types.Status(0))
	_ func(types.Status) error      = types.StatusToError
	_ func(uint32, uint32) string   = types.PtrToString
	_ func(uint32, uint32) []byte   = types.PtrToBytes
	_ func(uint32, uint32) string   = types.PtrToStringWithFree
	_ func(uint32, uint32) []byte   = types.PtrToBytesWithFree
	_ func(string) (uint32, uint32) = types.StringToPtr
	_ func([]byte) (uint32, uint32) = types.BytesToPtr
)

type plugin struct{}

func (plugin) RunBeforeExecution(types.WasmPluginContext) error { return nil }

func (plugin) RunAfterExecution(_ types.WasmPluginContext, result *query.QueryResult, err error) (*query.QueryResult, error) {
	return result, err
}

// Package pkg/host_functions.
var (
	_ func(types.WasmPluginContext) (string, error) = host_functions.GetHostQuery
	_ func(types.WasmPluginContext, string) error   = host_functions.SetHostQuery
	_ func(types.WasmPluginContext) (string, error) = host_functions.GetAbiVersion
	_ func(types.WasmPluginContext) (string, error) = host_functions.GetRuntimeType
	_ func(types.WasmPluginContext, string)         = host_functions.InfoLog
	_ func(types.WasmPluginContext, string)         = host_functions.ErrorLog
)

// Package pkg/guest_functions.
var (
	_ types.WasmPlugin = guest_functions.CurrentWasmPlugin
	_ func(uint64)     = guest_functions.RunBeforeExecutionOnGuest
	_ func(uint64)     = guest_functions.RunAfterExecutionOnGuest
)

func main() {
	guest_functions.CurrentWasmPlugin = plugin{}
}
