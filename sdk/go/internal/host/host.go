// Package host is the ABI as Go sees it: the functions that the host offers, and the exports that it calls.
package host

import (
	"errors"
	"strconv"
	"unsafe"
)

// Status is what a function of the host answers.
type Status uint32

const (
	OK          Status = 0
	NotFound    Status = 1
	BadArgument Status = 2
	Failed      Status = 10
)

// Err is nil for OK; what was asked for goes into its text.
func (s Status) Err(asked string) error {
	if s == OK {
		return nil
	}
	return errors.New(asked + ": the host answers status " + strconv.Itoa(int(s)))
}

//go:wasmimport env GetAbiVersionOnHost
func getAbiVersion(value, length *uint32) Status

//go:wasmimport env GetRuntimeTypeOnHost
func getRuntimeType(value, length *uint32) Status

//go:wasmimport env InfoLogOnHost
func infoLog(text unsafe.Pointer, length uint32) Status

//go:wasmimport env ErrorLogOnHost
func errorLog(text unsafe.Pointer, length uint32) Status

//go:wasmimport env GetQueryOnHost
func getQuery(ctx uint64, value, length *uint32) Status

//go:wasmimport env SetQueryOnHost
func setQuery(ctx uint64, text unsafe.Pointer, length uint32) Status

//go:wasmimport env GetErrorMessageOnHost
func getErrorMessage(ctx uint64, value, length *uint32) Status

//go:wasmimport env SetErrorMessageOnHost
func setErrorMessage(ctx uint64, text unsafe.Pointer, length uint32) Status

//go:wasmimport env GetQueryResultOnHost
func getQueryResult(ctx uint64, value, length *uint32) Status

//go:wasmimport env SetQueryResultOnHost
func setQueryResult(ctx uint64, bytes unsafe.Pointer, length uint32) Status

// lent keeps what the host asked for out of the collector's reach until it is taken or freed.
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

// Bytes is the address of a slice's content, good for one call of the host.
func Bytes(b []byte) (unsafe.Pointer, uint32) {
	return unsafe.Pointer(unsafe.SliceData(b)), uint32(len(b))
}

// Text is the address of a string's content, good for one call of the host.
func Text(s string) (unsafe.Pointer, uint32) {
	return unsafe.Pointer(unsafe.StringData(s)), uint32(len(s))
}

// Take has the host give a value and takes it over: nothing is left to be freed.
func Take(get func(value, length *uint32) Status) ([]byte, Status) {
	var address, length uint32
	if status := get(&address, &length); status != OK {
		return nil, status
	}
	return TakeOver(address, length), OK
}

// TakeOver takes what the host put where malloc told it to.
func TakeOver(address, length uint32) []byte {
	value := lent[address][:length]
	delete(lent, address)
	return value
}

func AbiVersion() ([]byte, Status)  { return Take(getAbiVersion) }
func RuntimeType() ([]byte, Status) { return Take(getRuntimeType) }

func Info(text string)  { infoLog(Text(text)) }
func Error(text string) { errorLog(Text(text)) }

func Query(ctx uint64) ([]byte, Status) {
	return Take(func(value, length *uint32) Status { return getQuery(ctx, value, length) })
}

func SetQuery(ctx uint64, query string) Status {
	text, length := Text(query)
	return setQuery(ctx, text, length)
}

func ErrorMessage(ctx uint64) ([]byte, Status) {
	return Take(func(value, length *uint32) Status { return getErrorMessage(ctx, value, length) })
}

// SetErrorMessage gives the query an error, or with an empty text takes it away.
func SetErrorMessage(ctx uint64, message string) Status {
	text, length := Text(message)
	return setErrorMessage(ctx, text, length)
}

// Reject gives the query an error. One that the host does not take, because it is empty or too long, is replaced; if it takes no error at
// all, the plugin traps: the query must not go on.
func Reject(ctx uint64, message string) {
	if message != "" && SetErrorMessage(ctx, message) == OK {
		return
	}
	if SetErrorMessage(ctx, "the plugin rejects the query for a reason that is empty or too long") != OK {
		panic("the host takes no error")
	}
}

func QueryResult(ctx uint64) ([]byte, Status) {
	return Take(func(value, length *uint32) Status { return getQueryResult(ctx, value, length) })
}

func SetQueryResult(ctx uint64, result []byte) Status {
	bytes, length := Bytes(result)
	return setQueryResult(ctx, bytes, length)
}

// Before and After are what the entry points call; a package of the SDK sets them.
var Before, After = func(ctx uint64) {}, func(ctx uint64) {}

// A WASI reactor's start does not run main, and main is where a plugin says what it is.
//
//go:linkname mainOfPlugin main.main
func mainOfPlugin()

var mainHasRun bool

func runMain() {
	if !mainHasRun {
		mainHasRun = true
		mainOfPlugin()
	}
}

//go:wasmexport RunBeforeExecutionOnGuest
func runBefore(ctx uint64) {
	runMain()
	Before(ctx)
}

//go:wasmexport RunAfterExecutionOnGuest
func runAfter(ctx uint64) {
	runMain()
	After(ctx)
}

// What main does is done before the host takes its snapshot, not in each request.
//
//go:wasmexport sluice_warm_up
func warmUp() {
	runMain()
}
