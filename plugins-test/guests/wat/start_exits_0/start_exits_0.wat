;; _start ends by proc_exit(0), which some toolchains do after a main that went well.
(module
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (import "env" "SetErrorMessageOnHost" (func $set_error (param i64 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "started well")
  (func (export "_start") (call $exit (i32.const 0)))
  (func (export "malloc") (param i32) (result i32) (i32.const 1024))
  (func (export "RunBeforeExecutionOnGuest") (param i64)
    (drop (call $set_error (local.get 0) (i32.const 0) (i32.const 12))))
  (func (export "RunAfterExecutionOnGuest") (param i64)))
