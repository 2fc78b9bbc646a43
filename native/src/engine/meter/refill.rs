//! The host's side of the counter: what a call may still use, handed out in slices.
//!
//! Code that has used up its slice asks for the next one, and that is when the clock is looked at. How units are cut into
//! slices changes neither how many are counted nor when they run out.

use std::time::{Duration, Instant};

/// The first slice of a call, which it gets without a look at the clock.
pub const FIRST_SLICE: i64 = 20_000;
/// How long a slice should last.
const SLICE_NANOS: i64 = 20_000;
const MIN_SLICE: i64 = 1_000;
/// Code that turns slow within a slice, by missing every cache, overruns a deadline by so many units.
const MAX_SLICE: i64 = 40_000;
const SLICE_WITHOUT_DEADLINE: i64 = 100_000;

/// Why a call gets no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spent {
    Fuel,
    Deadline,
}

/// How much the next slice has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Slices {
    /// As long as the clock says that it should last.
    Timed,
    /// A number; for tests of that slices change nothing.
    Fixed(i64),
}

/// What the call in flight may still use.
#[derive(Debug)]
pub struct Budget {
    limit: i64,
    /// Units that nobody holds.
    left: i64,
    deadline: Option<Duration>,
    /// When the call must end, once its clock runs.
    ends: Option<Instant>,
    slices: Slices,
    /// The size of the next slice.
    next: i64,
    /// When the last slice was handed out, and what the counter was then.
    last: Option<(Instant, i64)>,
    /// Whether the call has had no slice yet.
    first: bool,
    /// Units of host functions since the clock was looked at.
    unseen: i64,
}

impl Budget {
    /// A budget of nothing.
    pub fn empty() -> Budget {
        Budget {
            limit: 0,
            left: 0,
            deadline: None,
            ends: None,
            slices: Slices::Timed,
            next: FIRST_SLICE,
            last: None,
            first: true,
            unseen: 0,
        }
    }

    /// For tests: slices of so many units each, whatever the time.
    pub fn with_slices_of(units: u32) -> Budget {
        Budget { slices: Slices::Fixed(i64::from(units.max(1))), ..Budget::empty() }
    }

    /// Begins a call whose code still holds `held` units; how many of them it may keep.
    pub fn arm(&mut self, fuel: Option<u64>, deadline: Option<Duration>, held: i64) -> i64 {
        self.limit = fuel.map_or(i64::MAX, |fuel| i64::try_from(fuel).unwrap_or(i64::MAX));
        // What code kept of a call without a deadline may be more than is good for one with it.
        let most = if deadline.is_some() { MAX_SLICE } else { i64::MAX };
        let kept = held.clamp(0, self.limit.min(most));
        self.left = self.limit - kept;
        self.deadline = deadline;
        self.ends = None;
        self.next = FIRST_SLICE;
        self.last = None;
        self.first = kept == 0;
        self.unseen = 0;
        kept
    }

    /// Units that were used when the code holds `held`; a counter below zero holds nothing, here and everywhere.
    pub fn used(&self, held: i64) -> u64 {
        self.limit.saturating_sub(self.left).saturating_sub(held.max(0)).max(0).unsigned_abs()
    }

    /// Takes back what code holds.
    pub fn take_back(&mut self, held: i64) {
        self.left = self.left.saturating_add(held.max(0)).min(self.limit);
    }

    /// Takes units for work of the host; when fewer are left than that, `false` and takes none. The clock is looked at as
    /// often as if code had used them.
    #[inline]
    pub fn charge(&mut self, units: u64) -> Result<bool, Spent> {
        let units = i64::try_from(units).unwrap_or(i64::MAX);
        match self.left.checked_sub(units).filter(|left| *left >= 0) {
            Some(left) => {
                self.left = left;
                self.unseen = self.unseen.saturating_add(units);
                if self.unseen > MAX_SLICE {
                    self.unseen = 0;
                    self.look_at_clock()?;
                }
                Ok(true)
            }
            None => Ok(false),
        }
    }

    /// Nothing is left, whatever code holds.
    pub fn exhaust(&mut self) {
        self.left = 0;
    }

    /// Starts the deadline's clock unless it runs.
    pub fn start_clock(&mut self) {
        if self.ends.is_none() {
            self.ends = self.deadline.and_then(|deadline| Instant::now().checked_add(deadline));
        }
    }

