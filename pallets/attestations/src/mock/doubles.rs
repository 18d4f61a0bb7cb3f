//! Doubles of what is around this pallet: jobs as far as it moves them, programs, time, randomness.

use super::{AccountId, Attestations};
use codec::{Decode, Encode};
use frame_support::{
	ensure, parameter_types,
	traits::{Contains, Get},
};
use mutirao_machine_core::{Outline, Program};
use mutirao_traits::{Clock, Code, Contest, Jobs, Standing};
use mutirao_types::{
	ActiveBlock, ActiveBlocks, Deal, FaultKind, Job, JobId, JobState, ProgramId, RefundReason,
	SlashReport, Verdict,
};
use sp_runtime::{DispatchError, DispatchResult};
use std::collections::BTreeMap;

/// What the pallet told jobs.
#[derive(Clone, Debug, Eq, PartialEq, Encode, Decode)]
pub(crate) enum Told {
	Attested(JobId, ActiveBlocks),
	Postponed(JobId, ActiveBlocks),
	Audited(JobId),
	Extended(JobId, ActiveBlocks),
	Refunded(JobId, RefundReason, Option<AccountId>),
	Faulted(JobId, FaultKind),
}

/// What every slash reports.
pub(crate) const REPORT: SlashReport<u64> =
	SlashReport { burned: 31, to_buyer: 17, to_challenger: 13, shortfall: 7 };

// In storage: it goes back when a call fails.
parameter_types! {
	pub(crate) storage Live: BTreeMap<JobId, Job<AccountId, u64>> = BTreeMap::new();
	pub(crate) storage Log: Vec<Told> = Vec::new();
	pub(crate) storage Codes: BTreeMap<ProgramId, Vec<u8>> = BTreeMap::new();
	/// Active blocks.
	pub(crate) storage Active: ActiveBlock = 0;
	/// Other salt, other randomness.
	pub(crate) storage Salt: u64 = 0;
	/// Whether authors give no randomness.
	pub(crate) storage Silent: bool = false;
}

pub struct TestJobs;

impl TestJobs {
	fn advance(id: JobId, told: Told, state: JobState<AccountId, u64>) {
		let mut all = Live::get();
		all.get_mut(&id).expect("it is live").state = state;
		Live::set(&all);
		note(told);
	}

	fn end(id: JobId) {
		let mut all = Live::get();
		all.remove(&id);
		Live::set(&all);
		Attestations::closed(id);
	}

	fn state(id: JobId) -> Result<JobState<AccountId, u64>, DispatchError> {
		Ok(Self::job(id).ok_or("no job")?.state)
	}

	/// What a passed deadline leads to.
	pub(crate) fn settle(id: JobId) -> Result<Verdict, DispatchError> {
		let state = Self::state(id)?;
		ensure!(Active::get() > state.until(), "not due");
		let verdict = match state {
			JobState::Open { .. } => Verdict::Refunded(RefundReason::Expired),
			JobState::Running { .. } => Verdict::Refunded(RefundReason::Late),
			JobState::Attested { .. } => Verdict::Refunded(RefundReason::OpeningMissed),
			JobState::Contestable { .. } => match Attestations::standing(id) {
				Standing::Clear => Verdict::Settled,
				Standing::Pending => return Err("pending".into()),
				Standing::Lost(reason) => Verdict::Refunded(reason),
				Standing::Faulted(fault) => Verdict::Faulted(fault),
			},
		};
		Self::end(id);
		Ok(verdict)
	}
}

fn note(told: Told) {
	let mut all = Log::get();
	all.push(told);
	Log::set(&all);
}

impl Jobs<AccountId, u64> for TestJobs {
	fn job(id: JobId) -> Option<Job<AccountId, u64>> {
		Live::get().remove(&id)
	}

	fn attested(id: JobId, provider: &AccountId, within: ActiveBlocks) -> DispatchResult {
		let JobState::Running { deal, until } = Self::state(id)? else {
			return Err("not running".into());
		};
		ensure!(deal.provider == *provider, "not provider");
		ensure!(Active::get() <= until, "too late");
		let until = Active::get() + within;
		Self::advance(id, Told::Attested(id, within), JobState::Attested { deal, until });
		Ok(())
	}

	fn postponed(id: JobId, within: ActiveBlocks) -> DispatchResult {
		let JobState::Attested { deal, .. } = Self::state(id)? else {
			return Err("not attested".into());
		};
		let until = Active::get() + within;
		Self::advance(id, Told::Postponed(id, within), JobState::Attested { deal, until });
		Ok(())
	}

