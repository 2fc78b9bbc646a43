;; Writes to every byte of its memory but the first page's, and refuses: what an instance of it leaves behind is all memory that it can.
(module
  (import "env" "SetErrorMessageOnHost" (func $refuse (param i64 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 16) "written")
  (func (export "malloc") (param i32) (result i32) (i32.const 1024))
  (func (export "free") (param i32))
  (func (export "RunBeforeExecutionOnGuest") (param $ctx i64)
    (memory.fill (i32.const 4096) (i32.const 1) (i32.sub (i32.shl (memory.size) (i32.const 16)) (i32.const 4096)))
    (drop (call $refuse (local.get $ctx) (i32.const 16) (i32.const 7))))
  (func (export "RunAfterExecutionOnGuest") (param i64)))
