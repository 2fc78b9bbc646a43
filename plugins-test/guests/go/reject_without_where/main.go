// Command reject_without_where rejects an UPDATE or DELETE statement that has no WHERE of its own: the rule of
// c/reject_without_where, built by the standard Go toolchain as a WASI reactor.
package main

import (
	"bytes"
	"unsafe"
)

const (
	ok          = 0
	badArgument = 2
)

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
	switch getQueryOnHost(ctx, &address, &length) {
	case ok:
		query := lent[address][:length]
		free(address)
		if changesEveryRow(query) {
			setErrorMessage(ctx, "no where clause")
		}
	case badArgument: // an empty query
	default:
		setErrorMessage(ctx, "cannot read the query")
	}
}

//go:wasmexport RunAfterExecutionOnGuest
func runAfter(uint64) {}

func isWord(b byte) bool {
	return b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= '0' && b <= '9' || b == '_' || b == '$' || b >= 0x80
}

func after(text []byte, mark string, skip int) []byte {
	if at := bytes.Index(text, []byte(mark)); at >= 0 {
		return text[at+skip:]
	}
	return nil
}

func afterQuote(text []byte, quote byte) []byte {
	for at := 0; at < len(text); at++ {
		if text[at] == quote {
			return text[at+1:]
		}
		if text[at] == '\\' && quote != '`' {
			at++
		}
	}
	return nil
}

func changesEveryRow(text []byte) bool {
	first, change, filtered, depth := true, false, false, 0
	for len(text) > 0 {
		b, rest := text[0], text[1:]
		switch {
		case b == '\'' || b == '"' || b == '`':
			text = afterQuote(rest, b)
		case b == '/' && len(rest) > 0 && rest[0] == '*':
			text = after(rest[1:], "*/", 2)
		case b == '#', b == '-' && len(rest) > 0 && rest[0] == '-' && (len(rest) == 1 || rest[1] <= ' '):
			text = after(rest, "\n", 0)
		case isWord(b) || b == '@' || b == '.':
			end := 1
			for end < len(text) && isWord(text[end]) {
				end++
			}
			word := text[:end]
			if first {
				first = false
				change = bytes.EqualFold(word, []byte("update")) || bytes.EqualFold(word, []byte("delete"))
			} else if depth == 0 && bytes.EqualFold(word, []byte("where")) {
				filtered = true
			}
			text = text[end:]
		case b == ';':
			if change && !filtered {
				return true
			}
			first, change, filtered, depth, text = true, false, false, 0, rest
		default:
			if b == '(' {
				depth++
			} else if b == ')' {
				depth--
			}
			text = rest
		}
	}
	return change && !filtered
}

func main() {}
