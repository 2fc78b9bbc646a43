;; Its query is a program, a letter a step: l and L take the lock of the plugin and of the host, u and U give them back, w works for a
;; while, t traps, s takes and gives back for ever, v sets a shared value. What it holds at the end it keeps.
(module
  (import "env" "GetQueryOnHost" (func $get_query (param i64 i32 i32) (result i32)))
  (import "env" "LockOnHost" (func $lock (param i32 i64) (result i32)))
  (import "env" "UnlockOnHost" (func $unlock (param i32 i64) (result i32)))
  (import "env" "SetValueByKeyOnHost" (func $set (param i32 i64 i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (func (export "malloc") (param i32) (result i32) (i32.const 1024))
  (func $work
    (local $turns i32)
    (local.set $turns (i32.const 20000))
    (loop $again
      (local.set $turns (i32.sub (local.get $turns) (i32.const 1)))
      (br_if $again (local.get $turns))))
  (func $step (param $ctx i64) (param $letter i32)
    (if (i32.eq (local.get $letter) (i32.const 0x6c (;l;))) (then (drop (call $lock (i32.const 0) (local.get $ctx)))))
    (if (i32.eq (local.get $letter) (i32.const 0x4c (;L;))) (then (drop (call $lock (i32.const 1) (local.get $ctx)))))
    (if (i32.eq (local.get $letter) (i32.const 0x75 (;u;))) (then (drop (call $unlock (i32.const 0) (local.get $ctx)))))
    (if (i32.eq (local.get $letter) (i32.const 0x55 (;U;))) (then (drop (call $unlock (i32.const 1) (local.get $ctx)))))
    (if (i32.eq (local.get $letter) (i32.const 0x77 (;w;))) (then (call $work)))
    (if (i32.eq (local.get $letter) (i32.const 0x74 (;t;))) (then unreachable))
    (if (i32.eq (local.get $letter) (i32.const 0x73 (;s;)))
      (then
        (loop $again
          (drop (call $lock (i32.const 1) (local.get $ctx)))
          (drop (call $unlock (i32.const 1) (local.get $ctx)))
          (br $again))))
    (if (i32.eq (local.get $letter) (i32.const 0x76 (;v;)))
      (then (drop (call $set (i32.const 1) (local.get $ctx) (i32.const 1024) (i32.const 4) (i32.const 1024) (i32.const 16))))))
  (func (export "RunBeforeExecutionOnGuest") (param $ctx i64)
    (local $at i32)
    (local $end i32)
    (if (call $get_query (local.get $ctx) (i32.const 16) (i32.const 20)) (then (return)))
    (local.set $at (i32.load (i32.const 16)))
    (local.set $end (i32.add (local.get $at) (i32.load (i32.const 20))))
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $at) (local.get $end)))
        (call $step (local.get $ctx) (i32.load8_u (local.get $at)))
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (br $next))))
  (func (export "RunAfterExecutionOnGuest") (param i64)))
