//! What is measured: each row is a module, what a call of it is, and how its answer is known to be right.

use std::path::Path;

/// What a call of the guest is.
pub enum Work {
    /// `run: () -> i64`; with its result, where that is known without running it.
    Number(Option<i64>),
    /// `run: (i32, i32) -> i32`, called with 20 and 22.
    #[allow(dead_code, reason = "a row of the floor, whose program shares this file")]
    Sum,
    /// The before stage of a SQL plugin, on one query.
    Query { query: &'static [u8], answer: Answer },
    /// Both stages, the after stage with this result.
    Result { query: &'static [u8], result: Vec<u8>, hides: &'static [u8] },
    /// `run` ends in a trap.
    Trap,
}

pub enum Answer {
    Error(&'static [u8]),
    Query(&'static [u8]),
}

pub struct Row {
    pub name: &'static str,
    pub wasm: Vec<u8>,
    pub work: Work,
    /// Whether the targets speak of it: the guests in five languages, fib and FNV.
    pub in_target: bool,
}

/// Of a hundred bytes, as in the benchmarks of the whole library.
const UPDATE: &[u8] =
    b"UPDATE accounts SET balance = balance + 100, updated_at = now(), note = 'yearly bonus of everybody!'";
const SELECT: &[u8] = b"SELECT id, name, balance FROM accounts WHERE balance > 100 ORDER BY name";
const LIMITED: &[u8] = b"SELECT id, name, balance FROM accounts WHERE balance > 100 ORDER BY name LIMIT 100";
const NO_WHERE: Answer = Answer::Error(b"no where clause");

pub fn all() -> Vec<Row> {
    let guest = |name, path, work, in_target| Row { name, wasm: guest(path), work, in_target };
    let number = |name, wat: String, expected, in_target| Row {
        name,
        wasm: wat::parse_str(wat).unwrap_or_else(|error| panic!("{name}: {error}")),
        work: Work::Number(expected),
        in_target,
    };
    let rejects = || Work::Query { query: UPDATE, answer: NO_WHERE };
    let trap = |name, body: &str| Row {
        name,
        wasm: wat::parse_str(format!(r#"(module (memory 1) (func (export "run") (result i64) {body}))"#)).unwrap(),
        work: Work::Trap,
        in_target: false,
    };
    vec![
        number("request, a call per byte", request(false), Some(-1), false),
        number("the same flattened by hand", request(true), Some(-1), false),
        number("fib(27)", FIB.into(), Some(196_418), true),
        number("FNV of 64 KiB", fnv_module(), Some(fnv()), true),
        number("one huge function", huge(), None, false),
        guest("C", "c/reject_without_where", rejects(), true),
        guest("Rust", "rust/reject_without_where", rejects(), true),
        guest(
            "AssemblyScript",
            "assemblyscript/rewrite_query",
            Work::Query { query: SELECT, answer: Answer::Query(LIMITED) },
            true,
        ),
        guest("Go", "go/reject_without_where", rejects(), true),
        guest("Java (TeaVM)", "java/reject_without_where", rejects(), true),
        guest(
            "Go, masks a result (collects garbage)",
            "go/mask_columns",
            Work::Result { query: b"SELECT * FROM accounts", result: result(), hides: b"secret" },
            false,
        ),
        number(
            "a call of nothing",
            r#"(module (func (export "run") (result i64) (i64.const 7)))"#.into(),
            Some(7),
            false,
        ),
        trap("trap: unreachable", "unreachable"),
        trap("trap: division by 0", "(i64.extend_i32_s (i32.div_s (i32.const 1) (i32.load (i32.const 0))))"),
        trap("trap: out of bounds", "(i64.load (i32.const -8))"),
    ]
}

fn guest(path: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../plugins-test/guests").join(path);
    let name = folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let file = folder.join(format!("{name}.wasm"));
    std::fs::read(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

/// Looks for ` where ` in a text without it, in any case of letters.
fn request(flattened: bool) -> String {
    let lower = |byte: &str| match flattened {
        false => format!("(call $lower {byte})"),
        true => format!(
            "(i32.add (local.tee $byte {byte}) (i32.shl (i32.lt_u (i32.sub (local.get $byte) (i32.const 65)) (i32.const 26)) (i32.const 5)))"
        ),
    };
    let text = String::from_utf8_lossy(UPDATE).into_owned();
    let byte = lower("(i32.load8_u (i32.add (local.get $at) (local.get $i)))");
    format!(
        r#"(module (memory (export "memory") 1) (data (i32.const 16) "{text}") (data (i32.const 8) " where ")
        (func $lower (param $byte i32) (result i32)
            (i32.add (local.get $byte)
                (i32.shl (i32.lt_u (i32.sub (local.get $byte) (i32.const 65)) (i32.const 26)) (i32.const 5))))
        (func (export "run") (result i64) (local $at i32) (local $i i32) (local $byte i32)
            (local.set $at (i32.const 16))
            (loop $next
                (local.set $i (i32.const 0))
                (block $differs
                    (loop $same
                        (br_if $differs (i32.ne {byte} (i32.load8_u offset=8 (local.get $i))))
                        (br_if $same (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 7))))
                    (return (i64.extend_i32_u (local.get $at))))
                (br_if $next (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 1))) (i32.const {end}))))
            (i64.const -1)))"#,
        end = 16 + UPDATE.len() - 6
    )
}

const FIB: &str = r#"(module
    (func $fib (param $n i32) (result i64)
        (if (result i64) (i32.lt_u (local.get $n) (i32.const 2))
            (then (i64.extend_i32_u (local.get $n)))
            (else (i64.add (call $fib (i32.sub (local.get $n) (i32.const 1)))
                           (call $fib (i32.sub (local.get $n) (i32.const 2)))))))
    (func (export "run") (result i64) (call $fib (i32.const 27))))"#;

fn fnv_byte(at: u32) -> u8 {
    at.wrapping_mul(31) as u8
}

fn fnv_module() -> String {
    let data: String = (0..65_536).map(|at| format!("\\{:02x}", fnv_byte(at))).collect();
    format!(
        r#"(module (memory 1) (data (i32.const 0) "{data}")
        (func (export "run") (result i64) (local $at i32) (local $hash i64)
            (local.set $hash (i64.const 0xcbf29ce484222325))
            (loop $byte
                (local.set $hash (i64.mul (i64.const 0x100000001b3)
                    (i64.xor (local.get $hash) (i64.load8_u (local.get $at)))))
                (br_if $byte (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 1))) (i32.const 65536))))
            (local.get $hash)))"#
    )
}

