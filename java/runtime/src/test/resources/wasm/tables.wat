;; A table of funcs.
(module
  (type $nullary (func (result i32)))
  (table (export "table") 3 5 funcref)
  (elem (i32.const 0) $one $two)
  (func $one (export "one") (result i32) i32.const 1)
  (func $two (export "two") (result i32) i32.const 2)
  (func (export "call") (param i32) (result i32) local.get 0 call_indirect (type $nullary)))
