//! The fuzz target's corpus, as it is and with damage, without a fuzzer.

use std::path::Path;

use super::property::instrumented_or_refused;

const DAMAGED: u64 = 400;

/// As in the module generator: the same damage in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        ((self.0 >> 33) as usize) % n.max(1)
    }
}

fn corpus() -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus/instrument");
    let mut files: Vec<_> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), std::fs::read(&path).unwrap()))
        .collect();
    files.sort();
    files
}

#[test]
fn corpus_is_instrumented_or_refused() {
    let files = corpus();
    assert!(files.len() >= 20, "{} files", files.len());
    let made = files.iter().filter(|(_, bytes)| instrumented_or_refused(bytes)).count();
    assert!(made >= files.len() / 2 && made < files.len(), "{made} of {} were instrumented", files.len());
}

#[test]
fn damaged_modules_are_instrumented_or_refused() {
    let files = corpus();
    let mut made = 0;
    for (index, (name, bytes)) in files.iter().enumerate() {
        let mut random = Random(index as u64 + 0x9e37_79b9_7f4a_7c15);
        for round in 0..DAMAGED {
            let mut damaged = bytes.clone();
            for _ in 0..1 + random.below(4) {
                damage(&mut damaged, &files[random.below(files.len())].1, &mut random);
            }
            let outcome = std::panic::catch_unwind(|| instrumented_or_refused(&damaged));
            match outcome {
                Ok(instrumented) => made += u64::from(instrumented),
                Err(panic) => {
                    let kept = std::env::temp_dir().join("sluice-meter-damaged.wasm");
                    let _ = std::fs::write(&kept, &damaged);
                    eprintln!("{name}, round {round} (kept as {})", kept.display());
                    std::panic::resume_unwind(panic);
                }
            }
        }
    }
    println!("{made} of {} damaged modules were valid ones", files.len() as u64 * DAMAGED);
    assert!(made > 0);
}

fn damage(bytes: &mut Vec<u8>, other: &[u8], random: &mut Random) {
    if bytes.is_empty() {
        return;
    }
    let at = random.below(bytes.len());
    match random.below(6) {
        0 => bytes[at] ^= 1 << random.below(8),
        1 => bytes[at] = random.below(256) as u8,
        2 => bytes.truncate(at),
        3 => bytes.insert(at, random.below(256) as u8),
        4 => {
            bytes.remove(at);
        }
        _ => {
            let from = random.below(other.len());
            let length = random.below(32).min(other.len() - from).min(bytes.len() - at);
            bytes[at..at + length].copy_from_slice(&other[from..from + length]);
        }
    }
}
