;; The entry points of dialects A and B, but the allocator of dialect C.
(module
  (memory (export "memory") 1)
  (func (export "malloc") (param i32) (result i32) (i32.const 1024))
  (func (export "RunBeforeExecutionOnGuest") (param i64 i64))
  (func (export "RunAfterExecutionOnGuest")))
