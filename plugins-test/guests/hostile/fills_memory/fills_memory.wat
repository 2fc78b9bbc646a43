;; Spends its time in bulk instructions, each of which moves 4 MiB, so few instructions take long.
(module
  (memory (export "memory") 128)
  (func (export "malloc") (param i32) (result i32) (i32.const 1024))
  (func (export "RunBeforeExecutionOnGuest") (param i64)
    (loop $again
      (memory.fill (i32.const 0) (i32.const 1) (i32.const 4194304))
      (memory.copy (i32.const 4194304) (i32.const 0) (i32.const 4194304))
      (br $again)))
  (func (export "RunAfterExecutionOnGuest") (param i64)))
