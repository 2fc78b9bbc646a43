// Command mask_columns overwrites what certain columns of a result hold, whatever the query called their table: each value becomes
// "****", NULL stays NULL. The columns go by their own names, so that an alias does not unmask one, and by the names in the result:
// those in the environment variable MASK_COLUMNS, divided by commas, or else "password" and "card_number".
//
// An expression over a column has neither name: give the plugin a filter whose pattern also refuses what it must not see.
package main

import (
	"strings"
	"syscall"
)

const (
	ok          = 0
	badArgument = 2
	mask        = "****"
)

var masked = columns()

// columns reads the names once, when the instance starts.
func columns() map[string]bool {
	list, found := syscall.Getenv("MASK_COLUMNS")
	if !found {
		list = "password,card_number"
	}
	names := map[string]bool{}
	for _, name := range strings.Split(list, ",") {
		names[strings.ToLower(strings.TrimSpace(name))] = true
	}
	return names
}

//go:wasmexport RunBeforeExecutionOnGuest
func runBefore(uint64) {}

//go:wasmexport RunAfterExecutionOnGuest
func runAfter(ctx uint64) {
	result, status := queryResult(ctx)
	switch status {
	case ok:
		rewritten, err := rewrite(result, masked)
		if err != nil {
			setErrorMessage(ctx, "mask_columns cannot read the result: "+err.Error())
		} else if rewritten != nil && setQueryResult(ctx, rewritten) != ok {
			setErrorMessage(ctx, "mask_columns cannot set the result")
		}
	case badArgument: // no result, or one of no bytes
	default:
		setErrorMessage(ctx, "mask_columns cannot get the result")
	}
}

func main() {}
