package main

import _ "unsafe"

// What the Go runtime draws its random numbers from, as it lies in memory since Go 1.22: asked of the host once, at start.
//
//go:linkname globalRand runtime.globalRand
var globalRand struct {
	lock  uintptr
	seed  [32]byte
	state struct {
		buf     [32]uint64
		seed    [4]uint64
		i, n, c uint32
	}
	init bool
}

// The only thread of a WASI guest; its generator is what maps, select and math/rand draw from.
//
//go:linkname thread runtime.m0
var thread [1]byte

//go:linkname randinit runtime.randinit
func randinit()

//go:linkname mrandinit runtime.mrandinit
func mrandinit(m *[1]byte)

// restored has the runtime ask the host for randomness again, in each instance that begins from a snapshot: without it all
// of them would make the same choices. It needs -ldflags=-checklinkname=0, which guests/build sees for itself.
//
//go:wasmexport sluice_after_restore
func restored() {
	globalRand.init = false
	randinit()
	mrandinit(&thread)
}
