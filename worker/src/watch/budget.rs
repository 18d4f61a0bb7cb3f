//! What may be lost.

use mutirao_client::Balance;

/// How much challenges that failed may cost, all together.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Budget {
	most: Balance,
	spent: Balance,
}

impl Budget {
	/// A budget of so many planck.
	pub fn of(most: Balance) -> Self {
		Self { most, spent: 0 }
	}

	/// Whether another challenge may be made.
	pub fn allows(&self) -> bool {
		self.spent < self.most
	}

	/// Notes what a challenge cost.
	pub fn spend(&mut self, fee: Balance) {
		self.spent = self.spent.saturating_add(fee);
	}

	/// What was spent, in planck.
	pub fn spent(&self) -> Balance {
		self.spent
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn a_budget_ends() {
		let mut budget = Budget::of(10);
		budget.spend(9);
		assert!(budget.allows());
		budget.spend(1);
		assert!(!budget.allows());
		assert!(!Budget::of(0).allows());
		budget.spend(Balance::MAX);
		assert_eq!(budget.spent(), Balance::MAX);
	}
}
