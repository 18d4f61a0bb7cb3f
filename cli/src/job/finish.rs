//! From an accepted job to its end: follow it, fetch what was attested, check it, contest a lie.

use std::time::{Duration, Instant};

use mutirao_client::{
	money,
	types::{Job, JobState, JobStateKind, Workgroup},
	AccountId, Balance, Chain,
};
use mutirao_data::store::Store;
use tokio::{
	task::JoinSet,
	time::{sleep, timeout},
};

use super::{
	buyer::Buyer,
	check::CheckArgs,
	contest::ContestArgs,
	kernel::Kernel,
	place::LOOK_EVERY,
	record::{Buffer, Record},
	track::Standing,
};
use crate::{
	exit::{chain, failed, failure_of, Failure},
	show,
};

/// How long outputs are asked for after a job has ended.
const LATE_FETCH: Duration = Duration::from_secs(60);

/// What a job is followed with.
struct Means<'a> {
	kernel: &'a Kernel,
	store: &'a Store,
	check: &'a CheckArgs,
	/// Whether lies are contested.
	challenge: bool,
}

/// How far a job was followed.
struct Progress {
	stage: Option<JobStateKind>,
	checked: bool,
	contested: bool,
	demanded: bool,
	/// What fetches the results, while it does. It stops when this is dropped.
	fetching: JoinSet<anyhow::Result<()>>,
	/// Whether fetching them failed the last time.
	unavailable: bool,
	/// When the job was first seen to have ended.
	ended: Option<Instant>,
}

impl Progress {
	/// Whether the job ended so long ago that results are asked for no more.
	fn is_over(&self) -> bool {
		self.ended.is_some_and(|ended| ended.elapsed() > LATE_FETCH)
	}
}

