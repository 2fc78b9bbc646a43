;; Funcs of many shapes; each says what it does by its name.
(module
  (func (export "none"))
  (func (export "seven") (result i64) i64.const 7)
  (func (export "minus_one") (result i32) i32.const -1)
  (func (export "echo_i32") (param i32) (result i32) local.get 0)
  (func (export "echo_i64") (param i64) (result i64) local.get 0)
  (func (export "echo_f32") (param f32) (result f32) local.get 0)
  (func (export "echo_f64") (param f64) (result f64) local.get 0)
  (func (export "echo_v128") (param v128) (result v128) local.get 0)
  (func (export "echo_funcref") (param funcref) (result funcref) local.get 0)
  (func (export "add") (param i32 i32) (result i32) local.get 0 local.get 1 i32.add)
  (func (export "add_f64") (param f64 f64) (result f64) local.get 0 local.get 1 f64.add)
  (func (export "sum3") (param i64 i64 i64) (result i64)
    local.get 0 local.get 1 local.get 2 i64.add i64.add)
  (func (export "sum4") (param i64 i64 i64 i64) (result i64)
    local.get 0 local.get 1 local.get 2 local.get 3 i64.add i64.add i64.add)
  (func (export "sum5") (param i64 i64 i64 i64 i64) (result i64)
    local.get 0 local.get 1 local.get 2 local.get 3 local.get 4 i64.add i64.add i64.add i64.add)
  (func (export "swap") (param i32 i64) (result i64 i32) local.get 1 local.get 0)
  (func (export "mixed") (param i32 i64 f32 f64) (result f64)
    local.get 0 f64.convert_i32_s
    local.get 1 f64.convert_i64_s
    local.get 2 f64.promote_f32
    local.get 3
    f64.add f64.add f64.add)
  (memory (export "memory") 1)
  (global (export "answer") i32 (i32.const 42)))
