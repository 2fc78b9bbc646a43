//! Which bytes of a memory have to be in a snapshot: everything else is zero, as in a new memory.

use std::ops::Range;

/// A segment costs about so many bytes besides its own: a gap that is shorter is cheaper written than left out.
const SHORTEST_GAP: usize = 16;
/// A module may have 100,000 segments; each costs time at load.
const MAX_RUNS: usize = 10_000;
/// Wasmtime makes a copy-on-write image of up to so many bytes however little is in it, and of more only if at least half
/// of it is written in segments. Without an image each new instance copies segment by segment.
const SPARSE_IMAGE_BYTES: usize = 16 << 20;

/// The ranges that are not zero, ascending, at least a gap apart and no more of them than a module can well have.
pub fn of(memory: &[u8]) -> Vec<Range<usize>> {
    let mut runs = exact(memory);
    let mut gap = SHORTEST_GAP;
    loop {
        runs = merged(&runs, gap);
        if runs.len() <= MAX_RUNS && has_image(&runs) {
            return runs;
        }
        gap *= 2;
    }
}

/// Whether wasmtime makes an image of them.
fn has_image(runs: &[Range<usize>]) -> bool {
    let (Some(first), Some(last)) = (runs.first(), runs.last()) else { return true };
    let extent = last.end - first.start;
    extent < SPARSE_IMAGE_BYTES || runs.iter().map(Range::len).sum::<usize>().saturating_mul(2) > extent
}

fn merged(runs: &[Range<usize>], gap: usize) -> Vec<Range<usize>> {
    let mut merged: Vec<Range<usize>> = Vec::new();
    for run in runs {
        match merged.last_mut() {
            Some(last) if run.start - last.end < gap => last.end = run.end,
            _ => merged.push(run.clone()),
        }
    }
    merged
}

/// Words that are not zero, without the zero bytes at a run's ends.
fn exact(memory: &[u8]) -> Vec<Range<usize>> {
    const WORD: usize = 8;
    let mut runs: Vec<Range<usize>> = Vec::new();
    for (index, word) in memory.chunks(WORD).enumerate() {
        let (Some(first), Some(last)) =
            (word.iter().position(|byte| *byte != 0), word.iter().rposition(|byte| *byte != 0))
        else {
            continue;
        };
        let at = index * WORD;
        match runs.last_mut() {
            Some(run) if at - run.end < WORD => run.end = at + last + 1,
            _ => runs.push(at + first..at + last + 1),
        }
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rebuilt(memory: &[u8]) -> (Vec<u8>, usize) {
        let runs = of(memory);
        let mut copy = vec![0; memory.len()];
        for run in &runs {
            copy[run.clone()].copy_from_slice(&memory[run.clone()]);
        }
        assert!(runs.windows(2).all(|pair| pair[0].end + SHORTEST_GAP <= pair[1].start), "{runs:?}");
        (copy, runs.len())
    }

    #[test]
    fn nothing_but_zeros_is_left_out() {
        let mut memory = vec![0u8; 3 * 65_536];
        assert!(of(&memory).is_empty());
        for at in [0, 1, 7, 8, 4_095, 4_096, 65_535, 65_536, 131_072, memory.len() - 1] {
            memory[at] = 1;
            assert_eq!(rebuilt(&memory).0, memory);
        }
        memory.fill(9);
        assert_eq!(of(&memory), vec![0..memory.len()]);
        assert_eq!(of(&[0, 0, 5]), vec![2..3]);
        assert!(of(&[]).is_empty());
    }

    #[test]
    fn short_gaps_are_written_and_long_ones_left_out() {
        let mut memory = vec![0u8; 65_536];
        memory[100] = 1;
        memory[100 + SHORTEST_GAP] = 1;
        assert_eq!(of(&memory), vec![100..101 + SHORTEST_GAP]);
        memory[100 + SHORTEST_GAP] = 0;
        memory[101 + SHORTEST_GAP] = 1;
        assert_eq!(of(&memory), vec![100..101, 101 + SHORTEST_GAP..102 + SHORTEST_GAP]);
    }

    #[test]
    fn runs_are_never_too_many() {
        let mut memory = vec![0u8; 4 << 20];
        memory.iter_mut().step_by(64).for_each(|byte| *byte = 1);
        let (copy, count) = rebuilt(&memory);
        assert_eq!(copy, memory);
        assert_eq!(count, 1);
        memory.fill(0);
        memory.iter_mut().step_by(1_000).for_each(|byte| *byte = 1);
        assert_eq!(rebuilt(&memory).1, 4_195);
    }

    #[test]
    fn what_is_sparse_and_large_is_written_so_that_it_has_an_image() {
        let mut memory = vec![0u8; 24 << 20];
        memory[0] = 1;
        *memory.last_mut().unwrap() = 1;
        let runs = of(&memory);
        assert!(has_image(&runs), "{runs:?}");
        memory.truncate(15 << 20);
        *memory.last_mut().unwrap() = 1;
        assert_eq!(of(&memory).len(), 2);
    }
}
