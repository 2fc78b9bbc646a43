//! The corpora of the fuzz targets of `native/fuzz` that are about what guests pass to host functions, as they are and with
//! damage, without a fuzzer; the meter's is in `tests/meter`.

mod property;

use std::path::Path;

use property::{CALL_BYTES, calls_end_within_their_limits, result_or_none};

/// As in the module generator: the same damage in every run.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, n: usize) -> usize {
        ((self.next() >> 33) as usize) % n.max(1)
    }

    /// Numbers that sit at edges more often than not.
    fn number(&mut self) -> u32 {
        const EDGES: [u32; 16] = [
            0,
            1,
            4,
            8,
            64,
            4096,
            4097,
            65_532,
            65_535,
            65_536,
            131_068,
            131_071,
            131_072,
            1 << 31,
            u32::MAX - 3,
            u32::MAX,
        ];
        match self.below(3) {
            0 => EDGES[self.below(EDGES.len())],
            1 => self.below(200_000) as u32,
            _ => self.below(70) as u32,
        }
    }
}

fn corpus(target: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target);
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.iter().map(|file| std::fs::read(file).unwrap()).collect()
}

fn damaged(random: &mut Random, bytes: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for _ in 0..1 + random.below(4) {
        let at = random.below(bytes.len() + 1);
        match random.below(4) {
            0 => bytes.truncate(at),
            1 => bytes.insert(at, random.next() as u8),
            2 => bytes.extend_from_within(..at),
            _ => {
                if let Some(byte) = bytes.get_mut(at) {
                    *byte ^= 1 << random.below(8);
                }
            }
        }
    }
    bytes
}

#[test]
fn whatever_a_guest_passes_its_calls_end_within_their_limits() {
    let files = corpus("host_calls");
    assert!(!files.is_empty());
    for file in &files {
        assert!(calls_end_within_their_limits(file), "a program of the corpus trapped");
    }
    let mut random = Random(20_261_124);
    for _ in 0..2_000 {
        let file = &files[random.below(files.len())];
        calls_end_within_their_limits(&damaged(&mut random, file));
    }
    let mut ended = 0;
    for _ in 0..4_000 {
        let mut program = Vec::new();
        for _ in 0..1 + random.below(12) {
            program.push(random.next() as u8);
            for _ in 0..6 {
                program.extend_from_slice(&random.number().to_le_bytes());
            }
        }
        assert_eq!(program.len() % CALL_BYTES as usize, 0);
        ended += u32::from(calls_end_within_their_limits(&program));
    }
    assert!(ended > 1_000, "only {ended} programs came to their end");
}

#[test]
fn bytes_are_a_query_result_or_none() {
    let files = corpus("query_result");
    assert!(files.iter().filter(|file| result_or_none(file)).count() > 2);
    let mut random = Random(7);
    let mut valid = 0;
    for _ in 0..100_000 {
        let file = &files[random.below(files.len())];
        valid += u32::from(result_or_none(&damaged(&mut random, file)));
    }
    assert!(valid > 500, "only {valid} were results");
}
