;; Imports a function that version 1 of the module "sluice" does not have.
(module
  (import "sluice" "launch_missiles" (func $launch (result i32)))
  (memory (export "memory") 1)
  (func (export "malloc") (param i32) (result i32) (i32.const 1024))
  (func (export "RunBeforeExecutionOnGuest") (param i64) (drop (call $launch)))
  (func (export "RunAfterExecutionOnGuest") (param i64)))