    /// What is left of the deadline; `None` without one.
    pub fn time_left(&mut self) -> Option<Duration> {
        self.start_clock();
        self.ends.map(|ends| ends.saturating_duration_since(Instant::now()))
    }

    /// Whether there is too little for code that has `counter` units and needs `needed`.
    pub fn is_short(&self, counter: i64, needed: i64) -> bool {
        needed.saturating_sub(counter.max(0)) > self.left
    }

    /// Code has `counter` units and needs `needed`: the counter that it goes on with.
    pub fn refill(&mut self, counter: i64, needed: i64) -> Result<i64, Spent> {
        self.refill_one_of(1, counter, needed)
    }

    /// The same for one of several counters that hold parts of this budget.
    pub fn refill_one_of(&mut self, counters: usize, counter: i64, needed: i64) -> Result<i64, Spent> {
        let counter = counter.max(0);
        let short = needed.saturating_sub(counter).max(0);
        if short > self.left {
            // What is left suffices for nothing; how much of it code holds depends on the slices.
            self.left = 0;
            return Err(Spent::Fuel);
        }
        let slice = match self.slices {
            Slices::Fixed(units) => {
                self.look_at_clock()?;
                units
            }
            // There is no clock to look at, but what a trap makes count as used should be little.
            Slices::Timed if self.deadline.is_none() => SLICE_WITHOUT_DEADLINE,
            Slices::Timed if self.first => FIRST_SLICE,
            Slices::Timed => self.timed(counter)?,
        };
        self.first = false;
        self.unseen = 0;
        // Together they hold about as much as one would: that much a deadline may be overrun by.
        let slice = slice / i64::try_from(counters.max(1)).unwrap_or(i64::MAX);
        let more = if needed == 0 { 0 } else { short.saturating_add(slice).min(self.left) };
        self.left -= more;
        let counter = counter + more;
        if let Some((_, given)) = &mut self.last {
            *given = counter;
        }
        Ok(counter)
    }

    fn look_at_clock(&mut self) -> Result<Option<Instant>, Spent> {
        let Some(deadline) = self.deadline else { return Ok(None) };
        let now = Instant::now();
        match self.ends {
            Some(ends) if now >= ends => Err(Spent::Deadline),
            Some(_) => Ok(Some(now)),
            None => {
                self.ends = now.checked_add(deadline);
                Ok(Some(now))
            }
        }
    }

