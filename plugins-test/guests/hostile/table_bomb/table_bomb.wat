;; Each query makes it ask for more table elements for ever, whatever the answer is.
(module
  (memory (export "memory") 1)
  (table $t 1 funcref)
  (func (export "malloc") (param i32) (result i32) (i32.const 1024))
  (func (export "RunBeforeExecutionOnGuest") (param i64)
    (loop $again (drop (table.grow $t (ref.null func) (i32.const 1000))) (br $again)))
  (func (export "RunAfterExecutionOnGuest") (param i64)))
