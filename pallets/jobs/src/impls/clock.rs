//! Time as deadlines count it: it stands still when the chain does.

use crate::{ActiveBlocksPassed, Config, Pallet};
use core::marker::PhantomData;
use mutirao_traits::{Clock, Standstill};
use mutirao_types::ActiveBlock;

impl<T: Config> Pallet<T> {
	/// One more active block, unless time stands still.
	pub(crate) fn tick() {
		if !T::Standstill::stands_still() {
			ActiveBlocksPassed::<T>::mutate(|passed| *passed = passed.saturating_add(1));
		}
	}
}

/// This pallet's clock, for others.
pub struct ActiveClock<T>(PhantomData<T>);

impl<T: Config> Clock for ActiveClock<T> {
	fn now() -> ActiveBlock {
		Pallet::<T>::now()
	}
}
