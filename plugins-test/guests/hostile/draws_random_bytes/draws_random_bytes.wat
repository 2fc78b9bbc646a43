;; Asks for 1 MiB of random bytes for ever.
(module
  (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
  (memory (export "memory") 17)
  (func (export "malloc") (param i32) (result i32) (i32.const 1024))
  (func (export "RunBeforeExecutionOnGuest") (param i64)
    (loop $again (drop (call $random (i32.const 0) (i32.const 1048576))) (br $again)))
  (func (export "RunAfterExecutionOnGuest") (param i64)))
