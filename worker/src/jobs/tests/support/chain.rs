//! The fake chain behind a line that breaks: reads fail; calls are lost before or after they took effect,
//! or take effect when nobody expects it any more.

use std::sync::{Arc, Mutex};

use futures::FutureExt;
use mutirao_client::{
	fake::FakeAccount,
	pallets::{
		AttestationsCall, AttestationsExt, BenchmarksExt, JobsCall, JobsExt, ProgramRecord,
		ProgramsExt, ProvidersExt,
	},
	AccountId, Balance, Block, BlockNumber, Blocks, Call, Error, Included, Submit,
};
use mutirao_types::{
	benchmark::{Claim, Measurement, Window},
	program::Parameters,
	ActiveBlock, Attestation, Benchmark, Demand, FinishedJob, Job, JobBuffer, JobId, JobRequest,
	JobStateKind, Offer, OfferId, Permill, ProgramId, Provider, Quote, Sample, Score,
};

use super::super::super::What;

/// A call that reached the chain, and what became of it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Seen {
	pub(crate) job: JobId,
	pub(crate) what: What,
	/// The pallet's error, if it failed.
	pub(crate) error: Option<String>,
}

#[derive(Default)]
struct Line {
	random: Option<fastrand::Rng>,
	/// Chances in 1,000.
	reads: u32,
	lost_before: u32,
	lost_after: u32,
	/// Calls that wait in a pool that nobody hears of, and the block from which they take effect.
	pool: Vec<(BlockNumber, Call)>,
	seen: Vec<Seen>,
	/// How often somebody asked for a job.
	asked_for_jobs: usize,
	/// A program whose code never comes.
	stuck: Option<ProgramId>,
}

/// Blocks that a call may wait in the pool: less than its life.
const LONGEST_IN_POOL: BlockNumber = 10;

impl Line {
	fn note(&mut self, about: Option<(JobId, What)>, error: Option<&Error>) {
		if let Some((job, what)) = about {
			self.seen.push(Seen { job, what, error: error.map(ToString::to_string) });
		}
	}

	fn happens(&mut self, chance: impl Fn(&Self) -> u32) -> bool {
		let chance = chance(self);
		self.random.as_mut().is_some_and(|random| random.u32(0..1_000) < chance)
	}
}

/// The provider's account behind such a line. Clones share it.
#[derive(Clone)]
pub(crate) struct Flaky {
	account: FakeAccount,
	line: Arc<Mutex<Line>>,
}

impl Flaky {
	/// A line that never breaks.
	pub(crate) fn new(account: FakeAccount) -> Self {
		Self { account, line: Arc::default() }
	}

	/// Breaks it from now on, by this seed, with these chances in 1,000.
	pub(crate) fn break_by(&self, seed: u64, reads: u32, lost_before: u32, lost_after: u32) {
		let mut line = self.line.lock().unwrap();
		line.random = Some(fastrand::Rng::with_seed(seed));
		(line.reads, line.lost_before, line.lost_after) = (reads, lost_before, lost_after);
	}

	/// The calls about jobs that reached the chain.
	pub(crate) fn seen(&self) -> Vec<Seen> {
		self.line.lock().unwrap().seen.clone()
	}

	/// How often somebody asked for a job.
	pub(crate) fn asked_for_jobs(&self) -> usize {
		self.line.lock().unwrap().asked_for_jobs
	}

	/// The code of this program never comes from now on.
	pub(crate) fn hang_at(&self, program: ProgramId) {
		self.line.lock().unwrap().stuck = Some(program);
	}

	/// How often such a call reached it.
	pub(crate) fn count(&self, job: JobId, what: What) -> usize {
		self.seen().iter().filter(|seen| (seen.job, seen.what) == (job, what)).count()
	}

	fn reads(&self) -> Result<&FakeAccount, Error> {
		self.empty_pool();
		match self.line.lock().unwrap().happens(|line| line.reads) {
			true => Err(Error::Timeout { what: "a test", after: Default::default() }),
			false => Ok(&self.account),
		}
	}
}

