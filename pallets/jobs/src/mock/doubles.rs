//! Doubles of the pallets around this one: they answer what a test sets, and note what they were
//! told.

use super::AccountId;
use frame_support::{parameter_types, weights::Weight};
use mutirao_traits::{Conduct, Contest, Programs, Providers, Standing, Standstill};
use mutirao_types::{Deal, JobId, OfferId, ProgramId, Quote, Requirements, SlashReport, Steps};
use sp_runtime::{DispatchError, DispatchResult};

/// Provider, offer, requirements, steps, price cap and least collateral.
type Engagement = (AccountId, OfferId, Requirements, Steps, u64, u64);
/// Provider, penalty, buyer and challenger.
type Slash = (AccountId, u64, AccountId, Option<AccountId>);

pub(crate) const PRICE: u64 = 500_009;
pub(crate) const COLLATERAL: u64 = 1_000_019;
/// What every slash reports.
pub(crate) const REPORT: SlashReport<u64> =
	SlashReport { burned: 31, to_buyer: 17, to_challenger: 13, shortfall: 7 };

parameter_types! {
	/// What the program asks for, or why it has no price.
	pub(crate) static Asked: Result<Quote, DispatchError> = Ok(quote());
	/// How many jobs use the program. In storage: it goes back when a call fails.
	pub(crate) storage Uses: u32 = 0;
	/// The offer's price and collateral, or why it does not take the job.
	pub(crate) static Terms: Result<(u64, u64), DispatchError> = Ok((PRICE, COLLATERAL));
	pub(crate) static Engagements: Vec<Engagement> = Vec::new();
	pub(crate) static Releases: Vec<(Deal<AccountId, u64>, Conduct)> = Vec::new();
	pub(crate) static Slashes: Vec<Slash> = Vec::new();
	/// Where each job's contest stands.
	pub(crate) static Stands: Standing = Standing::Clear;
	/// How many drawn workgroups of each job were opened.
	pub(crate) static Opened: u8 = 0;
	pub(crate) static Closed: Vec<JobId> = Vec::new();
	pub(crate) static StandsStill: bool = false;
}

/// Buffers that the program's passes write.
pub(crate) const WRITTEN: u32 = 3;

/// Two inputs; 1,003 steps for the largest workgroup.
pub(crate) fn quote() -> Quote {
	Quote {
		declared_steps: 77_777,
		workgroup_steps: 1_003,
		input_bytes: vec![100, 3].try_into().expect("two are few"),
		output_bytes: vec![5].try_into().expect("one is less"),
		total_bytes: 108,
		written_buffers: WRITTEN,
	}
}

/// Forgets what an earlier test of this thread has set.
pub(crate) fn reset() {
	Asked::reset();
	Terms::reset();
	Engagements::reset();
	Releases::reset();
	Slashes::reset();
	Stands::reset();
	Opened::reset();
	Closed::reset();
	StandsStill::reset();
}

pub struct TestPrograms;

impl Programs for TestPrograms {
	fn quote(_: &ProgramId, _: &[u32]) -> Result<Quote, DispatchError> {
		Asked::get()
	}

	fn acquire(_: &ProgramId) -> DispatchResult {
		Uses::set(&(Uses::get() + 1));
		Ok(())
	}

	fn release(_: &ProgramId) {
		Uses::set(&(Uses::get() - 1));
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn benchmark_program() -> (ProgramId, mutirao_types::program::Parameters) {
		Default::default()
	}
}

pub struct TestProviders;

impl Providers<AccountId, u64> for TestProviders {
	fn engage(
		provider: &AccountId,
		offer: OfferId,
		requirements: &Requirements,
		steps: Steps,
		price_cap: u64,
		least_collateral: u64,
	) -> Result<Deal<AccountId, u64>, DispatchError> {
		let (price, collateral) = Terms::get()?;
		let requirements = requirements.clone();
		Engagements::mutate(|all| {
			all.push((*provider, offer, requirements, steps, price_cap, least_collateral));
		});
		Ok(Deal { provider: *provider, offer, price, collateral })
	}

	fn release(deal: &Deal<AccountId, u64>, conduct: Conduct) {
		Releases::mutate(|all| all.push((deal.clone(), conduct)));
	}

	fn slash(
		provider: &AccountId,
		penalty: u64,
		buyer: &AccountId,
		challenger: Option<&AccountId>,
	) -> SlashReport<u64> {
		Slashes::mutate(|all| all.push((*provider, penalty, *buyer, challenger.copied())));
		REPORT
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn benchmark_offer(_: &AccountId) -> OfferId {
		0
	}
}

pub struct TestContest;

/// What a contest takes that somebody lost by not answering.
pub(crate) const CONTEST_WEIGHT: Weight = Weight::from_parts(7, 0);

impl Contest for TestContest {
	fn standing(_: JobId) -> Standing {
		Stands::get()
	}

	fn opened(_: JobId) -> u8 {
		Opened::get()
	}

	fn closed(job: JobId) {
		Closed::mutate(|all| all.push(job));
	}

	fn weight() -> Weight {
		CONTEST_WEIGHT
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn benchmark_opened(_: JobId) {
		Opened::set(1);
	}
}

pub struct TestStandstill;

impl Standstill for TestStandstill {
	fn stands_still() -> bool {
		StandsStill::get()
	}
}
