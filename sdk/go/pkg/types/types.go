// Package types has the names of upstream's SDK.
package types

import "github.com/wesql/sqlparser/go/vt/proto/query"

// WasmPluginContext names the query that a call is about.
type WasmPluginContext struct {
	Id uint64
}

// WasmPlugin is a plugin as upstream's SDK has it.
type WasmPlugin interface {
	RunBeforeExecution(ctx WasmPluginContext) error
	// RunAfterExecution answers the result and the error that the client gets; a nil result leaves the one there is.
	RunAfterExecution(ctx WasmPluginContext, queryResult *query.QueryResult, errBefore error) (*query.QueryResult, error)
}
