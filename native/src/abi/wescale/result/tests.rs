use super::*;

fn varint(mut value: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while value >= 0x80 {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
    bytes
}

fn tag(number: u64, wire: u64) -> Vec<u8> {
    varint(number << 3 | wire)
}

fn bytes_field(number: u64, bytes: &[u8]) -> Vec<u8> {
    [tag(number, 2), varint(bytes.len() as u64), bytes.to_vec()].concat()
}

fn number_field(number: u64, value: u64) -> Vec<u8> {
    [tag(number, 0), varint(value)].concat()
}

fn zigzag(value: i64) -> u64 {
    ((value << 1) ^ (value >> 63)) as u64
}

fn packed(lengths: &[i64]) -> Vec<u8> {
    let all: Vec<u8> = lengths.iter().flat_map(|length| varint(zigzag(*length))).collect();
    bytes_field(1, &all)
}

fn row(lengths: &[i64], values: &[u8]) -> Vec<u8> {
    bytes_field(4, &[packed(lengths), bytes_field(2, values)].concat())
}

fn field(name: &str) -> Vec<u8> {
    let all = [bytes_field(1, name.as_bytes()), number_field(2, 6165), bytes_field(11, b"varchar(20)")].concat();
    bytes_field(1, &all)
}

fn of(parts: &[Vec<u8>]) -> Result<(), Refused> {
    validate(&parts.concat())
}

#[test]
fn accepts_results() {
    assert_eq!(of(&[]), Ok(()));
    assert_eq!(
        of(&[number_field(2, u64::MAX), number_field(3, 1), bytes_field(6, b"i"), bytes_field(7, b"s")]),
        Ok(())
    );
    assert_eq!(of(&[field("a")]), Ok(()));
    let two = [field("a"), field("b"), row(&[1, 2], b"xyz"), row(&[-1, 0], b""), row(&[0, -1], b"")];
    assert_eq!(of(&two), Ok(()));
}

#[test]
fn fields_may_follow_rows() {
    assert_eq!(of(&[row(&[1], b"x"), field("a")]), Ok(()));
    assert_eq!(of(&[row(&[1], b"x"), field("a"), field("b")]), Err(WRONG_WIDTH));
}

#[test]
fn accepts_the_other_spellings_of_a_row() {
    // Lengths one by one, values before lengths, values twice (the last one counts), an empty row message.
    let one_by_one = [number_field(1, zigzag(1)), number_field(1, zigzag(-1)), bytes_field(2, b"x")].concat();
    assert_eq!(of(&[field("a"), field("b"), bytes_field(4, &one_by_one)]), Ok(()));
    let turned = [bytes_field(2, b"xy"), packed(&[2])].concat();
    assert_eq!(of(&[field("a"), bytes_field(4, &turned)]), Ok(()));
    let twice = [bytes_field(2, b"longer"), packed(&[2]), bytes_field(2, b"xy")].concat();
    assert_eq!(of(&[field("a"), bytes_field(4, &twice)]), Ok(()));
    assert_eq!(of(&[bytes_field(4, b"")]), Ok(()));
}

#[test]
fn skips_what_it_does_not_know() {
    let unknown = [
        number_field(5, 9),
        [tag(99, 1), vec![0; 8]].concat(),
        [tag(100, 5), vec![0; 4]].concat(),
        bytes_field((1 << 29) - 1, b"?"),
        [tag(50, 3), number_field(1, 1), tag(51, 3), tag(51, 4), tag(50, 4)].concat(),
    ];
    assert_eq!(of(&unknown), Ok(()));
    assert_eq!(of(&[bytes_field(1, &unknown[1..].concat())]), Ok(()));
}

#[test]
fn refuses_lengths_that_do_not_fit() {
    for (lengths, values) in [(&[2][..], &b"x"[..]), (&[1], b"xy"), (&[-1], b"x"), (&[i64::MAX], b"x")] {
        assert_eq!(of(&[field("a"), row(lengths, values)]), Err(LENGTHS_DO_NOT_FIT), "{lengths:?}");
    }
    let sum_wraps = row(&[i64::MAX, i64::MAX, 3], b"x");
    assert_eq!(of(&[field("a"), field("b"), field("c"), sum_wraps]), Err(LENGTHS_DO_NOT_FIT));
    for length in [-2, i64::MIN] {
        assert_eq!(of(&[field("a"), row(&[length], b"")]), Err(BAD_LENGTH));
    }
}

#[test]
fn refuses_rows_that_are_not_as_wide_as_the_fields() {
    assert_eq!(of(&[field("a"), row(&[1, 1], b"xy")]), Err(WRONG_WIDTH));
    assert_eq!(of(&[field("a"), field("b"), row(&[1], b"x")]), Err(WRONG_WIDTH));
    assert_eq!(of(&[field("a"), row(&[1], b"x"), row(&[], b"")]), Err(WRONG_WIDTH));
    assert_eq!(of(&[row(&[1], b"x")]), Err(WRONG_WIDTH));
}

#[test]
fn refuses_what_is_not_protobuf() {
    assert_eq!(validate(b"\x0A\x05ab"), Err(TRUNCATED));
    assert_eq!(validate(b"\x0A"), Err(TRUNCATED));
    assert_eq!(validate(b"\x10\x80"), Err(TRUNCATED));
    assert_eq!(validate(b"\x00\x01"), Err(BAD_TAG));
    assert_eq!(of(&[tag(1 << 29, 0), varint(1)]), Err(BAD_TAG));
    assert_eq!(validate(b"\x0E"), Err(BAD_WIRE_TYPE));
    assert_eq!(validate(&[&b"\x10"[..], &[0xFF; 9], &[0x02]].concat()), Err(BAD_VARINT));
    assert_eq!(validate(&[&b"\x10"[..], &[0xFF; 10], &[0x01]].concat()), Err(BAD_VARINT));
    assert_eq!(validate(&[&b"\x22"[..], &[0xFF; 9], &[0x01]].concat()), Err(TRUNCATED));
    assert_eq!(validate(b"select 1"), Err(TRUNCATED));
}

#[test]
fn refuses_known_fields_of_another_wire_type() {
    assert_eq!(of(&[number_field(1, 1)]), Err(BAD_WIRE_TYPE));
    assert_eq!(of(&[bytes_field(2, b"")]), Err(BAD_WIRE_TYPE));
    assert_eq!(of(&[number_field(4, 1)]), Err(BAD_WIRE_TYPE));
    assert_eq!(of(&[bytes_field(1, &number_field(1, 1))]), Err(BAD_WIRE_TYPE));
    assert_eq!(of(&[bytes_field(1, &bytes_field(2, b""))]), Err(BAD_WIRE_TYPE));
    assert_eq!(of(&[bytes_field(4, &number_field(2, 1))]), Err(BAD_WIRE_TYPE));
    assert_eq!(of(&[bytes_field(4, &[tag(1, 5), vec![0; 4]].concat())]), Err(BAD_WIRE_TYPE));
}

#[test]
fn refuses_groups_that_do_not_match() {
    assert_eq!(of(&[tag(50, 4)]), Err(BAD_GROUP));
    assert_eq!(of(&[tag(50, 3)]), Err(TRUNCATED));
    assert_eq!(of(&[tag(50, 3), tag(51, 4)]), Err(BAD_GROUP));
    let deep: Vec<u8> = (0..100_000).flat_map(|_| tag(50, 3)).collect();
    assert_eq!(validate(&deep), Err(BAD_GROUP));
}

#[test]
fn survives_every_truncation_and_many_mutations() {
    let whole = [
        field("a"),
        field("b"),
        number_field(2, 300),
        row(&[1, -1], b"x"),
        row(&[3, 200], &[b'y'; 203]),
        bytes_field(6, b"info"),
    ]
    .concat();
    assert_eq!(validate(&whole), Ok(()));
    for end in 0..whole.len() {
        // Whatever the verdict, there is one.
        let _ = validate(&whole[..end]);
    }
    let mut seed = 0x2545_F491_4F6C_DD1Du64;
    for _ in 0..200_000 {
        let mut mutant = whole.clone();
        for _ in 0..3 {
            seed ^= seed << 13;
            seed ^= seed >> 7;
            seed ^= seed << 17;
            let at = seed as usize % mutant.len();
            mutant[at] = (seed >> 32) as u8;
        }
        let _ = validate(&mutant);
    }
}
