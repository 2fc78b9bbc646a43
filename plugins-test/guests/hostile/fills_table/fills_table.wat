;; Spends its time in bulk instructions on tables, each of which moves thousands of elements.
(module
  (memory (export "memory") 1)
  (table $t 8000 8000 funcref)
  (table $u 8000 8000 funcref)
  (elem declare func $f)
  (func $f)
  (func (export "malloc") (param i32) (result i32) (i32.const 1024))
  (func (export "RunBeforeExecutionOnGuest") (param i64)
    (loop $again
      (table.fill $t (i32.const 0) (ref.func $f) (i32.const 8000))
      (table.copy $u $t (i32.const 0) (i32.const 0) (i32.const 8000))
      (table.copy $u $u (i32.const 1) (i32.const 0) (i32.const 7999))
      (br $again)))
  (func (export "RunAfterExecutionOnGuest") (param i64)))
