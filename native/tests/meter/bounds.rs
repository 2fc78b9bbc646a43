//! Guests that never end: they end with us, at the same place however fuel is cut into slices, and soon after a deadline.

use std::time::Duration;

use sluice::engine::meter::pass;
use wasmtime::{Engine, Trap};

use super::harness::{Compiled, End, Guest, compile_metered, engine, own_time};
use super::structure;

const FUEL: u64 = 1_234_567;

/// Each exports `f`, and `p`, which moves while it runs.
fn endless() -> Vec<(&'static str, String)> {
    let progress = "(global.set $p (i64.add (global.get $p) (i64.const 1)))";
    let module = |body: &str| format!(r#"(module (global $p (export "p") (mut i64) (i64.const 0)) {body})"#);
    let memory = "(memory (export \"m\") 256)";
    let mut guests = vec![
        (
            "divisions",
            module(&format!(
                r#"(func (export "f") (local i64) (local.set 0 (i64.const -1))
                    (loop $l {progress} (local.set 0 (i64.div_u (i64.const -7) (i64.or (local.get 0) (i64.const 3)))) (br $l)))"#
            )),
        ),
        (
            "page after page of new memory",
            module(&format!(
                r#"(memory (export "m") 1024) (func (export "f") (local i32)
                    (loop $l {progress} (i32.store (local.get 0) (i32.const 1))
                        (local.set 0 (i32.and (i32.add (local.get 0) (i32.const 4096)) (i32.const 0x3ffffff))) (br $l)))"#
            )),
        ),
        ("a loop", module(&format!(r#"(func (export "f") (loop $l {progress} (br $l)))"#))),
        (
            "loops in loops",
            module(&format!(
                r#"(func (export "f") (local i32)
                    (loop $a (local.set 0 (i32.const 9))
                        (loop $b {progress} (br_if $b (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
                        (br $a)))"#
            )),
        ),
        (
            "a loop of small calls",
            module(&format!(r#"(func $s {progress}) (func (export "f") (loop $l (call $s) (call $s) (br $l)))"#)),
        ),
        (
            "calls that branch",
            module(&format!(
                r#"(func $f (export "f") (result i32) (call $g (i32.const 200)))
                   (func $g (param i32) (result i32) {progress}
                    (if (result i32) (local.get 0)
                     (then (i32.add (call $h (i32.sub (local.get 0) (i32.const 1)))
                                    (call $h (i32.sub (local.get 0) (i32.const 1)))))
                     (else (i32.const 1))))
                   (func $h (param i32) (result i32) (call $g (local.get 0)))"#
            )),
        ),
        (
            "tail calls",
            module(&format!(r#"(func $f (export "f") {progress} (return_call $g)) (func $g (return_call $f))"#)),
        ),
        (
            "indirect tail calls",
            module(&format!(
                r#"(type $t (func)) (table 1 funcref) (elem (i32.const 0) $g)
                   (func $g {progress} (return_call_indirect (type $t) (i32.const 0)))
                   (func (export "f") (call $g))"#
            )),
        ),
        (
            "indirect calls",
            module(&format!(
                r#"(type $t (func)) (table 2 funcref) (elem (i32.const 0) $g $s) (func $s {progress})
                   (func $g (call_indirect (type $t) (i32.const 1)))
                   (func (export "f") (loop $l (call_indirect (type $t) (i32.const 0)) (br $l)))"#
            )),
        ),
        (
            "filling",
            module(&format!(
                r#"{memory} (func (export "f") (param i32) (loop $l {progress}
                    (memory.fill (i32.const 0) (local.get 0) (i32.shl (memory.size) (i32.const 16))) (br $l)))"#
            )),
        ),
        (
            "copying",
            module(&format!(
                r#"{memory} (func (export "f") (loop $l {progress}
                    (memory.copy (i32.const 1) (i32.const 0) (i32.sub (i32.shl (memory.size) (i32.const 16)) (i32.const 1)))
                    (br $l)))"#
            )),
        ),
        (
            "small copies",
            module(&format!(
                r#"{memory} (func (export "f") (loop $l {progress}
                    (memory.copy (i32.const 64) (i32.const 0) (i32.const 64)) (br $l)))"#
            )),
        ),
        (
            "tables",
            module(&format!(
                r#"(table $t 50000 funcref) (func $s) (elem declare func $s) (func (export "f") (loop $l {progress}
                    (table.fill $t (i32.const 0) (ref.func $s) (table.size $t))
                    (table.copy $t $t (i32.const 1) (i32.const 0) (i32.sub (table.size $t) (i32.const 1)))
                    (br $l)))"#
            )),
        ),
        (
            "growing",
            module(&format!(
                r#"(memory 1 2) (func (export "f") (loop $l {progress} (drop (memory.grow (i32.const 1))) (br $l)))"#
            )),
        ),
        (
            "square roots",
            module(&format!(
                r#"(func (export "f") (local f64) (local.set 0 (f64.const 3))
                   (loop $l {progress} (local.set 0 (f64.div (f64.const 1) (f64.sqrt (f64.sqrt (local.get 0))))) (br $l)))"#
            )),
        ),
        (
            "a chase through memory",
            // Each word holds the place of another, far away, and the chain visits them all.
            module(&format!(
                r#"(memory 256) (func (export "f") (local i32 i32)
                   (loop $fill
                     (i32.store (local.get 0)
                        (i32.and (i32.add (i32.mul (local.get 0) (i32.const 5)) (i32.const 4099904)) (i32.const 0xffffc0)))
                     (br_if $fill (i32.lt_u (local.tee 0 (i32.add (local.get 0) (i32.const 64))) (i32.const 0x1000000))))
                   (loop $l {progress} {} (br $l)))"#,
                "(local.set 1 (i32.load (i32.load (i32.load (i32.load (i32.load (i32.load (local.get 1))))))))"
            )),
        ),
        (
            "many ways",
            module(&format!(
                r#"(func (export "f") (local i32) (loop $l (block $a (block $b (block $c {progress}
                    (local.set 0 (i32.add (local.get 0) (i32.const 1)))
                    (br_table $a $b $c $l (i32.and (local.get 0) (i32.const 7)))) (br $l)) (br $l)) (br $l)))"#
            )),
        ),
        (
            "host functions",
            module(&format!(
                r#"(import "host" "h" (func $h)) (func (export "f") (loop $l {progress} (call $h) (br $l)))"#
            )),
        ),
    ];
    // A straight line of 60,000 loads that wait for each other.
    let line = "(local.set 0 (i32.load (local.get 0)))\n".repeat(20_000);
    guests.push((
        "a long line",
        module(&format!(r#"(memory 256) (func (export "f") (local i32) (loop $l {progress} {line} (br $l)))"#)),
    ));
    guests
}

fn compile(engine: &Engine, wat: &str) -> Compiled {
    // Imports first, as the text format wants them.
    let mut text = wat.to_owned();
    if let Some(begin) = text.find("(import") {
        let end = begin + text[begin..].find("))").unwrap() + 2;
        let import = text[begin..end].to_owned();
        text.replace_range(begin..end, "");
        text.insert_str("(module".len(), &import);
    }
    let wasm = wat::parse_str(&text).unwrap();
    let metered = pass::instrument(&wasm).unwrap_or_else(|error| panic!("{error:?}\n{wat}"));
    structure::check(&metered.wasm);
    compile_metered(engine, &metered).unwrap()
}

#[test]
fn endless_guests_run_out_at_the_same_place_whatever_the_slices() {
    let engine = engine(false, true);
    for (name, wat) in endless() {
        let compiled = compile(&engine, &wat);
        let mut ends = Vec::new();
        for slice in [Some(333), Some(50_000), None] {
            let mut guest = Guest::new(&compiled, slice);
            guest.instantiate(u64::MAX, None);
            let (end, units) = guest.call("f", FUEL, None);
            assert_eq!(end, End::Trapped(Trap::OutOfFuel), "{name}");
            assert_eq!(units, FUEL, "{name}");
            ends.push(guest.state());
        }
        assert!(ends.iter().all(|end| *end == ends[0]), "{name}: {ends:?}");
    }
}

#[test]
fn deadline_ends_every_endless_guest_soon() {
    let engine = engine(false, true);
    let deadline = Duration::from_millis(10);
    for (name, wat) in endless() {
        let compiled = compile(&engine, &wat);
        let (mut worst, mut unit_nanos) = (Duration::ZERO, 0.0);
        for _ in 0..5 {
            let mut guest = Guest::new(&compiled, None);
            guest.instantiate(u64::MAX, None);
            let begin = own_time();
            let (end, units) = guest.call("f", u64::MAX, Some(deadline));
            let took = own_time() - begin;
            unit_nanos = took.as_secs_f64() * 1e9 / units as f64;
            assert_eq!(end, End::Trapped(Trap::Interrupt), "{name}");
            worst = worst.max(took.saturating_sub(deadline));
        }
        println!("{name}: {worst:?} of processor time over the deadline, {unit_nanos:.2} ns a unit");
        // On an idle machine it is some tens of microseconds; other work empties the caches here.
        assert!(worst < Duration::from_millis(5), "{name}: {worst:?}");
    }
}

#[test]
fn start_is_bounded_too() {
    let engine = engine(false, true);
    let compiled = compile(&engine, "(module (func $s (loop $l (br $l))) (start $s))");
    let mut guest = Guest::new(&compiled, None);
    assert_eq!(guest.instantiate(10_000, None), (End::Trapped(Trap::OutOfFuel), 10_000));
}
