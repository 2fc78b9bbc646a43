;; Each query makes it ask for more memory for ever, whatever the answer is.
(module
  (memory (export "memory") 1)
  (func (export "malloc") (param i32) (result i32) (i32.const 1024))
  (func (export "RunBeforeExecutionOnGuest") (param i64)
    (loop $again (drop (memory.grow (i32.const 16))) (br $again)))
  (func (export "RunAfterExecutionOnGuest") (param i64)))
