;; Calls a host function and exports no memory.
(module
  (import "env" "nothing" (func $nothing))
  (func (export "call_nothing") call $nothing))
