;; Calls host functions.
(module
  (import "env" "unary" (func $unary (param i32) (result i32)))
  (import "env" "mixed" (func $mixed (param i32 i64 f32 f64) (result f64)))
  (import "env" "pair" (func $pair (param i32) (result i64 i32)))
  (import "env" "nothing" (func $nothing))
  (memory (export "memory") 1)
  (func $call_unary (export "call_unary") (param i32) (result i32) local.get 0 call $unary)
  (func (export "call_mixed") (param i32 i64 f32 f64) (result f64)
    local.get 0 local.get 1 local.get 2 local.get 3 call $mixed)
  (func (export "call_pair") (param i32) (result i64 i32) local.get 0 call $pair)
  (func (export "call_nothing") call $nothing)
  (func (export "double") (param i32) (result i32) local.get 0 local.get 0 i32.add)
  (func (export "trap") unreachable)
  (func $forever (export "forever") loop $again br $again end)
  (func (export "call_unary_forever") (param i32) loop $again local.get 0 call $unary drop br $again end)
  (func (export "count_then_trap") (param i32)
    loop $again
      local.get 0
      i32.const 1
      i32.sub
      local.tee 0
      br_if $again
    end
    unreachable)
  (func $recurse (export "recurse_then_call") (param $depth i32) (result i32)
    local.get $depth
    i32.eqz
    if (result i32)
      i32.const 0
      call $unary
    else
      local.get $depth
      i32.const 1
      i32.sub
      call $recurse
    end))
