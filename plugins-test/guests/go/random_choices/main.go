// Command random_choices answers with choices that the Go runtime makes at random: the order of a map, numbers of math/rand,
// the case of a select.
package main

import (
	"math/rand"
	randv2 "math/rand/v2"
	"strconv"
	"unsafe"
)

//go:wasmimport env SetErrorMessageOnHost
func setErrorMessageOnHost(ctx uint64, text unsafe.Pointer, length uint32) uint32

//go:wasmexport malloc
func malloc(length uint32) uint32 {
	block := make([]byte, max(length, 1))
	return uint32(uintptr(unsafe.Pointer(&block[0])))
}

//go:wasmexport RunBeforeExecutionOnGuest
func runBefore(ctx uint64) {
	numbers := strconv.Itoa(rand.Int()) + " " + strconv.Itoa(randv2.Int())
	text := "map " + mapOrder() + "; rand " + numbers + "; select " + selected()
	setErrorMessageOnHost(ctx, unsafe.Pointer(unsafe.StringData(text)), uint32(len(text)))
}

//go:wasmexport RunAfterExecutionOnGuest
func runAfter(uint64) {}

// table is made at start, as a plugin's tables are.
var table = func() map[int]bool {
	made := map[int]bool{}
	for i := range 100 {
		made[i] = true
	}
	return made
}()

func mapOrder() string {
	order := ""
	for key := range table {
		order += strconv.Itoa(key) + " "
		if len(order) > 20 {
			break
		}
	}
	return order
}

func selected() string {
	full := make([]chan int, 4)
	for i := range full {
		full[i] = make(chan int, 100)
		for range 100 {
			full[i] <- i
		}
	}
	order := ""
	for range 24 {
		var from int
		select {
		case from = <-full[0]:
		case from = <-full[1]:
		case from = <-full[2]:
		case from = <-full[3]:
		}
		order += strconv.Itoa(from)
	}
	return order
}

func main() {}
