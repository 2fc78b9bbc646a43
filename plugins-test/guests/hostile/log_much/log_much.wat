;; Logs 64 bytes ten thousand times and then goes on as if nothing were: more than a call may log, but it ends.
(module
  (import "env" "InfoLogOnHost" (func $log (param i32 i32) (result i32)))
  (import "env" "SetErrorMessageOnHost" (func $set_error (param i64 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "flood flood flood flood flood flood flood flood flood flood floo")
  (data (i32.const 64) "still here")
  (func (export "malloc") (param i32) (result i32) (i32.const 1024))
  (func (export "RunBeforeExecutionOnGuest") (param i64)
    (local $left i32)
    (local.set $left (i32.const 10000))
    (loop $again
      (drop (call $log (i32.const 0) (i32.const 64)))
      (br_if $again (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))
    (drop (call $set_error (local.get 0) (i32.const 64) (i32.const 10))))
  (func (export "RunAfterExecutionOnGuest") (param i64)))
