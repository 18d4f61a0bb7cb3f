//! Providers: accounts with stake that offer devices.

use crate::{wire, ActiveBlock, Reputation};
use bounded_collections::{BoundedVec, ConstU32};

/// Where a provider's data plane answers: a URL of at most 128 bytes.
pub type Endpoint = BoundedVec<u8, ConstU32<128>>;

wire! {
	/// Whether a provider takes jobs.
	#[derive(Copy)]
	pub enum ProviderState {
		/// It may.
		#[codec(index = 0)]
		Active,
		/// It is leaving: no new jobs; its stake is free at `free_at`, once no job is open.
		#[codec(index = 1)]
		Leaving {
			/// The first moment at which stake can be withdrawn.
			free_at: ActiveBlock,
		},
	}
}

wire! {
	/// A provider as it stands.
	pub struct Provider<Balance> {
		/// Money on hold that its lies are paid from.
		pub stake: Balance,
		/// The part of it that answers for running jobs; at most `stake`.
		pub earmarked: Balance,
		/// Jobs it has accepted that have not ended.
		pub open_jobs: u32,
		/// Its offers.
		pub offers: u32,
		/// Where buyers fetch and send bytes.
		pub endpoint: Endpoint,
		/// Whether it takes jobs.
		pub state: ProviderState,
		/// Obligations kept and broken.
		pub reputation: Reputation,
	}
}