impl Submit for Flaky {
	fn account(&self) -> AccountId {
		self.account.account()
	}

	async fn submit(&self, call: Call) -> Result<Included, Error> {
		let about = what_of(&call);
		let lost = self.line.lock().unwrap().happens(|line| line.lost_before);
		if lost {
			return Err(Error::Connect { url: "ws://test".into(), reason: "lost before".into() });
		}
		let number = self.account.finalized_number().await?;
		let unclear = || Err(Error::Unclear { transaction: Default::default() });
		if let Some(waits) = self.waits_in_pool() {
			self.line.lock().unwrap().pool.push((number.saturating_add(waits), call));
			return unclear();
		}
		let outcome = self.account.submit(call).await;
		let mut line = self.line.lock().unwrap();
		line.note(about, outcome.as_ref().err());
		match line.happens(|line| line.lost_after) {
			true => unclear(),
			false => outcome,
		}
	}
}

impl Flaky {
	/// For how long the next call waits in the pool, if it does.
	fn waits_in_pool(&self) -> Option<BlockNumber> {
		let mut line = self.line.lock().unwrap();
		let waits = line.happens(|line| line.lost_after);
		let random = line.random.as_mut()?;
		waits.then(|| random.u32(1..LONGEST_IN_POOL))
	}

	/// Lets calls take effect whose time in the pool is over.
	fn empty_pool(&self) {
		if self.line.lock().unwrap().pool.is_empty() {
			return;
		}
		let number = self.account.finalized_number().now_or_never();
		let number = number.expect("a fake answers at once").unwrap();
		let mut line = self.line.lock().unwrap();
		let (due, rest) =
			std::mem::take(&mut line.pool).into_iter().partition(|one| one.0 <= number);
		line.pool = rest;
		let due: Vec<(BlockNumber, Call)> = due;
		for (_, call) in due {
			let about = what_of(&call);
			let outcome = self.account.submit(call).now_or_never().expect("a fake answers at once");
			line.note(about, outcome.as_ref().err());
		}
	}
}

fn what_of(call: &Call) -> Option<(JobId, What)> {
	Some(match call {
		Call::Jobs(JobsCall::Accept { job, .. }) => (*job, What::Accept),
		Call::Jobs(JobsCall::GiveUp { job }) => (*job, What::GiveUp),
		Call::Jobs(JobsCall::Settle { job }) => (*job, What::Settle),
		Call::Attestations(AttestationsCall::Attest { job, .. }) => (*job, What::Attest),
		Call::Attestations(AttestationsCall::Redraw { job }) => (*job, What::Redraw),
		Call::Attestations(AttestationsCall::Open { job, sample, .. }) => {
			(*job, What::Open(*sample))
		}
		Call::Attestations(AttestationsCall::ProveFault { job, .. }) => (*job, What::ProveFault),
		Call::Attestations(AttestationsCall::Supply { job, buffer, opening }) => {
			(*job, What::Supply(*buffer, opening.chunks[0]))
		}
		_ => return None,
	})
}

impl Blocks for Flaky {
	async fn finalized_number(&self) -> Result<BlockNumber, Error> {
		self.reads()?.finalized_number().await
	}

	async fn block(&self, number: BlockNumber) -> Result<Block, Error> {
		self.reads()?.block(number).await
	}
}

impl ProgramsExt for Flaky {
	async fn program(&self, program: ProgramId) -> Result<Option<ProgramRecord>, Error> {
		self.reads()?.program(program).await
	}

	async fn program_code(&self, program: ProgramId) -> Result<Option<Vec<u8>>, Error> {
		let stuck = self.line.lock().unwrap().stuck;
		if stuck == Some(program) {
			std::future::pending::<()>().await;
		}
		self.reads()?.program_code(program).await
	}

