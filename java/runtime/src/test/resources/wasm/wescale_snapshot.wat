;; A WeScale plugin that counts how often its start, its warm-up and its restoring ran: its error message says so, a digit each.
;; Its start asks for randomness.
(module
  (import "env" "SetErrorMessageOnHost" (func $set_error (param i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "000")
  (func $count (param $at i32)
    (i32.store8 (local.get $at) (i32.add (i32.load8_u (local.get $at)) (i32.const 1))))
  (func (export "malloc") (param i32) (result i32) i32.const 1024)
  (func (export "_initialize")
    (drop (call $random (i32.const 64) (i32.const 8)))
    (call $count (i32.const 0)))
  (func (export "sluice_warm_up") (call $count (i32.const 1)))
  (func (export "sluice_after_restore") (call $count (i32.const 2)))
  (func (export "RunBeforeExecutionOnGuest") (param $ctx i64)
    (drop (call $set_error (local.get $ctx) (i32.const 0) (i32.const 3))))
  (func (export "RunAfterExecutionOnGuest") (param i64)))
