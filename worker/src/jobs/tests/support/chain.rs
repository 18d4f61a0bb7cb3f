//! The fake chain behind a line that breaks: reads fail; calls are lost before or after they took effect,
//! or take effect when nobody expects it any more.

mod reads;

use std::sync::{Arc, Mutex};

use futures::FutureExt;
use mutirao_client::{
	fake::FakeAccount,
	pallets::{AttestationsCall, JobsCall},
	AccountId, Balance, BlockNumber, Blocks, Call, Error, Included, Submit,
};
use mutirao_types::{JobId, ProgramId};

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
	/// Reads of jobs that are under way, and the most that were at a time.
	reading: usize,
	most_at_once: usize,
	/// What each call costs.
	fee: Balance,
	/// The next call of a kind fails so.
	refusal: Option<(fn(&Call) -> bool, Error)>,
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

	/// The most reads of jobs that were under way at a time.
	pub(crate) fn most_at_once(&self) -> usize {
		self.line.lock().unwrap().most_at_once
	}

	/// Counts them anew from now on.
	pub(crate) fn forget_most_at_once(&self) {
		self.line.lock().unwrap().most_at_once = 0;
	}

	/// The next call of this kind fails with this error. It changes nothing.
	pub(crate) fn refuse_once(&self, is_such: fn(&Call) -> bool, error: Error) {
		self.line.lock().unwrap().refusal = Some((is_such, error));
	}

	/// Each call costs so much from now on, in planck.
	pub(crate) fn charge(&self, fee: Balance) {
		self.line.lock().unwrap().fee = fee;
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
		let refusal = self.line.lock().unwrap().refusal.take_if(|(is_such, _)| is_such(&call));
		let mut outcome = match refusal {
			Some((_, error)) => Err(error),
			None => self.account.submit(call).await,
		};
		let mut line = self.line.lock().unwrap();
		if let Ok(included) = &mut outcome {
			included.fee = line.fee;
		}
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
