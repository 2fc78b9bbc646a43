package types

import (
	"unsafe"

	"github.com/wesql/wescale-wasm-plugin-sdk/internal/host"
)

// PtrToString is the text at an address, without a copy. It is good for as long as what lies there is.
func PtrToString(ptr uint32, size uint32) string {
	return unsafe.String((*byte)(at(ptr)), size)
}

// PtrToBytes is what lies at an address, without a copy. It is good for as long as that is.
func PtrToBytes(ptr uint32, size uint32) []byte {
	return unsafe.Slice((*byte)(at(ptr)), size)
}

// PtrToStringWithFree takes over a text that the host put there.
func PtrToStringWithFree(ptr uint32, size uint32) string {
	return string(PtrToBytesWithFree(ptr, size))
}

// PtrToBytesWithFree takes over bytes that the host put there.
func PtrToBytesWithFree(ptr uint32, size uint32) []byte {
	return host.TakeOver(ptr, size)
}

// What an address was given of lies in the heap, since these hold it: a stack may move while the host is called.
var (
	lastText  string
	lastBytes []byte
)

// StringToPtr is the address of a text and its length, for one call of the host, during which the caller holds the text.
func StringToPtr(s string) (uint32, uint32) {
	lastText = s
	pointer, length := host.Text(s)
	return uint32(uintptr(pointer)), length
}

// BytesToPtr is the address of bytes and their number, for one call of the host, during which the caller holds them.
func BytesToPtr(bytes []byte) (uint32, uint32) {
	lastBytes = bytes
	pointer, length := host.Bytes(bytes)
	return uint32(uintptr(pointer)), length
}

// at makes an address a pointer; Go's collector does not move what it points to.
func at(address uint32) unsafe.Pointer {
	return unsafe.Pointer(uintptr(address)) // go vet cannot know that the host gave it
}
