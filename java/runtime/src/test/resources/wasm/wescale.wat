;; A WeScale plugin, dialect C. The first byte of the query chooses what its before stage does:
;;   e sets the query as the error message     q sets the query to its text from the third byte on
;;   l logs the query   t traps   x exits with 3   f loops for ever   m eats memory
;;   c sets the error to one byte: how many calls this instance has seen
;;   h calls a host function of the test, if it is linked with one
;; Its after stage: with an error "r" it sets the result to the query, with "n" the error to nothing, with "t" it traps.
(module
  (import "env" "GetQueryOnHost" (func $get_query (param i64 i32 i32) (result i32)))
  (import "env" "SetQueryOnHost" (func $set_query (param i64 i32 i32) (result i32)))
  (import "env" "GetErrorMessageOnHost" (func $get_error (param i64 i32 i32) (result i32)))
  (import "env" "SetErrorMessageOnHost" (func $set_error (param i64 i32 i32) (result i32)))
  (import "env" "SetQueryResultOnHost" (func $set_result (param i64 i32 i32) (result i32)))
  (import "env" "InfoLogOnHost" (func $info (param i32 i32) (result i32)))
  (import "env" "ErrorLogOnHost" (func $err (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (import "test" "hook" (func $hook))
  (memory (export "memory") 2)
  (global $next (mut i32) (i32.const 4096))
  (global $calls (mut i32) (i32.const 0))
  (func (export "malloc") (param $size i32) (result i32)
    (local $at i32) (local $end i32)
    (local.set $at (global.get $next))
    (local.set $end (i32.add (local.get $at) (local.get $size)))
    (if (i32.gt_u (local.get $end) (i32.shl (memory.size) (i32.const 16)))
      (then
        (drop (memory.grow (i32.add (i32.shr_u (local.get $size) (i32.const 16)) (i32.const 1))))))
    (global.set $next (i32.and (i32.add (local.get $end) (i32.const 7)) (i32.const -8)))
    (local.get $at))
  (func (export "_start"))
  (func $query_at (result i32) (i32.load (i32.const 0)))
  (func $query_length (result i32) (i32.load (i32.const 4)))
  (func (export "RunBeforeExecutionOnGuest") (param $ctx i64)
    (local $first i32)
    (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
    (global.set $next (i32.const 4096))
    (i32.store (i32.const 0) (i32.const 0))
    (i32.store (i32.const 4) (i32.const 0))
    (if (call $get_query (local.get $ctx) (i32.const 0) (i32.const 4)) (then return))
    (local.set $first (i32.load8_u (call $query_at)))
    (if (i32.eq (local.get $first) (i32.const 101)) ;; e
      (then (drop (call $set_error (local.get $ctx) (call $query_at) (call $query_length)))))
    (if (i32.eq (local.get $first) (i32.const 113)) ;; q
      (then
        (drop (call $set_query (local.get $ctx)
          (i32.add (call $query_at) (i32.const 2)) (i32.sub (call $query_length) (i32.const 2))))))
    (if (i32.eq (local.get $first) (i32.const 108)) ;; l
      (then
        (drop (call $info (call $query_at) (call $query_length)))
        (drop (call $err (call $query_at) (call $query_length)))))
    (if (i32.eq (local.get $first) (i32.const 116)) ;; t
      (then
        (drop (call $info (call $query_at) (call $query_length)))
        unreachable))
    (if (i32.eq (local.get $first) (i32.const 120)) (then (call $exit (i32.const 3)))) ;; x
    (if (i32.eq (local.get $first) (i32.const 102)) (then loop $again br $again end)) ;; f
    (if (i32.eq (local.get $first) (i32.const 109)) ;; m
      (then (block $full loop $more
        (br_if $full (i32.eq (memory.grow (i32.const 1)) (i32.const -1)))
        br $more end) unreachable))
    (if (i32.eq (local.get $first) (i32.const 99)) ;; c
      (then
        (i32.store8 (i32.const 8) (i32.add (global.get $calls) (i32.const 48)))
        (drop (call $set_error (local.get $ctx) (i32.const 8) (i32.const 1)))))
    (if (i32.eq (local.get $first) (i32.const 104)) (then (call $hook)))) ;; h
  (func (export "RunAfterExecutionOnGuest") (param $ctx i64)
    (local $first i32)
    (if (call $get_error (local.get $ctx) (i32.const 16) (i32.const 20)) (then return))
    (local.set $first (i32.load8_u (i32.load (i32.const 16))))
    (if (i32.eq (local.get $first) (i32.const 114)) ;; r: an empty QueryResult with rows_affected = 7
      (then
        (i32.store (i32.const 24) (i32.const 0x0710))
        (drop (call $set_result (local.get $ctx) (i32.const 24) (i32.const 2)))))
    (if (i32.eq (local.get $first) (i32.const 110)) ;; n
      (then (drop (call $set_error (local.get $ctx) (i32.const 24) (i32.const 0)))))
    (if (i32.eq (local.get $first) (i32.const 116)) (then unreachable)))) ;; t
