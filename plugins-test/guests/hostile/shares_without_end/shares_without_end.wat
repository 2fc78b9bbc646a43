;; Stores 64 KiB in the global scope under ever new keys, reads them back, for ever.
(module
  (import "env" "SetValueByKeyOnHost" (func $set (param i32 i64 i32 i32 i32 i32) (result i32)))
  (import "env" "GetValueByKeyOnHost" (func $get (param i32 i64 i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 5)
  (func (export "malloc") (param i32) (result i32) (i32.const 131072))
  (func (export "RunBeforeExecutionOnGuest") (param i64)
    (loop $again
      (i64.store (i32.const 64) (i64.add (i64.load (i32.const 64)) (i64.const 1)))
      (drop (call $set (i32.const 1) (i64.const 0) (i32.const 64) (i32.const 8) (i32.const 1024) (i32.const 65536)))
      (drop (call $get (i32.const 1) (i64.const 0) (i32.const 64) (i32.const 8) (i32.const 16) (i32.const 20)))
      (br $again)))
  (func (export "RunAfterExecutionOnGuest") (param i64)))
