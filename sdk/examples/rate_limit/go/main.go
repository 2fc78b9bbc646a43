// Command rate_limit lets ten queries through at once and one more each second. The bucket is one number in the shared values: the
// moment of the steady clock, in nanoseconds, at which it would be full again.
package main

import (
	"encoding/binary"
	"errors"

	"github.com/wesql/wescale-wasm-plugin-sdk/sluice"
)

const (
	burst         = 10
	nanosPerQuery = 1_000_000_000
	key           = "full_again"
)

// The clock of package time has another beginning in each instance.
//
//go:wasmimport wasi_snapshot_preview1 clock_time_get
func clockTimeGet(id uint32, precision uint64, time *uint64) uint32

type plugin struct{ sluice.Base }

func (plugin) Before(*sluice.Query) error {
	return sluice.OfPlugin.Locked(take)
}

func take() error {
	kept, err := sluice.OfPlugin.Get(key)
	if err != nil {
		return err
	}
	if kept != nil && len(kept) != 8 {
		return errors.New("the shared value is no moment")
	}
	var now uint64
	if clockTimeGet(1, 1, &now) != 0 {
		return errors.New("the plugin cannot read the clock")
	}
	next := now
	if kept != nil {
		next = max(now, binary.LittleEndian.Uint64(kept))
	}
	next += nanosPerQuery
	if next-now > burst*nanosPerQuery {
		return errors.New("rate limit exceeded: 10 queries at once, then 1 a second")
	}
	return sluice.OfPlugin.Set(key, binary.LittleEndian.AppendUint64(nil, next))
}

func main() { sluice.Run(plugin{}) }
