;; Rejects a text that begins with "update" and has no "where" in it, in any case. Written by hand with a call for each byte, as no
;; compiler would leave it: the shape on which a price for every call and every loop shows most. `JavaCallPerByte` is the same in Java.
(module
  (import "env" "GetQueryOnHost" (func $get_query (param i64 i32 i32) (result i32)))
  (import "env" "SetErrorMessageOnHost" (func $set_error (param i64 i32 i32) (result i32)))
  (memory (export "memory") 4)
  (data (i32.const 16) "no where clause")
  (data (i32.const 32) "update")
  (data (i32.const 40) "where")

  ;; One request at a time: the block is always the same.
  (func (export "malloc") (param $length i32) (result i32)
    (if (i32.gt_u (local.get $length) (i32.const 0x3fc00))
      (then (return (i32.const 0))))
    (i32.const 1024))
  (func (export "free") (param i32))

  (func $lower (param $byte i32) (result i32)
    (if (result i32) (i32.lt_u (i32.sub (local.get $byte) (i32.const 65)) (i32.const 26))
      (then (i32.or (local.get $byte) (i32.const 32)))
      (else (local.get $byte))))

  ;; Whether the bytes at $at are the $length bytes at $word.
  (func $begins (param $at i32) (param $word i32) (param $length i32) (result i32)
    (local $i i32)
    (loop $next (result i32)
      (if (i32.eq (local.get $i) (local.get $length))
        (then (return (i32.const 1))))
      (if (i32.ne
            (call $lower (i32.load8_u (i32.add (local.get $at) (local.get $i))))
            (i32.load8_u (i32.add (local.get $word) (local.get $i))))
        (then (return (i32.const 0))))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br $next)))

  (func $has_where (param $at i32) (param $end i32) (result i32)
    (loop $next (result i32)
      (if (i32.gt_u (i32.add (local.get $at) (i32.const 5)) (local.get $end))
        (then (return (i32.const 0))))
      (if (i32.eq (call $lower (i32.load8_u (local.get $at))) (i32.const 119))
        (then
          (if (call $begins (local.get $at) (i32.const 40) (i32.const 5))
            (then (return (i32.const 1))))))
      (local.set $at (i32.add (local.get $at) (i32.const 1)))
      (br $next)))

  (func (export "RunBeforeExecutionOnGuest") (param $ctx i64)
    (local $at i32) (local $length i32)
    (if (call $get_query (local.get $ctx) (i32.const 0) (i32.const 4))
      (then (return)))
    (local.set $at (i32.load (i32.const 0)))
    (local.set $length (i32.load (i32.const 4)))
    (if (i32.lt_u (local.get $length) (i32.const 6))
      (then (return)))
    (if (i32.eqz (call $begins (local.get $at) (i32.const 32) (i32.const 6)))
      (then (return)))
    (if (i32.eqz (call $has_where (local.get $at) (i32.add (local.get $at) (local.get $length))))
      (then (drop (call $set_error (local.get $ctx) (i32.const 16) (i32.const 15))))))
  (func (export "RunAfterExecutionOnGuest") (param i64)))
