;; Logs 64 bytes for ever.
(module
  (import "env" "InfoLogOnHost" (func $log (param i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "flood flood flood flood flood flood flood flood flood flood floo")
  (func (export "malloc") (param i32) (result i32) (i32.const 1024))
  (func (export "RunBeforeExecutionOnGuest") (param i64)
    (loop $again (drop (call $log (i32.const 0) (i32.const 64))) (br $again)))
  (func (export "RunAfterExecutionOnGuest") (param i64)))
