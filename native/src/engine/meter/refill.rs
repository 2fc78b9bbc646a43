//! The host's side of the counter: what a call may still use, handed out in slices.
//!
//! Code that has used up its slice asks for the next one, and that is when the clock is looked at. How units are cut into
//! slices changes neither how many are counted nor when they run out.

use std::time::{Duration, Instant};

use crate::engine::settings::CallLimits;

/// The first slice of a call, which it gets without a look at the clock.
pub const FIRST_SLICE: i64 = 20_000;
/// Far from the deadline a slice may be long: it ends in time even if each of its units takes as long as this. Units of code that
/// misses every cache take 3 to 15 ns, those of code that touches new pages of memory 100 to 300.
const SLOWEST_UNIT_NANOS: i64 = 500;
const MIN_SLICE: i64 = 1_000;
/// A trap makes what is left of a slice count as used: that should be little.
const MAX_SLICE: i64 = 100_000;
/// After so many units of host functions the clock is looked at.
const MAX_UNSEEN: i64 = 40_000;

/// Why a call gets no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spent {
    Fuel,
    Deadline,
}

/// How much the next slice has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Slices {
    /// As many as end before the deadline, however slow they are.
    Timed,
    /// A number; for tests of that slices change nothing.
    Fixed(i64),
}

/// What follows from the limits of a call, worked out once for all calls that have them.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    pub limits: CallLimits,
    fuel: i64,
    /// The longest slice.
    most: i64,
    /// The most that code may hold of another call's when one begins whose clock does not run yet.
    kept: i64,
}

impl Plan {
    pub fn of(limits: CallLimits) -> Plan {
        let most = limits.deadline.map_or(MAX_SLICE, slice_within);
        let fuel = limits.fuel.map_or(i64::MAX, |fuel| i64::try_from(fuel).unwrap_or(i64::MAX));
        Plan { limits, fuel, most, kept: most.min(2 * FIRST_SLICE) }
    }
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
    /// Whether the call has had no slice yet.
    first: bool,
    /// Units of host functions since the clock was looked at.
    unseen: i64,
}

impl Budget {
    /// A budget of nothing.
    pub fn empty() -> Budget {
        Budget { limit: 0, left: 0, deadline: None, ends: None, slices: Slices::Timed, first: true, unseen: 0 }
    }

    /// For tests: slices of so many units each, whatever the time.
    pub fn with_slices_of(units: u32) -> Budget {
        Budget { slices: Slices::Fixed(i64::from(units.max(1))), ..Budget::empty() }
    }

    /// Begins a call whose code still holds `held` units; how many it holds from now on. Code that cannot be given any has `None`.
    /// For a call that will be `long` the clock runs at once, and it begins with a slice to match.
    #[inline]
    pub fn arm(&mut self, plan: &Plan, held: Option<i64>, long: bool) -> i64 {
        self.limit = plan.fuel;
        self.deadline = plan.limits.deadline;
        self.ends = None;
        self.unseen = 0;
        let slice = match held {
            Some(held) if held >= FIRST_SLICE / 2 && !long => held.min(plan.kept),
            _ => self.first_slice(plan, held, long),
        };
        let given = slice.min(self.limit);
        self.left = self.limit - given;
        self.first = given == 0;
        given
    }

    #[cold]
    fn first_slice(&mut self, plan: &Plan, held: Option<i64>, long: bool) -> i64 {
        match (held, self.slices) {
            (None, _) => 0,
            (Some(_), Slices::Timed) if long => {
                self.start_clock();
                plan.most
            }
            // Giving it a slice now costs less than its asking for one soon.
            (Some(held), Slices::Timed) if held < FIRST_SLICE / 2 => FIRST_SLICE.min(plan.most),
            (Some(held), _) => held.clamp(0, plan.kept),
        }
    }

