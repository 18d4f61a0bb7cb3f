//! What may be lost.

use std::sync::{Mutex, MutexGuard, PoisonError};

use mutirao_client::Balance;

/// How much challenges that failed may cost, all together. A challenge sets aside what it may cost before
/// it is made, so that several at once do not spend more.
#[derive(Debug)]
pub struct Budget {
	most: Balance,
	sums: Mutex<Sums>,
}

#[derive(Debug, Default)]
struct Sums {
	spent: Balance,
	reserved: Balance,
}

/// A part that is set aside for one challenge. It is free again when this is dropped.
#[derive(Debug)]
pub struct Reservation<'a> {
	budget: &'a Budget,
	fee: Balance,
}

impl Budget {
	/// A budget of so many planck.
	pub fn of(most: Balance) -> Self {
		Self { most, sums: Mutex::default() }
	}

	/// Sets aside what a challenge may cost; `None` if so much is not left.
	pub fn reserve(&self, fee: Balance) -> Option<Reservation<'_>> {
		let mut sums = self.sums();
		let left = self.most.checked_sub(sums.spent)?.checked_sub(sums.reserved)?;
		left.checked_sub(fee)?;
		sums.reserved = sums.reserved.saturating_add(fee);
		Some(Reservation { budget: self, fee })
	}

	/// What was spent, in planck.
	pub fn spent(&self) -> Balance {
		self.sums().spent
	}

	fn sums(&self) -> MutexGuard<'_, Sums> {
		self.sums.lock().unwrap_or_else(PoisonError::into_inner)
	}
}

impl Reservation<'_> {
	/// What is set aside, in planck.
	pub fn fee(&self) -> Balance {
		self.fee
	}

	/// Notes what the challenge cost: it failed.
	pub fn spend(self, fee: Balance) {
		let mut sums = self.budget.sums();
		sums.spent = sums.spent.saturating_add(fee);
	}
}

impl Drop for Reservation<'_> {
	fn drop(&mut self) {
		let mut sums = self.budget.sums();
		sums.reserved = sums.reserved.saturating_sub(self.fee);
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn what_is_set_aside_is_not_set_aside_twice() {
		let budget = Budget::of(10);
		let first = budget.reserve(6).unwrap();
		assert!(budget.reserve(6).is_none());
		let second = budget.reserve(4).unwrap();
		assert_eq!((first.fee(), second.fee()), (6, 4));
		assert!(budget.reserve(1).is_none());
		// It was upheld: it cost nothing.
		drop(first);
		assert_eq!(budget.spent(), 0);
		assert!(budget.reserve(6).is_some());
	}

	#[test]
	fn what_challenges_that_failed_cost_is_gone() {
		let budget = Budget::of(10);
		budget.reserve(6).unwrap().spend(7);
		assert_eq!(budget.spent(), 7);
		assert!(budget.reserve(4).is_none());
		budget.reserve(3).unwrap().spend(Balance::MAX);
		assert_eq!(budget.spent(), Balance::MAX);
		assert!(budget.reserve(0).is_none() && Budget::of(0).reserve(1).is_none());
	}
}
