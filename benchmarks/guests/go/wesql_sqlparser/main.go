// Command wesql_sqlparser rejects an UPDATE or DELETE that has no WHERE, with the whole SQL parser of WeSQL: a plugin of real size, built by
// the standard Go toolchain as a WASI reactor.
package main

import (
	"unsafe"

	"github.com/wesql/sqlparser"
)

const ok = 0

//go:wasmimport env GetQueryOnHost
func getQueryOnHost(ctx uint64, value *uint32, length *uint32) uint32

//go:wasmimport env SetErrorMessageOnHost
func setErrorMessageOnHost(ctx uint64, text unsafe.Pointer, length uint32) uint32

// lent keeps what the host asked for out of the collector's reach until it is freed.
var lent = map[uint32][]byte{}

//go:wasmexport malloc
func malloc(length uint32) uint32 {
	block := make([]byte, max(length, 1))
	address := uint32(uintptr(unsafe.Pointer(&block[0])))
	lent[address] = block
	return address
}

//go:wasmexport free
func free(address uint32) {
	delete(lent, address)
}

func setErrorMessage(ctx uint64, text string) {
	setErrorMessageOnHost(ctx, unsafe.Pointer(unsafe.StringData(text)), uint32(len(text)))
}

//go:wasmexport RunBeforeExecutionOnGuest
func runBefore(ctx uint64) {
	var address, length uint32
	if getQueryOnHost(ctx, &address, &length) != ok {
		return // an empty query
	}
	query := string(lent[address][:length])
	free(address)
	statement, err := sqlparser.Parse(query)
	if err != nil {
		setErrorMessage(ctx, err.Error())
		return
	}
	switch statement := statement.(type) {
	case *sqlparser.Update:
		if statement.Where == nil {
			setErrorMessage(ctx, "no where clause")
		}
	case *sqlparser.Delete:
		if statement.Where == nil {
			setErrorMessage(ctx, "no where clause")
		}
	}
}

//go:wasmexport RunAfterExecutionOnGuest
func runAfter(uint64) {}

func main() {}