    /// Units that were used when the code holds `held`; a counter below zero holds nothing, here and everywhere.
    pub fn used(&self, held: i64) -> u64 {
        self.limit.saturating_sub(self.left).saturating_sub(held.max(0)).max(0).unsigned_abs()
    }

    /// Takes back what code holds.
    pub fn take_back(&mut self, held: i64) {
        self.left = self.left.saturating_add(held.max(0)).min(self.limit);
    }

    /// Takes units for work of the host; when fewer are left than that, `false` and takes none. The clock is looked
    /// at now and then.
    #[inline]
    pub fn charge(&mut self, units: u64) -> Result<bool, Spent> {
        let units = i64::try_from(units).unwrap_or(i64::MAX);
        match self.left.checked_sub(units).filter(|left| *left >= 0) {
            Some(left) => {
                self.left = left;
                self.unseen = self.unseen.saturating_add(units);
                if self.unseen > MAX_UNSEEN {
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
            Slices::Timed if self.deadline.is_none() => MAX_SLICE,
            Slices::Timed if self.first && self.ends.is_none() => {
                FIRST_SLICE.min(self.deadline.map_or(MAX_SLICE, slice_within))
            }
            Slices::Timed => self.look_at_clock()?.map_or(MAX_SLICE, slice_within),
        };
        self.first = false;
        self.unseen = 0;
        // Together they hold about as much as one would: that much a deadline may be overrun by.
        let slice = slice / i64::try_from(counters.max(1)).unwrap_or(i64::MAX);
        let more = if needed == 0 { 0 } else { short.saturating_add(slice).min(self.left) };
        self.left -= more;
        Ok(counter + more)
    }

    /// What is left of the deadline, if there is one.
    fn look_at_clock(&mut self) -> Result<Option<Duration>, Spent> {
        let Some(deadline) = self.deadline else { return Ok(None) };
        let now = Instant::now();
        let Some(ends) = self.ends else {
            self.ends = now.checked_add(deadline);
            return Ok(Some(deadline));
        };
        match ends.checked_duration_since(now) {
            Some(left) if !left.is_zero() => Ok(Some(left)),
            _ => Err(Spent::Deadline),
        }
    }
}

/// The longest slice that ends within the time.
fn slice_within(time: Duration) -> i64 {
    match time.as_secs() {
        0 => (i64::from(time.subsec_nanos()) / SLOWEST_UNIT_NANOS).clamp(MIN_SLICE, MAX_SLICE),
        _ => MAX_SLICE,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(fuel: Option<u64>, deadline: Option<Duration>) -> Plan {
        Plan::of(CallLimits { fuel, deadline })
    }

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
                    budget.arm(&plan(Some(1_000_000), deadline), None, false);
                    let (_, held) = run(budget, 1_000, 7);
                    assert_eq!(budget.used(held.unwrap()), 7_000);
                    budget.arm(&plan(Some(1_000_000), deadline), None, false);
                    assert_eq!(run(budget, 1_000_000, 7), (1_000_000 / 7, Err(Spent::Fuel)));
                    budget.arm(&plan(Some(7_000), deadline), None, false);
                    assert!(run(budget, 1_000, 7).1.is_ok());
                    budget.arm(&plan(Some(6_999), deadline), None, false);
                    assert_eq!(run(budget, 1_000, 7), (999, Err(Spent::Fuel)));
                }
            }
        }
    }

    #[test]
    fn what_code_kept_of_the_last_call_is_part_of_the_next_budget() {
        let mut budget = Budget::empty();
        assert_eq!(budget.arm(&plan(Some(100_000), None), Some(15_000), false), 15_000);
        assert_eq!(budget.used(15_000), 0);
        assert_eq!(budget.used(10_000), 5_000);
        assert_eq!(budget.arm(&plan(Some(10), None), Some(15_000), false), 10);
        assert_eq!(budget.refill(10, 11), Err(Spent::Fuel));
    }

    #[test]
    fn code_that_holds_little_is_given_a_slice_before_it_begins() {
        let mut budget = Budget::empty();
        for held in [-5, 0, 9_999] {
            assert_eq!(budget.arm(&plan(Some(100_000), None), Some(held), false), FIRST_SLICE);
            assert_eq!(budget.used(FIRST_SLICE), 0);
        }
        assert_eq!(budget.arm(&plan(Some(7), None), Some(0), false), 7);
        assert_eq!(budget.arm(&plan(Some(100), None), None, false), 0);
    }

    #[test]
    fn slices_are_short_where_the_deadline_is_near() {
        let mut budget = Budget::empty();
        let mut slice = |deadline| {
            budget.arm(&plan(None, Some(deadline)), None, false);
            budget.first = false;
            budget.refill(0, 1).unwrap() - 1
        };
        assert_eq!(slice(Duration::from_secs(5)), MAX_SLICE);
        assert_eq!(slice(Duration::from_millis(100)), MAX_SLICE);
        assert_eq!(slice(Duration::from_millis(10)), 20_000);
        assert_eq!(slice(Duration::from_micros(1)), MIN_SLICE);
        assert_eq!(budget.arm(&plan(None, Some(Duration::from_millis(2))), Some(FIRST_SLICE), false), 4_000);
        assert!(budget.ends.is_none());
    }

    #[test]
    fn counter_that_never_asked_holds_nothing() {
        let mut budget = Budget::with_slices_of(10);
        assert_eq!(budget.arm(&plan(Some(100), None), None, false), 0);
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
        budget.arm(&plan(Some(100), None), None, false);
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
        budget.arm(&plan(None, Some(Duration::ZERO)), None, false);
        // The first look starts the clock, the second finds that it has run out.
        assert_eq!(budget.charge(MAX_UNSEEN.unsigned_abs()), Ok(true));
        assert_eq!(budget.charge(1), Ok(true));
        assert!(budget.ends.is_some());
        assert_eq!(budget.charge(1), Ok(true));
        assert_eq!(budget.charge(MAX_UNSEEN.unsigned_abs()), Err(Spent::Deadline));
    }

    #[test]
    fn counters_share_a_slice() {
        let mut budget = Budget::empty();
        budget.arm(&plan(None, Some(Duration::from_secs(3600))), None, false);
        assert_eq!(budget.refill_one_of(4, 0, 1), Ok(1 + FIRST_SLICE / 4));
    }

    #[test]
    fn long_call_begins_with_its_clock_and_a_long_slice() {
        let mut budget = Budget::empty();
        assert_eq!(budget.arm(&plan(None, Some(Duration::from_millis(100))), Some(3), true), MAX_SLICE);
        assert!(budget.ends.is_some());
        assert_eq!(budget.arm(&plan(None, Some(Duration::from_millis(10))), Some(3), true), 20_000);
        assert_eq!(budget.arm(&plan(Some(7), Some(Duration::from_millis(10))), Some(3), true), 7);
        assert_eq!(budget.arm(&plan(None, None), None, true), 0);
    }

    #[test]
    fn call_keeps_little_of_what_another_one_was_given() {
        let mut budget = Budget::empty();
        assert_eq!(budget.arm(&plan(None, Some(Duration::from_secs(1))), Some(MAX_SLICE), false), 2 * FIRST_SLICE);
    }

    #[test]
    fn clock_starts_when_the_first_slice_is_spent_and_ends_the_call() {
        let mut budget = Budget::empty();
        budget.arm(&plan(None, Some(Duration::ZERO)), None, false);
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
        budget.arm(&plan(None, None), None, false);
        let (steps, held) = run(&mut budget, 100_000, 1 << 40);
        assert_eq!(steps, 100_000);
        assert_eq!(budget.used(held.unwrap()), 100_000 << 40);
        assert_eq!(budget.refill(0, i64::MAX), Err(Spent::Fuel));
        assert_eq!(budget.used(0), i64::MAX as u64);
    }
}
