package main

import "unsafe"

//go:wasmimport env GetQueryResultOnHost
func getQueryResultOnHost(ctx uint64, value *uint32, length *uint32) uint32

//go:wasmimport env SetQueryResultOnHost
func setQueryResultOnHost(ctx uint64, bytes unsafe.Pointer, length uint32) uint32

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

func queryResult(ctx uint64) ([]byte, uint32) {
	var address, length uint32
	status := getQueryResultOnHost(ctx, &address, &length)
	if status != ok {
		return nil, status
	}
	result := lent[address][:length]
	free(address)
	return result, ok
}

func setQueryResult(ctx uint64, result []byte) uint32 {
	return setQueryResultOnHost(ctx, unsafe.Pointer(unsafe.SliceData(result)), uint32(len(result)))
}

func setErrorMessage(ctx uint64, text string) {
	setErrorMessageOnHost(ctx, unsafe.Pointer(unsafe.StringData(text)), uint32(len(text)))
}
