//! Lists: what is asked for, and the page that is given.

use crate::answer;
use alloc::vec::Vec;
use mutirao_types::{JobStateKind, Requirements};

/// Items of one page, at most.
pub const MAX_PAGE: u32 = 100;

/// Entries of storage that are looked at for one page, at most.
pub const MAX_SCANNED: u32 = 1_000;

answer! {
	/// Which page.
	pub struct PageRequest<Id> {
		/// The last id that was seen: [`Page::next`] of the page before. `None`: the first page. It
		/// need not exist any more.
		pub after: Option<Id>,
		/// Items wanted. At least 1 and at most [`MAX_PAGE`] are given, whatever this says.
		pub limit: u32,
	}
}

answer! {
	/// A page. It may have fewer items than were wanted, or none, and yet not be the last one.
	pub struct Page<Id, Item> {
		/// The items.
		pub items: Vec<Item>,
		/// Where the next page begins: the last id that was looked at. `None`: there are no more.
		pub next: Option<Id>,
	}
}

answer! {
	/// Which offers.
	pub struct OfferFilter<AccountId, Balance> {
		/// Only this provider's.
		pub provider: Option<AccountId>,
		/// Only those that would meet a job's requirements, as they are checked when it is accepted.
		pub requirements: Requirements,
		/// Only those that ask at most so many planck for 10⁹ steps.
		pub max_price_per_gigastep: Option<Balance>,
		/// Only those that take jobs now.
		pub available: bool,
	}
}

answer! {
	/// Which jobs. Finished ones stay listed until they are pruned.
	pub enum JobsOf<AccountId> {
		/// Those that an account posted.
		#[codec(index = 0)]
		Buyer(AccountId),
		/// Those that an account accepted.
		#[codec(index = 1)]
		Provider(AccountId),
		/// Those in a stage.
		#[codec(index = 2)]
		State(JobStateKind),
	}
}
