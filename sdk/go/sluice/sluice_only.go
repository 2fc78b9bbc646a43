package sluice

import (
	"unsafe"

	"github.com/wesql/wescale-wasm-plugin-sdk/internal/host"
)

//go:wasmimport sluice get_configuration
func getConfiguration(value, length *uint32) host.Status

//go:wasmimport sluice get_property
func getProperty(name unsafe.Pointer, nameLength uint32, value, length *uint32) host.Status

//go:wasmimport sluice set_error
func setError(code uint32, state unsafe.Pointer, stateLength uint32, message unsafe.Pointer, length uint32) host.Status

//go:wasmimport sluice add_counter
func addCounter(name unsafe.Pointer, nameLength uint32, delta uint64) host.Status

// Configuration is the plugin's configuration, a JSON object; empty if it was given none. main may read it.
func Configuration() (string, error) {
	return text(host.Take(getConfiguration))("read the configuration")
}

// Property is a property of the query: user, client_address, database, kind, tables, bind_values. It is empty if the host does not know
// it, and if who deploys the plugin does not grant it.
func (q *Query) Property(name string) (string, error) {
	address, size := host.Text(name)
	return text(host.Take(func(value, length *uint32) host.Status {
		return getProperty(address, size, value, length)
	}))("read the property '" + name + "'")
}

// CodedError is an error with MySQL's code and SQLSTATE; return one from Before or After.
type CodedError struct {
	Code    uint16
	State   string
	Message string
}

func (e *CodedError) Error() string { return e.Message }

func (e *CodedError) setOn() bool {
	state, stateLength := host.Text(e.State)
	message, length := host.Text(e.Message)
	return setError(uint32(e.Code), state, stateLength, message, length) == host.OK
}

// Count adds to a counter of the plugin.
func Count(name string, delta uint64) error {
	address, size := host.Text(name)
	return addCounter(address, size, delta).Err("add to the counter '" + name + "'")
}
