// Package sluice is for SQL plugins in Go.
//
//	type plugin struct{ sluice.Base }
//
//	func (plugin) Before(query *sluice.Query) error {
//		return errors.New("not today")
//	}
//
//	func main() { sluice.Run(plugin{}) }
//
// What a plugin imports from the host follows from what it calls. One that calls nothing of sluice_only.go and shared.go runs on WeScale
// as well.
package sluice

import (
	"errors"

	"github.com/wesql/wescale-wasm-plugin-sdk/internal/host"
)

// Plugin is what an author writes. Embed Base for the half that is not needed.
type Plugin interface {
	// Before runs before the query is executed; an error refuses it.
	Before(query *Query) error
	// After runs when the query was executed or refused; an error takes the place of its result.
	After(query *Query) error
}

// Base is a plugin that does nothing.
type Base struct{}

func (Base) Before(*Query) error { return nil }
func (Base) After(*Query) error  { return nil }

// Run names the plugin; main calls it and returns.
func Run(plugin Plugin) {
	host.Before = func(ctx uint64) { finish(ctx, func(query *Query) error { return plugin.Before(query) }) }
	host.After = func(ctx uint64) { finish(ctx, func(query *Query) error { return plugin.After(query) }) }
}

func finish(ctx uint64, call func(*Query) error) {
	query := &Query{ctx}
	if err := call(query); err != nil {
		query.fail(err)
	}
}

// Query is the query that a call is about; it is of use in that call only.
type Query struct{ ctx uint64 }

// Text is the query's text.
func (q *Query) Text() (string, error) {
	return text(host.Query(q.ctx))("read the query")
}

// SetText replaces the text that is executed; for use in Before.
func (q *Query) SetText(text string) error {
	return host.SetQuery(q.ctx, text).Err("set the query")
}

// Err is the text of the error that the query has; empty if it has none.
func (q *Query) Err() (string, error) {
	return text(host.ErrorMessage(q.ctx))("read the error")
}

// ClearErr takes the query's error away: what the client gets is the result.
func (q *Query) ClearErr() error {
	return host.SetErrorMessage(q.ctx, "").Err("clear the error")
}

// Result is what the query gave; nil if it gave none.
func (q *Query) Result() (*Result, error) {
	bytes, status := host.QueryResult(q.ctx)
	if status == host.BadArgument {
		return nil, nil
	}
	if err := status.Err("read the result"); err != nil {
		return nil, err
	}
	return readResult(bytes)
}

// SetResult gives the client this result; for use in After.
func (q *Query) SetResult(result *Result) error {
	return host.SetQueryResult(q.ctx, result.bytes()).Err("set the result")
}

func (q *Query) fail(err error) {
	var coded interface{ setOn() bool }
	if errors.As(err, &coded) && coded.setOn() {
		return
	}
	host.Reject(q.ctx, err.Error())
}

// Info logs a line.
func Info(text string) { host.Info(text) }

// Error logs a line as an error; the query goes on.
func Error(text string) { host.Error(text) }

func text(value []byte, status host.Status) func(asked string) (string, error) {
	return func(asked string) (string, error) {
		if status == host.BadArgument || status == host.NotFound {
			return "", nil
		}
		return string(value), status.Err(asked)
	}
}
