;; Asks for one page more until the host refuses, and then has no way to go on.
(module
  (memory (export "memory") 1)
  (func (export "malloc") (param i32) (result i32) (i32.const 1024))
  (func (export "free") (param i32))
  (func (export "RunBeforeExecutionOnGuest") (param i64)
    (loop $again (br_if $again (i32.ne (memory.grow (i32.const 1)) (i32.const -1))))
    (unreachable))
  (func (export "RunAfterExecutionOnGuest") (param i64)))