fn fnv() -> i64 {
    let step = |hash: u64, at| (hash ^ u64::from(fnv_byte(at))).wrapping_mul(0x100_0000_01b3);
    (0..65_536).fold(0xcbf2_9ce4_8422_2325, step) as i64
}

/// A parser's or an interpreter's shape: one function of 800 cases, some with loops, in which each case chooses the next.
fn huge() -> String {
    const CASES: usize = 800;
    let labels: String = (0..CASES).map(|case| format!("$c{case} ")).collect();
    let mut body = String::new();
    for case in (0..CASES).rev() {
        body += &format!("(block $c{case} ");
    }
    body += &format!("(br_table {labels} $done (local.get $case))");
    for case in 0..CASES {
        let at = case * 8 % 4096;
        body += &format!(
            ") (i64.store offset={at} (local.get $i) (local.tee $sum (i64.add (i64.mul (local.get $sum) (i64.const {})) \
             (i64.load offset={} (local.get $i)))))",
            2 * case + 3,
            (at + 1_024) % 4096
        );
        if case % 5 == 0 {
            body += &format!(
                "(local.set $i (i32.const {})) (loop $l{case} (local.set $sum (i64.xor (i64.rotl (local.get $sum) (i64.const 7)) \
                 (i64.load8_u (local.get $i)))) (br_if $l{case} (local.tee $i (i32.sub (local.get $i) (i32.const 1)))))",
                4 + case % 9
            );
        }
        if case % 3 == 0 {
            body += "(if (i64.lt_s (local.get $sum) (i64.const 0)) (then (local.set $j (i32.add (local.get $j) (i32.const 1)))) \
                     (else (local.set $k (i32.xor (local.get $k) (local.get $j)))))";
        }
        body += &format!(
            "(local.set $case (i32.rem_u (i32.add (i32.wrap_i64 (i64.shr_u (local.get $sum) (i64.const 20))) (i32.const {case})) \
             (i32.const {CASES}))) (br $next)"
        );
    }
    format!(
        r#"(module (memory 1) (func (export "run") (result i64)
        (local $case i32) (local $sum i64) (local $i i32) (local $j i32) (local $k i32) (local $turns i32)
        (local.set $sum (i64.const 88172645463325252))
        (local.set $turns (i32.const 2000))
        (memory.fill (i32.const 0) (i32.const 0) (i32.const 8192))
        (block $done (loop $next
            (br_if $done (i32.eqz (local.tee $turns (i32.sub (local.get $turns) (i32.const 1)))))
            {body}))
        (i64.add (local.get $sum) (i64.extend_i32_u (i32.add (local.get $j) (local.get $k))))))"#
    )
}

/// Three columns and five rows, as WeScale's wire has them.
fn result() -> Vec<u8> {
    let field = |number: u8, bytes: &[u8]| [&[number << 3 | 2, bytes.len() as u8], bytes].concat();
    let column = |name: &str| field(1, &[field(1, name.as_bytes()), vec![2 << 3, 0x95, 0x30]].concat());
    let mut all = [column("id"), column("name"), column("password")].concat();
    for row in 0..5 {
        let values = [format!("{row}"), format!("somebody{row}"), format!("secret{row}")];
        // Lengths are zigzag numbers.
        let lengths: Vec<u8> = values.iter().map(|value| 2 * value.len() as u8).collect();
        all.extend(field(4, &[field(1, &lengths), field(2, values.concat().as_bytes())].concat()));
    }
    all
}
