;; The before function of dialects A and B beside the after function of dialect C.
(module
  (memory (export "memory") 1)
  (func (export "malloc") (param i32) (result i32) (i32.const 1024))
  (func (export "proxy_on_memory_allocate") (param i32) (result i32) (i32.const 1024))
  (func (export "RunBeforeExecutionOnGuest") (param i64 i64))
  (func (export "RunAfterExecutionOnGuest") (param i64)))
