//! What the node asks the runtime about the market: the runtime API behind the `market_*` methods
//! (docs/rpc.md).
//!
//! Nobody pays for these calls, so each of them is bounded. A list gives at most [`MAX_PAGE`] items,
//! and looks at no more than [`MAX_SCANNED`] entries to find them: a filter that lets nothing through
//! costs no more than one that lets all through. [`Page::next`] says where to go on.

#![cfg_attr(not(feature = "std"), no_std)]
// The macro expands to items that carry no docs of their own.
#![allow(missing_docs)]

extern crate alloc;

mod benchmark;
mod estimate;
mod list;
mod record;

pub use benchmark::{BenchmarkInfo, ClaimInfo, MeasurementsInfo, WindowInfo, WindowStage};
pub use estimate::{Among, Estimate, EstimateError, EstimateRequest, PricedOffer};
pub use list::{JobsOf, OfferFilter, Page, PageRequest, MAX_PAGE, MAX_SCANNED};
pub use record::{
	AttestationInfo, BufferInfo, BufferRole, DemandInfo, JobInfo, JobRecord, OfferInfo,
	ParameterInfo, ProgramDetails, ProgramInfo, ProviderInfo, Totals,
};

use codec::Codec;
use mutirao_types::{JobId, OfferId, ProgramId};

/// Derives what travels between node and runtime.
macro_rules! answer {
	($($item:tt)*) => {
		#[derive(Clone, Debug, Eq, PartialEq, codec::Encode, codec::Decode, scale_info::TypeInfo)]
		$($item)*
	};
}
pub(crate) use answer;

sp_api::decl_runtime_apis! {
	/// Reads the market as it stands at a block.
	#[api_version(1)]
	pub trait MarketApi<AccountId, Balance, BlockNumber>
	where
		AccountId: Codec,
		Balance: Codec,
		BlockNumber: Codec,
	{
		/// Offers that a filter lets through, in the order of their storage keys.
		fn offers(
			filter: OfferFilter<AccountId, Balance>,
			page: PageRequest<OfferId>,
		) -> Page<OfferId, OfferInfo<AccountId, Balance>>;

		/// An offer.
		fn offer(offer: OfferId) -> Option<OfferInfo<AccountId, Balance>>;

		/// A provider.
		fn provider(provider: AccountId) -> Option<ProviderInfo<AccountId, Balance>>;

		/// A job that was not pruned.
		fn job(job: JobId) -> Option<JobInfo<AccountId, Balance>>;

		/// Jobs of somebody or in a stage, in the order of their storage keys.
		fn jobs(
			of: JobsOf<AccountId>,
			page: PageRequest<JobId>,
		) -> Page<JobId, JobInfo<AccountId, Balance>>;

		/// Registered programs, in the order of their storage keys.
		fn programs(page: PageRequest<ProgramId>) -> Page<ProgramId, ProgramInfo<AccountId>>;

		/// A registered program, with what a job gives it and gets from it.
		fn program(program: ProgramId) -> Option<ProgramDetails<AccountId>>;

		/// Sums over all jobs that ever were, and the moment.
		fn totals() -> Totals;

		/// What a job would cost.
		fn estimate(
			request: EstimateRequest<AccountId, Balance>,
		) -> Result<Estimate<Balance>, EstimateError>;

		/// What was attested for a job that has not ended, what is drawn, due and demanded.
		fn attestation(job: JobId) -> Option<AttestationInfo<AccountId, Balance, BlockNumber>>;

		/// How devices are measured, and the present benchmark window.
		fn benchmark() -> BenchmarkInfo<BlockNumber>;

		/// What was measured of an offer, and what it has to prove. `None`: there is no such offer.
		fn measurements(offer: OfferId) -> Option<MeasurementsInfo<AccountId, BlockNumber>>;
	}
}
