;; One memory of one page that may grow to three.
(module
  (memory (export "memory") 1 3)
  (data (i32.const 16) "gr\c3\bc\c3\9fe \f0\9f\98\80")
  (func (export "grow") (param i32) (result i32) local.get 0 memory.grow)
  (func (export "load") (param i32) (result i32) local.get 0 i32.load)
  (func (export "store") (param i32 i32) local.get 0 local.get 1 i32.store))
