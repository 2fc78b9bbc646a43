package main

import (
	"encoding/binary"
	"errors"
)

// The wire types of protobuf that query.proto uses, and the two of fixed size, which fields of the future may have.
const (
	varintType  = 0
	fixed64Type = 1
	bytesType   = 2
	fixed32Type = 5
)

var errMalformed = errors.New("it is no protobuf message")

// field is one field of a message: all its bytes, and its content without tag and length.
type field struct {
	number  uint64
	kind    uint64
	whole   []byte
	content []byte
}

// each calls visit with every field of a message.
func each(message []byte, visit func(field) error) error {
	for len(message) > 0 {
		tag, at := binary.Uvarint(message)
		if at <= 0 {
			return errMalformed
		}
		size := uint64(0)
		switch rest := message[at:]; tag & 7 {
		case varintType:
			_, used := binary.Uvarint(rest)
			size = uint64(max(used, 0))
		case fixed64Type:
			size = 8
		case fixed32Type:
			size = 4
		case bytesType:
			length, used := binary.Uvarint(rest)
			at += max(used, 0)
			size = length
		default:
			return errMalformed
		}
		if size > uint64(len(message)-at) {
			return errMalformed
		}
		end := at + int(size)
		if err := visit(field{tag >> 3, tag & 7, message[:end], message[at:end]}); err != nil {
			return err
		}
		message = message[end:]
	}
	return nil
}

func appendBytes(out []byte, number uint64, content []byte) []byte {
	out = binary.AppendUvarint(out, number<<3|bytesType)
	out = binary.AppendUvarint(out, uint64(len(content)))
	return append(out, content...)
}

func appendNumber(out []byte, number, value uint64) []byte {
	out = binary.AppendUvarint(out, number<<3|varintType)
	return binary.AppendUvarint(out, value)
}