	async fn quote(
		&self,
		program: ProgramId,
		parameters: Parameters,
	) -> Result<Option<Quote>, Error> {
		self.reads()?.quote(program, parameters).await
	}
}

impl ProvidersExt for Flaky {
	async fn provider(&self, provider: AccountId) -> Result<Option<Provider<Balance>>, Error> {
		self.reads()?.provider(provider).await
	}

	async fn offer(&self, offer: OfferId) -> Result<Option<Offer<AccountId, Balance>>, Error> {
		self.reads()?.offer(offer).await
	}

	async fn offers_of(&self, provider: AccountId) -> Result<Vec<OfferId>, Error> {
		self.reads()?.offers_of(provider).await
	}

	async fn reputation(&self, provider: AccountId) -> Result<Option<Permill>, Error> {
		self.reads()?.reputation(provider).await
	}
}

impl JobsExt for Flaky {
	async fn now(&self) -> Result<ActiveBlock, Error> {
		self.reads()?.now().await
	}

	async fn job(&self, job: JobId) -> Result<Option<Job<AccountId, Balance>>, Error> {
		self.line.lock().unwrap().asked_for_jobs += 1;
		self.reads()?.job(job).await
	}

	async fn finished_job(
		&self,
		job: JobId,
	) -> Result<Option<FinishedJob<AccountId, Balance>>, Error> {
		self.reads()?.finished_job(job).await
	}

	async fn jobs_at(&self, stage: JobStateKind) -> Result<Vec<JobId>, Error> {
		self.reads()?.jobs_at(stage).await
	}

	async fn jobs_of_buyer(&self, buyer: AccountId) -> Result<Vec<JobId>, Error> {
		self.reads()?.jobs_of_buyer(buyer).await
	}

	async fn jobs_of_provider(&self, provider: AccountId) -> Result<Vec<JobId>, Error> {
		self.reads()?.jobs_of_provider(provider).await
	}

	async fn audit_fee(&self, request: JobRequest<Balance>) -> Result<Option<Balance>, Error> {
		self.reads()?.audit_fee(request).await
	}
}

impl AttestationsExt for Flaky {
	async fn attestation(&self, job: JobId) -> Result<Option<Attestation<BlockNumber>>, Error> {
		self.reads()?.attestation(job).await
	}

	async fn samples(&self, job: JobId) -> Result<Option<Vec<Sample>>, Error> {
		self.reads()?.samples(job).await
	}

	async fn pending_demand(
		&self,
		job: JobId,
		buffer: JobBuffer,
		chunk: u32,
	) -> Result<Option<Demand<AccountId, Balance>>, Error> {
		self.reads()?.pending_demand(job, buffer, chunk).await
	}
}

impl BenchmarksExt for Flaky {
	async fn benchmark(&self) -> Result<Option<Benchmark>, Error> {
		self.reads()?.benchmark().await
	}

	async fn benchmark_window(&self) -> Result<Option<Window<BlockNumber>>, Error> {
		self.reads()?.benchmark_window().await
	}

	async fn benchmark_parameters(
		&self,
		offer: OfferId,
		size: u32,
	) -> Result<Option<Parameters>, Error> {
		self.reads()?.benchmark_parameters(offer, size).await
	}

	async fn claim_of(
		&self,
		offer: OfferId,
	) -> Result<Option<Claim<AccountId, BlockNumber>>, Error> {
		self.reads()?.claim_of(offer).await
	}

	async fn claim_samples(&self, offer: OfferId) -> Result<Option<Vec<Sample>>, Error> {
		self.reads()?.claim_samples(offer).await
	}

	async fn claim_fee(&self, size: u32) -> Result<Option<Balance>, Error> {
		self.reads()?.claim_fee(size).await
	}

	async fn measurements(&self, offer: OfferId) -> Result<Vec<Measurement>, Error> {
		self.reads()?.measurements(offer).await
	}

	async fn score(&self, offer: OfferId) -> Result<Option<Score>, Error> {
		self.reads()?.score(offer).await
	}
}