impl<C: Chain> Buyer<'_, C> {
	/// Goes on with a job to its end. `patience`: how long, at most.
	pub(crate) async fn finish(
		&self,
		record: &mut Record,
		kernel: &Kernel,
		check: &CheckArgs,
		contest: &ContestArgs,
		patience: Option<Duration>,
	) -> anyhow::Result<()> {
		let start = Instant::now();
		let store = self.store(record.job)?;
		let with = Means { kernel, store: &store, check, challenge: contest.challenge };
		let mut so_far = Progress {
			stage: None,
			checked: record.check.is_some(),
			contested: false,
			demanded: !record.demands.is_empty(),
			fetching: JoinSet::new(),
			unavailable: false,
			ended: None,
		};
		loop {
			let step = self.step(record, &with, &mut so_far).await;
			// What was paid stays known, whatever went wrong.
			self.records().save(record)?;
			if step? {
				return Ok(());
			}
			if patience.is_some_and(|patience| start.elapsed() > patience) {
				let message = format!(
					"job {job} has not ended yet: go on with `mutirao job watch {job}`",
					job = record.job
				);
				return Err(failed(Failure::Unfinished, message));
			}
			sleep(LOOK_EVERY).await;
		}
	}

	/// Looks once, and does what is to be done now; whether all is done.
	async fn step(
		&self,
		record: &mut Record,
		with: &Means<'_>,
		so_far: &mut Progress,
	) -> anyhow::Result<bool> {
		let standing = self.refresh(record, with.kernel).await?;
		self.tell(record, &standing, so_far);
		if !so_far.checked && !record.transcript.is_empty() {
			self.fetch_and_check(record, with, so_far).await?;
		}
		match &standing {
			Standing::Gone if record.verdict.is_none() => {
				let message = format!("job {} is not on this chain any more", record.job);
				Err(failed(Failure::NotFound, message))
			}
			Standing::Gone | Standing::Finished(_) => {
				so_far.ended.get_or_insert_with(Instant::now);
				let wanted = record.settled() && !so_far.checked;
				Ok(!wanted || so_far.is_over() && so_far.fetching.is_empty())
			}
			// It ended while we looked.
			Standing::Live(_) if record.verdict.is_some() => Ok(false),
			Standing::Live(job) => {
				if let Err(why) = self.contest(record, with, job, so_far).await {
					// The window closed, or others were faster.
					match failure_of(&why) {
						Failure::Call => self.say("refused", format!("{why:#}")),
						_ => return Err(why),
					}
				}
				self.settle_if_due(record, &job.state).await?;
				Ok(false)
			}
		}
	}

	/// Says where the job stands, when that is new.
	fn tell(&self, record: &Record, standing: &Standing, so_far: &mut Progress) {
		let stage = standing.stage();
		if stage == so_far.stage {
			return;
		}
		so_far.stage = stage;
		let Some(stage) = stage else { return };
		let text = match (stage, &record.deal) {
			(JobStateKind::Running, Some(deal)) => format!(
				"offer {} accepted, for {}; it computes",
				deal.offer,
				money::display(deal.price.parse().unwrap_or(0))
			),
			(JobStateKind::Attested, _) => {
				"the provider committed to its results; the chain draws workgroups".into()
			}
			(JobStateKind::Contestable, _) => {
				let passed = record.audits.iter().filter(|audit| audit.passed).count();
				format!(
					"{passed} of {} audits passed; the result can be contested",
					record.audits.len()
				)
			}
			(JobStateKind::Finished, _) => record.verdict.clone().unwrap_or_default(),
			(stage, _) => show::stage(stage).into(),
		};
		self.say(show::stage(stage), text);
	}

	/// Goes on fetching what the provider committed to; when all of it is here, checks it.
	async fn fetch_and_check(
		&self,
		record: &mut Record,
		with: &Means<'_>,
		so_far: &mut Progress,
	) -> anyhow::Result<()> {
		if so_far.fetching.is_empty() && !so_far.is_over() {
			match self.fetching(record, with.store).await {
				Ok(fetching) => drop(so_far.fetching.spawn(fetching)),
				Err(why) => self.cannot_fetch(&why, so_far),
			}
		}
		let fetched = match timeout(LOOK_EVERY, so_far.fetching.join_next()).await {
			Ok(Some(fetched)) => fetched?,
			// Not yet, or nothing is fetched.
			_ => return Ok(()),
		};
		if let Err(why) = fetched {
			self.cannot_fetch(&why, so_far);
			return Ok(());
		}
		so_far.unavailable = false;
		let checked = self.verify(record, with.kernel, with.store, with.check).await?;
		record.check = Some(checked);
		so_far.checked = true;
		self.records().save(record)
	}

	fn cannot_fetch(&self, why: &anyhow::Error, so_far: &mut Progress) {
		if !so_far.unavailable {
			self.say("waiting", format!("the results are not to be had yet: {why:#}"));
		}
		so_far.unavailable = true;
	}

	/// Contests what is wrong or withheld, once, while that can be done.
	async fn contest(
		&self,
		record: &mut Record,
		with: &Means<'_>,
		job: &Job<AccountId, Balance>,
		so_far: &mut Progress,
	) -> anyhow::Result<()> {
		if !matches!(job.state, JobState::Contestable { .. }) {
			return Ok(());
		}
		let wrong = record.check.as_ref().and_then(|check| check.wrong);
		if let (Some((pass, number)), false) = (wrong, so_far.contested) {
			so_far.contested = true;
			if !with.challenge {
				let text =
					"the result is wrong; without --no-challenge this would be proven to the chain now";
				self.say("wrong", text);
				return Ok(());
			}
			let buffers = self.buffers(record, with.kernel, with.store)?;
			let buffers = buffers.iter().map(|stored| stored.bytes().to_vec()).collect();
			let workgroup = Workgroup { pass, number };
			self.challenge(record, with.kernel, buffers, workgroup).await?;
		}
		let is_missing = |buffer: &Buffer| buffer.id().is_some_and(|id| !with.store.contains(&id));
		let missing = record.transcript.iter().position(is_missing);
		if let (Some(index), true, false) = (missing, with.challenge, so_far.demanded) {
			if so_far.unavailable || self.is_late(job).await? {
				so_far.demanded = true;
				self.demand(record, index).await?;
			}
		}
		Ok(())
	}

	/// Whether most of the time to demand results is over: a server that is slow may never be done.
	async fn is_late(&self, job: &Job<AccountId, Balance>) -> anyhow::Result<bool> {
		let now = self.chain.now().await.map_err(chain)?;
		let left = job.state.until().saturating_sub(now);
		Ok(left.saturating_mul(3) <= job.request.times.contest_for)
	}
}
