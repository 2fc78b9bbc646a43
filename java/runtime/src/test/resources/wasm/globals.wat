;; A global of each type.
(module
  (func $f (export "f") (result i32) i32.const 11)
  (global (export "constant") i32 (i32.const 42))
  (global (export "i32") (mut i32) (i32.const -1))
  (global (export "i64") (mut i64) (i64.const 1))
  (global (export "f32") (mut f32) (f32.const 1.5))
  (global (export "f64") (mut f64) (f64.const -0))
  (global (export "v128") (mut v128) (v128.const i64x2 1 2))
  (global (export "funcref") (mut funcref) (ref.null func))
  (func (export "get_i32") (result i32) global.get 1))
