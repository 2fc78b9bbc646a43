;; Never comes back, in the way that the first letter of the query names; with S it writes to one MiB of its memory and does.
(module
  (import "env" "GetQueryOnHost" (func $get_query (param i64 i32 i32) (result i32)))
  (import "env" "InfoLogOnHost" (func $log (param i32 i32) (result i32)))
  (memory (export "memory") 1)
  (table $t 100000 funcref)
  (elem (table $t) (i32.const 0) func $even $odd)
  (type $step (func (param i64) (result i64)))
  (global $written (mut i32) (i32.const 65536))

  ;; A query fits into the first page, whose end is for the host's answers.
  (func (export "malloc") (param i32) (result i32) (i32.const 1024))

  (func $even (type $step)
    (if (result i64) (i64.eqz (local.get 0)) (then (i64.const 1)) (else (call $odd (i64.sub (local.get 0) (i64.const 1))))))
  (func $odd (type $step)
    (if (result i64) (i64.eqz (local.get 0)) (then (i64.const 0)) (else (call $even (i64.sub (local.get 0) (i64.const 1))))))
  (func $indirect (type $step)
    (if (result i64) (i64.eqz (local.get 0))
      (then (i64.const 0))
      (else (call_indirect (type $step) (i64.sub (local.get 0) (i64.const 1)) (i32.and (i32.wrap_i64 (local.get 0)) (i32.const 1))))))
  (func $tail (param i64) (return_call $tail_back (i64.add (local.get 0) (i64.const 1))))
  (func $tail_back (param i64) (return_call $tail (i64.xor (local.get 0) (i64.const 5))))

  (func $write_a_mebibyte
    (local $end i32)
    (local.set $end (i32.add (global.get $written) (i32.const 1048576)))
    (loop $next
      (i64.store (global.get $written) (i64.extend_i32_u (global.get $written)))
      (global.set $written (i32.add (global.get $written) (i32.const 8)))
      (br_if $next (i32.lt_u (global.get $written) (local.get $end)))))

  (func (export "RunBeforeExecutionOnGuest") (param $ctx i64)
    (local $kind i32) (local $i i64) (local $x f64) (local $at i32)
    (drop (call $get_query (local.get $ctx) (i32.const 16) (i32.const 20)))
    (local.set $kind (i32.load8_u (i32.load (i32.const 16))))
    ;; The first letters of fill, copy, pointers and of writing for the last.
    (if (i32.or
          (i32.or (i32.eq (local.get $kind) (i32.const 0x66)) (i32.eq (local.get $kind) (i32.const 0x63)))
          (i32.or (i32.eq (local.get $kind) (i32.const 0x70)) (i32.eq (local.get $kind) (i32.const 0x53))))
      (then (drop (memory.grow (i32.sub (i32.const 513) (memory.size))))))
    (if (i32.eq (local.get $kind) (i32.const 0x53 (;S;))) (then (call $write_a_mebibyte) (return)))
    (if (i32.eq (local.get $kind) (i32.const 0x6c (;l;))) (then (loop $l (local.set $i (i64.add (local.get $i) (i64.const 1))) (br $l))))
    (if (i32.eq (local.get $kind) (i32.const 0x6d (;m;))) (then (loop $l (drop (call $even (i64.const 500))) (br $l))))
    (if (i32.eq (local.get $kind) (i32.const 0x69 (;i;))) (then (loop $l (drop (call $indirect (i64.const 500))) (br $l))))
    (if (i32.eq (local.get $kind) (i32.const 0x74 (;t;))) (then (call $tail (i64.const 0))))
    (if (i32.eq (local.get $kind) (i32.const 0x66 (;f;)))
      (then (loop $l (memory.fill (i32.const 65536) (i32.const 7) (i32.const 33554432)) (br $l))))
    (if (i32.eq (local.get $kind) (i32.const 0x63 (;c;)))
      (then (loop $l (memory.copy (i32.const 65536) (i32.const 131072) (i32.const 33488896)) (br $l))))
    (if (i32.eq (local.get $kind) (i32.const 0x62 (;b;)))
      (then (loop $l (table.fill $t (i32.const 2) (ref.func $even) (i32.const 99998)) (br $l))))
    (if (i32.eq (local.get $kind) (i32.const 0x67 (;g;))) (then (loop $l (drop (memory.grow (i32.const 65000))) (br $l))))
    (if (i32.eq (local.get $kind) (i32.const 0x68 (;h;))) (then (loop $l (drop (call $log (i32.const 0) (i32.const 32))) (br $l))))
    (if (i32.eq (local.get $kind) (i32.const 0x70 (;p;)))
      (then
        (loop $l
          ;; Each address depends on what the one before held, and is in another cache line.
          (local.set $at
            (i32.add (i32.const 65536)
              (i32.and (i32.const 0x1fffff8)
                (i32.add (i32.const 0x3c6ef35f) (i32.mul (i32.const 0x19660d) (i32.wrap_i64 (i64.load (local.get $at))))))))
          (br $l))))
    (if (i32.eq (local.get $kind) (i32.const 0x71 (;q;)))
      (then (local.set $x (f64.const 2)) (loop $l (local.set $x (f64.sqrt (f64.add (local.get $x) (f64.const 1.5)))) (br $l))))
    (if (i32.eq (local.get $kind) (i32.const 0x64 (;d;)))
      (then
        (local.set $i (i64.const 0x7fffffffffffffff))
        (loop $l
          (local.set $i (i64.add (i64.const 0x7ffffffffffff123) (i64.rem_u (i64.const 0x7fffffffffffffff) (i64.or (local.get $i) (i64.const 1)))))
          (br $l)))))
  (func (export "RunAfterExecutionOnGuest") (param i64)))
