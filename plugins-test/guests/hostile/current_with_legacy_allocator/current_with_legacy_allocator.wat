;; The entry points of dialect C, but the allocator of dialects A and B.
(module
  (memory (export "memory") 1)
  (func (export "proxy_on_memory_allocate") (param i32) (result i32) (i32.const 1024))
  (func (export "RunBeforeExecutionOnGuest") (param i64))
  (func (export "RunAfterExecutionOnGuest") (param i64)))