    fn timed(&mut self, counter: i64) -> Result<i64, Spent> {
        let Some(now) = self.look_at_clock()? else { return Ok(self.next) };
        if let Some((then, given)) = self.last {
            let took = now.saturating_duration_since(then);
            self.next = if took.as_secs() > 0 {
                MIN_SLICE
            } else {
                // In 64 bits, whose division costs a fraction of that in 128.
                let used = given.saturating_sub(counter).clamp(1, i64::from(i32::MAX));
                let should = used * SLICE_NANOS / i64::from(took.subsec_nanos().max(1));
                should.min(self.next.saturating_mul(2)).clamp(MIN_SLICE, MAX_SLICE)
            };
        }
        self.last = Some((now, counter));
        Ok(self.next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A call that uses `steps` of `units` each: how many it got through.
    fn run(budget: &mut Budget, steps: u64, units: i64) -> (u64, Result<i64, Spent>) {
        let mut counter = 0;
        for step in 0..steps {
            if counter < units {
                match budget.refill(counter, units) {
                    Ok(more) => counter = more,
                    Err(spent) => return (step, Err(spent)),
                }
            }
            counter -= units;
        }
        (steps, Ok(counter))
    }

    #[test]
    fn slices_change_neither_the_count_nor_the_end() {
        for deadline in [None, Some(Duration::from_secs(3600))] {
            for slice in [1, 333, 50_000] {
                let mut fixed = Budget::with_slices_of(slice);
                let mut timed = Budget::empty();
                for budget in [&mut fixed, &mut timed] {
                    budget.arm(Some(1_000_000), deadline, 0);
                    let (_, held) = run(budget, 1_000, 7);
                    assert_eq!(budget.used(held.unwrap()), 7_000);
                    budget.arm(Some(1_000_000), deadline, 0);
                    assert_eq!(run(budget, 1_000_000, 7), (1_000_000 / 7, Err(Spent::Fuel)));
                    budget.arm(Some(7_000), deadline, 0);
                    assert!(run(budget, 1_000, 7).1.is_ok());
                    budget.arm(Some(6_999), deadline, 0);
                    assert_eq!(run(budget, 1_000, 7), (999, Err(Spent::Fuel)));
                }
            }
        }
    }

    #[test]
    fn what_code_kept_of_the_last_call_is_part_of_the_next_budget() {
        let mut budget = Budget::empty();
        assert_eq!(budget.arm(Some(100), None, 30), 30);
        assert_eq!(budget.used(30), 0);
        assert_eq!(budget.used(10), 20);
        assert_eq!(budget.arm(Some(10), None, 30), 10);
        assert_eq!(budget.refill(10, 11), Err(Spent::Fuel));
        assert_eq!(budget.arm(Some(10), None, -5), 0);
    }

    #[test]
    fn counter_that_never_asked_holds_nothing() {
        let mut budget = Budget::with_slices_of(10);
        assert_eq!(budget.arm(Some(100), None, i64::MIN), 0);
        assert_eq!(budget.used(i64::MIN), 0);
        assert_eq!(budget.refill(i64::MIN, 0), Ok(0));
        assert_eq!(budget.refill(i64::MIN, 5), Ok(15));
        assert_eq!(budget.used(10), 5);
        budget.take_back(i64::MIN);
        assert_eq!(budget.refill(i64::MIN, 86), Err(Spent::Fuel));
        assert_eq!(budget.used(i64::MIN), 100);
    }

    #[test]
    fn host_work_is_taken_from_what_nobody_holds() {
        let mut budget = Budget::with_slices_of(60);
        budget.arm(Some(100), None, 0);
        assert_eq!(budget.refill(0, 1), Ok(61));
        assert_eq!(budget.charge(39), Ok(true));
        assert_eq!(budget.charge(1), Ok(false));
        budget.take_back(61);
        assert_eq!(budget.charge(61), Ok(true));
        assert_eq!(budget.used(0), 100);
        assert_eq!(budget.charge(u64::MAX), Ok(false));
    }

    #[test]
    fn host_work_is_seen_by_the_clock() {
        let mut budget = Budget::empty();
        budget.arm(None, Some(Duration::ZERO), 0);
        // The first look starts the clock, the second finds that it has run out.
        assert_eq!(budget.charge(MAX_SLICE.unsigned_abs()), Ok(true));
        assert_eq!(budget.charge(1), Ok(true));
        assert!(budget.ends.is_some());
        assert_eq!(budget.charge(1), Ok(true));
        assert_eq!(budget.charge(MAX_SLICE.unsigned_abs()), Err(Spent::Deadline));
    }

    #[test]
    fn counters_share_a_slice() {
        let mut budget = Budget::empty();
        budget.arm(None, Some(Duration::from_secs(3600)), 0);
        assert_eq!(budget.refill_one_of(4, 0, 1), Ok(1 + FIRST_SLICE / 4));
    }

    #[test]
    fn call_with_a_deadline_keeps_little_of_what_one_without_was_given() {
        let mut budget = Budget::empty();
        assert_eq!(budget.arm(None, None, SLICE_WITHOUT_DEADLINE), SLICE_WITHOUT_DEADLINE);
        assert_eq!(budget.arm(None, Some(Duration::from_secs(1)), SLICE_WITHOUT_DEADLINE), MAX_SLICE);
    }

    #[test]
    fn clock_starts_when_the_first_slice_is_spent_and_ends_the_call() {
        let mut budget = Budget::empty();
        budget.arm(None, Some(Duration::ZERO), 0);
        let counter = budget.refill(0, 5).unwrap();
        assert!(budget.ends.is_none());
        // The second look finds the clock started just now, the third that it has run out.
        let counter = budget.refill(counter - FIRST_SLICE, FIRST_SLICE).unwrap();
        assert!(budget.ends.is_some());
        assert_eq!(budget.refill(counter, counter + 1), Err(Spent::Deadline));
        // So does a look in the middle of a bulk operation, which asks for nothing.
        assert_eq!(budget.refill(counter, 0), Err(Spent::Deadline));
    }

    #[test]
    fn unlimited_fuel_never_runs_out_and_is_counted() {
        let mut budget = Budget::empty();
        budget.arm(None, None, 0);
        let (steps, held) = run(&mut budget, 100_000, 1 << 40);
        assert_eq!(steps, 100_000);
        assert_eq!(budget.used(held.unwrap()), 100_000 << 40);
        assert_eq!(budget.refill(0, i64::MAX), Err(Spent::Fuel));
        assert_eq!(budget.used(0), i64::MAX as u64);
    }
}
