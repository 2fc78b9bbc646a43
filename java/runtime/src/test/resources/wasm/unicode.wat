;; Names beyond ASCII and beyond the basic plane, and one with a NUL.
(module
  (import "\e6\a8\a1\e5\9d\97" "\e5\87\bd\f0\9f\98\80" (func $imported (result i32)))
  (func (export "gr\c3\bc\c3\9fe") (result i32) call $imported)
  (func (export "\f0\9f\98\80") (result i32) i32.const 2)
  (func (export "nul\00nul") (result i32) i32.const 3)
  (func (export "") (result i32) i32.const 4))
