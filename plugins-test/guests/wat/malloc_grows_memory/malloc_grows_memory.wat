;; malloc grows the memory by a page for each block, so the memory moves or grows while the host stands in the middle of a call.
(module
  (import "env" "GetQueryOnHost" (func $get_query (param i64 i32 i32) (result i32)))
  (import "env" "SetErrorMessageOnHost" (func $set_error (param i64 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (func (export "malloc") (param i32) (result i32)
    (i32.mul (memory.grow (i32.const 1)) (i32.const 65536)))
  (func (export "free") (param i32))
  (func (export "RunBeforeExecutionOnGuest") (param i64)
    (drop (call $get_query (local.get 0) (i32.const 16) (i32.const 20)))
    (drop (call $set_error (local.get 0) (i32.load (i32.const 16)) (i32.load (i32.const 20)))))
  (func (export "RunAfterExecutionOnGuest") (param i64)))
