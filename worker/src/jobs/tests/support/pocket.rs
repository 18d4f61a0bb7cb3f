//! The hot key's money, as a test says.

use std::sync::{Mutex, PoisonError};

use futures::future::BoxFuture;
use mutirao_client::{AccountId, Balance, Error};

use crate::funds::{Money, Purse};

/// What the account must keep.
pub(crate) const DEPOSIT: Balance = 10;

/// An account that pays what a test says; at first, everything.
pub(crate) struct Pocket(Mutex<Balance>);

impl Default for Pocket {
	fn default() -> Self {
		Self(Mutex::new(Balance::MAX))
	}
}

impl Pocket {
	/// It has so much from now on, in planck.
	pub(crate) fn set(&self, free: Balance) {
		*self.0.lock().unwrap_or_else(PoisonError::into_inner) = free;
	}
}

impl Purse for Pocket {
	fn account(&self) -> AccountId {
		AccountId::from([8; 32])
	}

	fn money(&self) -> BoxFuture<'_, Result<Money, Error>> {
		let free = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
		Box::pin(async move { Ok(Money { free, deposit: DEPOSIT }) })
	}
}