	fn audited(id: JobId) -> DispatchResult {
		let job = Self::job(id).ok_or("no job")?;
		let JobState::Attested { deal, until } = job.state else {
			return Err("not attested".into());
		};
		ensure!(Active::get() <= until, "too late");
		let until = Active::get() + job.request.times.contest_for;
		Self::advance(id, Told::Audited(id), JobState::Contestable { deal, until });
		Ok(())
	}

	fn extended(id: JobId, at_least: ActiveBlocks) -> DispatchResult {
		let JobState::Contestable { deal, until } = Self::state(id)? else {
			return Err("not contestable".into());
		};
		let until = until.max(Active::get() + at_least);
		Self::advance(id, Told::Extended(id, at_least), JobState::Contestable { deal, until });
		Ok(())
	}

	fn refunded(
		id: JobId,
		reason: RefundReason,
		challenger: Option<&AccountId>,
	) -> Result<SlashReport<u64>, DispatchError> {
		ensure!(Self::state(id)?.deal().is_some(), "not accepted");
		Self::end(id);
		note(Told::Refunded(id, reason, challenger.copied()));
		Ok(REPORT)
	}

	fn faulted(id: JobId, fault: FaultKind) -> DispatchResult {
		let state = Self::state(id)?;
		let is_before = matches!(state, JobState::Running { .. } | JobState::Attested { .. });
		ensure!(is_before, "not before the audit");
		Self::end(id);
		note(Told::Faulted(id, fault));
		Ok(())
	}
}

/// Puts a job in place, as if somebody had posted it.
pub(crate) fn put(id: JobId, job: Job<AccountId, u64>) {
	let mut all = Live::get();
	all.insert(id, job);
	Live::set(&all);
}

/// Stores a program.
pub(crate) fn register(code: Vec<u8>) -> ProgramId {
	let id = blake3::hash(&code).into();
	let mut all = Codes::get();
	all.insert(id, code);
	Codes::set(&all);
	id
}

pub(crate) fn deal(provider: AccountId) -> Deal<AccountId, u64> {
	Deal { provider, offer: 7, price: 500_009, collateral: 1_000_018 }
}

pub struct TestPrograms;

impl Code for TestPrograms {
	fn code(program: &ProgramId) -> Option<Vec<u8>> {
		Codes::get().remove(program)
	}

	fn outline(program: &ProgramId) -> Option<Vec<u8>> {
		let code = Self::code(program)?;
		Some(Outline::of(&Program::decode(&code).expect("programs are valid")).encode())
	}
}

pub struct TestClock;

impl Clock for TestClock {
	fn now() -> ActiveBlock {
		Active::get()
	}
}

pub struct TestKeys;

impl Contains<(AccountId, AccountId)> for TestKeys {
	fn contains(pair: &(AccountId, AccountId)) -> bool {
		*pair == (super::PIA, super::PIAS_KEY)
	}
}

pub struct TestVrf;

impl Get<Option<[u8; 32]>> for TestVrf {
	fn get() -> Option<[u8; 32]> {
		let last = super::System::block_number().saturating_sub(1);
		(!Silent::get()).then(|| vrf(Salt::get(), last))
	}
}

/// The VRF output of a block.
pub(crate) fn vrf(salt: u64, block: u64) -> [u8; 32] {
	blake3::hash(&(salt, block).encode()).into()
}

#[cfg(feature = "runtime-benchmarks")]
pub struct TestHelper;

#[cfg(feature = "runtime-benchmarks")]
impl crate::BenchmarkHelper<AccountId> for TestHelper {
	fn fund(who: &AccountId) {
		use frame_support::traits::fungible::Mutate;
		super::Balances::mint_into(who, super::MONEY).expect("there is room for more money");
	}

	fn give_vrf_output() {
		Silent::set(&false);
	}

	fn register(code: Vec<u8>) {
		register(code);
	}

	fn worker_key(_: &AccountId) -> AccountId {
		super::PIAS_KEY
	}

	fn running_job(
		program: ProgramId,
		parameters: Vec<u32>,
		inputs: Vec<mutirao_types::BufferId>,
	) -> (JobId, AccountId) {
		let id = 10;
		put(id, super::job(program, parameters, inputs, 16, super::PIA));
		(id, super::PIA)
	}
}
