;; A command: _start is called once and leaves the instance ready, as TinyGo and TeaVM build their plugins.
;; The error message is "started 1": how often that happened.
(module
  (import "env" "SetErrorMessageOnHost" (func $set_error (param i64 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "started 0")
  (func (export "_start")
    (i32.store8 (i32.const 8) (i32.add (i32.load8_u (i32.const 8)) (i32.const 1))))
  (func (export "malloc") (param i32) (result i32) (i32.const 1024))
  (func (export "RunBeforeExecutionOnGuest") (param i64)
    (drop (call $set_error (local.get 0) (i32.const 0) (i32.const 9))))
  (func (export "RunAfterExecutionOnGuest") (param i64)))
