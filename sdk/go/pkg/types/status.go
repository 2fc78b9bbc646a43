package types

import (
	"errors"
	"strconv"
)

// Status is what a function of the host answers.
type Status uint32

const (
	StatusOK              Status = 0
	StatusNotFound        Status = 1
	StatusBadArgument     Status = 2
	StatusEmpty           Status = 7
	StatusCasMismatch     Status = 8
	StatusInternalFailure Status = 10
	StatusUnimplemented   Status = 12
)

// What StatusToError answers, so that plugins can tell them apart by errors.Is.
var (
	ErrorStatusNotFound    = errors.New("the host answers status 1: not found")
	ErrorStatusBadArgument = errors.New("the host answers status 2: a bad argument, or nothing there")
	ErrorStatusEmpty       = errors.New("the host answers status 7: empty")
	ErrorStatusCasMismatch = errors.New("the host answers status 8: the value was changed by another")
	ErrorInternalFailure   = errors.New("the host answers status 10: it failed, or a limit is reached")
	ErrorUnimplemented     = errors.New("the host answers status 12: it does not have that function")
)

// StatusToError is nil for StatusOK.
func StatusToError(status Status) error {
	switch status {
	case StatusOK:
		return nil
	case StatusNotFound:
		return ErrorStatusNotFound
	case StatusBadArgument:
		return ErrorStatusBadArgument
	case StatusEmpty:
		return ErrorStatusEmpty
	case StatusCasMismatch:
		return ErrorStatusCasMismatch
	case StatusInternalFailure:
		return ErrorInternalFailure
	case StatusUnimplemented:
		return ErrorUnimplemented
	}
	return errors.New("the host answers status " + strconv.Itoa(int(status)) + ", which is none of the ABI's")
}
