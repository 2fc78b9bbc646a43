;; Imports a memory that must have grown.
(module
  (import "memory" "memory" (memory 2 3))
  (func (export "size") (result i32) memory.size))
