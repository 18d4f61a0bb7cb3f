//! From an accepted job to its end: follow it, fetch what was attested, check it, contest a lie.

use std::time::{Duration, Instant};

use mutirao_client::{
	money,
	types::{ActiveBlock, JobBuffer, JobState, JobStateKind, Workgroup},
	AccountId, Balance, Chain,
};
use mutirao_data::store::Store;
use tokio::time::sleep;

use super::{
	buyer::Buyer, check::CheckArgs, contest::ContestArgs, kernel::Kernel, place::LOOK_EVERY,
	record::Record, track::Standing,
};
use crate::{
	exit::{chain, failed, failure_of, Failure},
	show,
};

/// Blocks after a deadline in which others, whose task it is, may settle: it takes them about five until
/// their settlement is final, which is what is seen here. A call that comes too late costs a fee.
const COURTESY: ActiveBlock = 8;
/// Blocks that a provider has to answer a demand.
const SUPPLY_BLOCKS: ActiveBlock = 200;
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
	/// Why outputs are not here, for as long as they are not.
	unavailable: Option<String>,
	/// When the job was first seen to have ended.
	ended: Option<Instant>,
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
			demanded: false,
			unavailable: None,
			ended: None,
		};
		while !self.step(record, &with, &mut so_far).await? {
			if patience.is_some_and(|patience| start.elapsed() > patience) {
				let message = format!(
					"job {job} has not ended yet: go on with `mutirao job watch {job}`",
					job = record.job
				);
				return Err(failed(Failure::Unfinished, message));
			}
			sleep(LOOK_EVERY).await;
		}
		self.records().save(record)
	}

	/// Looks once, and does what is to be done now; whether all is done.
	async fn step(
		&self,
		record: &mut Record,
		with: &Means<'_>,
		so_far: &mut Progress,
	) -> anyhow::Result<bool> {
		let standing = self.refresh(record, with.kernel).await?;
		self.records().save(record)?;
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
				let since = so_far.ended.get_or_insert_with(Instant::now).elapsed();
				let wanted = record.settled() && !so_far.checked;
				Ok(!wanted || since > LATE_FETCH)
			}
			// It ended while we looked.
			Standing::Live(_) if record.verdict.is_some() => Ok(false),
			Standing::Live(job) => {
				if let Err(why) = self.contest(record, with, &job.state, so_far).await {
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

	/// Fetches all that the provider committed to, and checks it.
	async fn fetch_and_check(
		&self,
		record: &mut Record,
		with: &Means<'_>,
		so_far: &mut Progress,
	) -> anyhow::Result<()> {
		if let Err(why) = self.fetch(record, with.store).await {
			let why = format!("{why:#}");
			if so_far.unavailable.is_none() {
				self.say("waiting", format!("the results are not to be had yet: {why}"));
			}
			so_far.unavailable = Some(why);
			return Ok(());
		}
		so_far.unavailable = None;
		let checked = self.verify(record, with.kernel, with.store, with.check).await?;
		record.check = Some(checked);
		so_far.checked = true;
		self.records().save(record)
	}

	/// Contests what is wrong or withheld, once, while that can be done.
	async fn contest(
		&self,
		record: &mut Record,
		with: &Means<'_>,
		state: &JobState<AccountId, Balance>,
		so_far: &mut Progress,
	) -> anyhow::Result<()> {
		if !matches!(state, JobState::Contestable { .. }) {
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
		if so_far.unavailable.is_some() && with.challenge && !so_far.demanded {
			so_far.demanded = true;
			let missing = record
				.transcript
				.iter()
				.position(|buffer| buffer.id().is_some_and(|id| !with.store.contains(&id)));
			if let Some(index) = missing {
				self.demand(record, index).await?;
			}
		}
		Ok(())
	}

	/// Settles a job whose deadline has passed. That others were faster is fine.
	pub(crate) async fn settle_if_due(
		&self,
		record: &mut Record,
		state: &JobState<AccountId, Balance>,
	) -> anyhow::Result<()> {
		let now = self.chain.now().await.map_err(chain)?;
		let over = |until: ActiveBlock| now > until.saturating_add(COURTESY);
		if !over(state.until()) || !over(self.held_up_until(record, state).await?) {
			return Ok(());
		}
		match self.chain.settle(record.job).await {
			Ok(_) => Ok(()),
			Err(error) if error.pallet_error().is_some() || error.is_retryable() => Ok(()),
			Err(error) => Err(chain(error)),
		}
	}

	/// Until when demands hold a job up whose window is over: settling it before is in vain, and costs a
	/// fee each time.
	async fn held_up_until(
		&self,
		record: &Record,
		state: &JobState<AccountId, Balance>,
	) -> anyhow::Result<ActiveBlock> {
		if !matches!(state, JobState::Contestable { .. }) {
			return Ok(state.until());
		}
		let attestation = self.chain.attestation(record.job).await.map_err(chain)?;
		let Some(attestation) = attestation.filter(|attestation| attestation.demands > 0) else {
			return Ok(state.until());
		};
		// Whatever others demand, they do it before the window as it was first set ends.
		let mut until = attestation.demand_until.saturating_add(SUPPLY_BLOCKS);
		for (index, _) in (0u8..).zip(&record.transcript) {
			let demand = self.chain.pending_demand(record.job, JobBuffer::Written(index), 0);
			if let Some(demand) = demand.await.map_err(chain)? {
				until = until.min(demand.until);
			}
		}
		Ok(until)
	}
}
