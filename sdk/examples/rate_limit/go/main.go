// Command rate_limit lets ten queries through at once and one more each second. The bucket is one number in the shared values: the
// moment, in nanoseconds, at which it would be full again.
package main

import (
	"encoding/binary"
	"errors"
	"time"

	"github.com/wesql/wescale-wasm-plugin-sdk/sluice"
)

const (
	burst = 10
	key   = "full_again"
)

type plugin struct{ sluice.Base }

func (plugin) Before(*sluice.Query) error {
	return sluice.OfPlugin.Locked(take)
}

func take() error {
	kept, err := sluice.OfPlugin.Get(key)
	if err != nil {
		return err
	}
	now := time.Now().UnixNano()
	next := now
	if len(kept) == 8 {
		next = max(now, int64(binary.LittleEndian.Uint64(kept)))
	}
	next += int64(time.Second)
	if next-now > burst*int64(time.Second) {
		return errors.New("rate limit exceeded: 10 queries at once, then 1 a second")
	}
	return sluice.OfPlugin.Set(key, binary.LittleEndian.AppendUint64(nil, uint64(next)))
}

func main() { sluice.Run(plugin{}) }
