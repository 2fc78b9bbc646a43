package sluice

import (
	"unsafe"

	"github.com/wesql/wescale-wasm-plugin-sdk/internal/host"
)

//go:wasmimport env GetValueByKeyOnHost
func getValue(scope uint32, module uint64, key unsafe.Pointer, keyLength uint32, value, length *uint32) host.Status

//go:wasmimport env SetValueByKeyOnHost
func setValue(scope uint32, module uint64, key unsafe.Pointer, keyLength uint32, value unsafe.Pointer, length uint32) host.Status

//go:wasmimport env LockOnHost
func lock(scope uint32, module uint64) host.Status

//go:wasmimport env UnlockOnHost
func unlock(scope uint32, module uint64) host.Status

// Shared is a place for values that requests share.
type Shared uint32

const (
	// OfPlugin is shared by the instances of this plugin.
	OfPlugin Shared = 0
	// OfHost is shared by all plugins of the host.
	OfHost Shared = 1
)

// Get is the value of a key; nil if there is none.
func (s Shared) Get(key string) ([]byte, error) {
	name, size := host.Text(key)
	value, status := host.Take(func(value, length *uint32) host.Status {
		return getValue(uint32(s), 0, name, size, value, length)
	})
	switch status {
	case host.NotFound:
		return nil, nil
	case host.BadArgument: // a value of no bytes
		return []byte{}, nil
	}
	return value, status.Err("read the shared value '" + key + "'")
}

func (s Shared) Set(key string, value []byte) error {
	name, size := host.Text(key)
	bytes, length := host.Bytes(value)
	return setValue(uint32(s), 0, name, size, bytes, length).Err("set the shared value '" + key + "'")
}

// Locked does something while no other request does something in Locked. The host ends a wait that is longer than the call's deadline.
func (s Shared) Locked(do func() error) error {
	if err := lock(uint32(s), 0).Err("take the lock"); err != nil {
		return err
	}
	defer unlock(uint32(s), 0)
	return do()
}
