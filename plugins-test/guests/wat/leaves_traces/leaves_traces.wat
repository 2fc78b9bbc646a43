;; Looks whether anything of its instance was touched before, says what as its error, and then leaves its traces in all of it:
;; memory old and grown, globals of every type, two tables, dropped segments.
(module
  (import "env" "GetQueryOnHost" (func $get_query (param i64 i32 i32) (result i32)))
  (import "env" "SetErrorMessageOnHost" (func $set_error (param i64 i32 i32) (result i32)))
  (memory (export "memory") 2 40)
  (data (i32.const 64) "seed")
  (data (i32.const 128) "memory size")
  (data (i32.const 144) "data")
  (data (i32.const 160) "zeros")
  (data (i32.const 176) "globals")
  (data (i32.const 192) "tables")
  (data (i32.const 208) "grown memory")
  (data $passive "passive")
  (table $small 4 16 funcref)
  (table $large 1000 4000 funcref)
  (elem $active (table $small) (i32.const 0) func $f)
  (elem $dropped func $f $g)
  (global $i32 (mut i32) (i32.const 7))
  (global $i64 (mut i64) (i64.const 8))
  (global $f32 (mut f32) (f32.const 9))
  (global $f64 (mut f64) (f64.const 10))
  (global $v128 (mut v128) (v128.const i64x2 11 12))
  (global $func (mut funcref) (ref.func $f))
  (global $next (mut i32) (i32.const 65536))
  (func $f)
  (func $g)
  (elem declare func $f $g)
  ;; A block in what grew, if it grew.
  (func (export "malloc") (param $size i32) (result i32)
    (global.get $next)
    (global.set $next (i32.add (global.get $next) (i32.and (i32.add (local.get $size) (i32.const 7)) (i32.const -8)))))

  (func $say (param $ctx i64) (param $at i32) (param $length i32)
    (drop (call $set_error (local.get $ctx) (local.get $at) (local.get $length))))

  (func (export "RunBeforeExecutionOnGuest") (param $ctx i64)
    (local $at i32)
    (block $done
      (if (i32.ne (memory.size) (i32.const 2)) (then (call $say (local.get $ctx) (i32.const 128) (i32.const 11)) (br $done)))
      (if (i32.ne (i32.load (i32.const 64)) (i32.const 0x64656573)) (then (call $say (local.get $ctx) (i32.const 144) (i32.const 4)) (br $done)))
      ;; All of the memory behind the data.
      (local.set $at (i32.const 1024))
      (loop $zeros
        (if (i64.ne (i64.load (local.get $at)) (i64.const 0)) (then (call $say (local.get $ctx) (i32.const 160) (i32.const 5)) (br $done)))
        (local.set $at (i32.add (local.get $at) (i32.const 8)))
        (br_if $zeros (i32.lt_u (local.get $at) (i32.const 131072))))
      (if (i32.or
            (i32.or (i32.ne (global.get $i32) (i32.const 7)) (i64.ne (global.get $i64) (i64.const 8)))
            (i32.or
              (i32.or (f32.ne (global.get $f32) (f32.const 9)) (f64.ne (global.get $f64) (f64.const 10)))
              (i64.ne (i64x2.extract_lane 1 (global.get $v128)) (i64.const 12))))
        (then (call $say (local.get $ctx) (i32.const 176) (i32.const 7)) (br $done)))
      (if (i32.or
            (i32.or (i32.ne (table.size $small) (i32.const 4)) (i32.ne (table.size $large) (i32.const 1000)))
            (i32.or
              (i32.or (ref.is_null (table.get $small (i32.const 0))) (i32.eqz (ref.is_null (table.get $small (i32.const 3)))))
              (i32.eqz (ref.is_null (table.get $large (i32.const 999))))))
        (then (call $say (local.get $ctx) (i32.const 192) (i32.const 6)) (br $done)))
      ;; These trap where an earlier instance's drop is still in force.
      (memory.init $passive (i32.const 4096) (i32.const 0) (i32.const 7))
      (table.init $small $dropped (i32.const 1) (i32.const 0) (i32.const 2))
      (local.set $at (i32.mul (memory.grow (i32.const 17)) (i32.const 65536)))
      (loop $grown
        (if (i64.ne (i64.load (local.get $at)) (i64.const 0)) (then (call $say (local.get $ctx) (i32.const 208) (i32.const 12)) (br $done)))
        (local.set $at (i32.add (local.get $at) (i32.const 8)))
        (br_if $grown (i32.lt_u (local.get $at) (i32.mul (memory.size) (i32.const 65536))))))
    (drop (call $get_query (local.get $ctx) (i32.const 16) (i32.const 20)))
    (call $leave_traces))

  (func (export "RunAfterExecutionOnGuest") (param $ctx i64) (call $leave_traces))

  (func $leave_traces
    (drop (memory.grow (i32.const 3)))
    (memory.fill (i32.const 0) (i32.const 0xA5) (i32.mul (memory.size) (i32.const 65536)))
    (global.set $i32 (i32.const 0xA5))
    (global.set $i64 (i64.const 0xA5))
    (global.set $f32 (f32.const 165))
    (global.set $f64 (f64.const 165))
    (global.set $v128 (v128.const i64x2 165 165))
    (global.set $func (ref.null func))
    (table.fill $small (i32.const 0) (ref.func $g) (i32.const 4))
    (table.fill $large (i32.const 0) (ref.func $g) (i32.const 1000))
    (drop (table.grow $small (ref.func $g) (i32.const 2)))
    (drop (table.grow $large (ref.func $g) (i32.const 500)))
    (data.drop $passive)
    (elem.drop $dropped)))
