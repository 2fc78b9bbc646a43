;; Imports what the guests tables, globals and memory export.
(module
  (type $nullary (func (result i32)))
  (import "tables" "one" (func $one (result i32)))
  (import "tables" "table" (table 2 10 funcref))
  (import "globals" "i32" (global $i32 (mut i32)))
  (import "memory" "memory" (memory 1 3))
  (func (export "one") (result i32) call $one)
  (func (export "call") (param i32) (result i32) local.get 0 call_indirect (type $nullary))
  (func (export "set_i32") (param i32) local.get 0 global.set $i32)
  (func (export "load") (param i32) (result i32) local.get 0 i32.load)
  (func (export "grow") (param i32) (result i32) local.get 0 memory.grow))
