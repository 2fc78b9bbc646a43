// Package pkg has the names of upstream's SDK, so that a plugin written for it builds with standard Go by one replace line in its go.mod.
package pkg

import (
	"github.com/wesql/wescale-wasm-plugin-sdk/pkg/guest_functions"
	"github.com/wesql/wescale-wasm-plugin-sdk/pkg/types"
)

// InitWasmPlugin names the plugin; main calls it and returns.
func InitWasmPlugin(plugin types.WasmPlugin) {
	guest_functions.CurrentWasmPlugin = plugin
}
