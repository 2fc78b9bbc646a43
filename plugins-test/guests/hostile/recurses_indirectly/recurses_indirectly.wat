;; Calls itself without end through a table.
(module
  (memory (export "memory") 1)
  (type $t (func (param i64) (result i64)))
  (table 1 1 funcref)
  (elem (i32.const 0) $deeper)
  (func $deeper (type $t)
    (i64.add (local.get 0) (call_indirect (type $t) (i64.add (local.get 0) (i64.const 1)) (i32.const 0))))
  (func (export "malloc") (param i32) (result i32) (i32.const 1024))
  (func (export "RunBeforeExecutionOnGuest") (param i64) (drop (call $deeper (local.get 0))))
  (func (export "RunAfterExecutionOnGuest") (param i64)))
