//! Attestations of a fake chain. Witnesses are not looked into: tests say what is a lie or a fault.

use super::{
	state::{Attested, Market, Refused},
	FakeAccount,
};
use crate::{
	pallets::{AttestationsCall, AttestationsEvent, AttestationsExt, JobsEvent},
	AccountId, Balance, BlockNumber, Error, Event,
};
use mutirao_types::{
	transcript_root, ActiveBlock, ActiveBlocks, Attestation, Deal, Demand, JobBuffer, JobId,
	JobState, RefundReason, Sample, SlashReport, Steps, Transcript, Verdict, Workgroup,
};

/// Blocks from attestation to the draw.
const DRAW: BlockNumber = 2;
/// How long a provider has to open.
const OPEN: ActiveBlocks = 100;
/// How long it has to answer a demand.
const SUPPLY: ActiveBlocks = 200;
/// What a demand pays in advance, in planck.
const DEMAND_DEPOSIT: Balance = 10_000_000_000;
/// How long the window stays open after an answer, at least.
const GRACE: ActiveBlocks = 100;

fn refuse<T>(error: &'static str) -> Result<T, Refused> {
	Err(Refused("Attestations", error))
}

impl Market {
	pub(super) fn call_attestations(
		&mut self,
		who: AccountId,
		call: AttestationsCall,
	) -> Result<(), Refused> {
		match call {
			AttestationsCall::Attest { job, transcript } => self.attest(who, job, transcript),
			// The fake forgets nothing.
			AttestationsCall::Redraw { .. } => refuse("RandomnessRemembered"),
			AttestationsCall::Open { job, sample, steps, .. } => self.open(who, job, sample, steps),
			AttestationsCall::Challenge { job, workgroup, .. } => {
				self.challenge(who, job, workgroup)
			}
			AttestationsCall::ProveFault { job, workgroup, .. } => self.prove_fault(job, workgroup),
			AttestationsCall::Demand { job, buffer, chunk } => self.demand(who, job, buffer, chunk),
			AttestationsCall::Supply { job, buffer, opening } => match opening.chunks[..] {
				[chunk] => self.supply(job, buffer, chunk),
				_ => refuse("WrongChunk"),
			},
		}
	}

	fn attest(
		&mut self,
		who: AccountId,
		job: JobId,
		transcript: Transcript,
	) -> Result<(), Refused> {
		let (now, anchor) = (self.now, self.number);
		let found = self.attested_job(job)?;
		let deal = match &found.state {
			JobState::Open { .. } => return refuse("NotProvider"),
			JobState::Running { deal, .. } if deal.provider != who => return refuse("NotProvider"),
			JobState::Running { until, .. } if *until < now => return refuse("TooLate"),
			JobState::Running { deal, .. } => deal.clone(),
			_ => return refuse("AlreadyAttested"),
		};
		let (until, samples) = (now.saturating_add(OPEN), found.request.samples);
		found.state = JobState::Attested { deal, until };
		let unsaid = (0..u32::from(samples)).map(|number| Workgroup { pass: 0, number });
		let drawn = self.draws.remove(&job).unwrap_or_else(|| unsaid.collect());
		let samples_of = drawn.into_iter().map(|workgroup| Sample { workgroup, opened: false });
		let attested = Attested {
			attestation: Attestation {
				transcript: transcript.clone(),
				anchor,
				samples,
				opened: 0,
				fault: None,
				demand_until: 0,
				demands: 0,
			},
			samples: samples_of.collect(),
		};
		self.attested.insert(job, attested);
		let root = transcript_root(&transcript);
		self.events.push(Event::Attestations(AttestationsEvent::Attested {
			job,
			root,
			transcript,
			anchor,
		}));
		self.events.push(Event::Jobs(JobsEvent::Attested { job, until }));
		Ok(())
	}

	fn open(
		&mut self,
		who: AccountId,
		job: JobId,
		sample: u8,
		steps: Steps,
	) -> Result<(), Refused> {
		let (now, number) = (self.now, self.number);
		let deal = match &self.attested_job(job)?.state {
			JobState::Attested { deal, .. } if deal.provider != who => {
				return refuse("NotProvider")
			}
			JobState::Attested { until, .. } if *until < now => return refuse("TooLate"),
			JobState::Attested { deal, .. } => deal.clone(),
			_ => return refuse("NotAttested"),
		};
		let attested = self.attested.get_mut(&job).ok_or(Refused("Attestations", "NotAttested"))?;
		if number <= attested.attestation.anchor.saturating_add(DRAW) {
			return refuse("DrawNotReady");
		}
		let workgroup = match attested.samples.get_mut(usize::from(sample)) {
			None => return refuse("NoSuchSample"),
			Some(sample) if sample.opened => return refuse("AlreadyOpened"),
			Some(sample) => {
				sample.opened = true;
				sample.workgroup
			}
		};
		if self.lies.contains(&(job, workgroup)) {
			let slash = SlashReport::default();
			let wrong = AttestationsEvent::OpeningWrong { job, workgroup, slash };
			self.events.push(Event::Attestations(wrong));
			return self.finish(job, Verdict::Refunded(RefundReason::OpeningWrong));
		}
		attested.attestation.opened |= 1u16.checked_shl(sample.into()).unwrap_or(0);
		let all = attested.samples.iter().all(|sample| sample.opened);
		let opened = AttestationsEvent::Opened { job, sample, workgroup, steps };
		self.events.push(Event::Attestations(opened));
		if all {
			self.pass_audit(job, deal)?;
		}
		Ok(())
	}

	fn pass_audit(&mut self, job: JobId, deal: Deal<AccountId, Balance>) -> Result<(), Refused> {
		let now = self.now;
		let found = self.attested_job(job)?;
		let until = now.saturating_add(found.request.times.contest_for);
		found.state = JobState::Contestable { deal, until };
		if let Some(attested) = self.attested.get_mut(&job) {
			attested.attestation.demand_until = until;
		}
		self.events.push(Event::Jobs(JobsEvent::Audited { job, until }));
		Ok(())
	}

	fn challenge(
		&mut self,
		challenger: AccountId,
		job: JobId,
		workgroup: Workgroup,
	) -> Result<(), Refused> {
		self.contestable(job)?;
		if !self.lies.contains(&(job, workgroup)) {
			let failed = AttestationsEvent::ChallengeFailed { job, workgroup, challenger };
			self.events.push(Event::Attestations(failed));
			return Ok(());
		}
		let slash = SlashReport::default();
		let upheld = AttestationsEvent::ChallengeUpheld { job, workgroup, challenger, slash };
		self.events.push(Event::Attestations(upheld));
		self.finish(job, Verdict::Refunded(RefundReason::ChallengeUpheld))
	}

	fn prove_fault(&mut self, job: JobId, workgroup: Workgroup) -> Result<(), Refused> {
		let found = self.attested_job(job)?;
		if !matches!(found.state, JobState::Running { .. } | JobState::Attested { .. }) {
			return Err(Refused("Jobs", "NotBeforeAudit"));
		}
		let planted = self.faults.iter().find(|(of, at, _)| (*of, *at) == (job, workgroup));
		let Some((_, _, fault)) = planted.copied() else { return refuse("NoFault") };
		let from_inputs = true;
		let event = AttestationsEvent::FaultFound { job, workgroup, fault, from_inputs };
		self.events.push(Event::Attestations(event));
		self.finish(job, Verdict::Faulted(fault))
	}

	fn demand(
		&mut self,
		by: AccountId,
		job: JobId,
		buffer: JobBuffer,
		chunk: u32,
	) -> Result<(), Refused> {
		self.contestable(job)?;
		let key = (job, buffer, chunk);
		if self.demands.iter().any(|(demanded, _)| *demanded == key) {
			return refuse("AlreadyDemanded");
		}
		let until = self.now.saturating_add(SUPPLY);
		self.demands.push((key, Demand { by, deposit: DEMAND_DEPOSIT, until }));
		self.count_demands(job);
		let event = AttestationsEvent::Demanded { job, buffer, chunk, by, until };
		self.events.push(Event::Attestations(event));
		Ok(())
	}

	fn supply(&mut self, job: JobId, buffer: JobBuffer, chunk: u32) -> Result<(), Refused> {
		let before = self.demands.len();
		self.demands.retain(|(demanded, _)| *demanded != (job, buffer, chunk));
		if self.demands.len() == before {
			return refuse("NotDemanded");
		}
		self.count_demands(job);
		let event = AttestationsEvent::Supplied { job, buffer, chunk };
		self.events.push(Event::Attestations(event));
		let least = self.now.saturating_add(GRACE);
		match &mut self.attested_job(job)?.state {
			JobState::Contestable { until, .. } if *until < least => *until = least,
			_ => return Ok(()),
		}
		self.events.push(Event::Jobs(JobsEvent::WindowExtended { job, until: least }));
		Ok(())
	}

	fn count_demands(&mut self, job: JobId) {
		let waiting = self.demands.iter().filter(|((of, ..), _)| *of == job).count();
		if let Some(attested) = self.attested.get_mut(&job) {
			attested.attestation.demands = u8::try_from(waiting).unwrap_or(u8::MAX);
		}
	}

	/// A job whose contest window is open.
	fn contestable(&mut self, job: JobId) -> Result<ActiveBlock, Refused> {
		let now = self.now;
		match self.attested_job(job)?.state {
			JobState::Contestable { until, .. } if until < now => refuse("TooLate"),
			JobState::Contestable { until, .. } => Ok(until),
			_ => refuse("NotContestable"),
		}
	}

	fn attested_job(
		&mut self,
		job: JobId,
	) -> Result<&mut mutirao_types::Job<AccountId, Balance>, Refused> {
		self.jobs.get_mut(&job).ok_or(Refused("Attestations", "NoSuchJob"))
	}
}

impl AttestationsExt for FakeAccount {
	async fn attestation(&self, job: JobId) -> Result<Option<Attestation<BlockNumber>>, Error> {
		self.read(|state| state.attested.get(&job).map(|attested| attested.attestation.clone()))
	}

	async fn samples(&self, job: JobId) -> Result<Option<Vec<Sample>>, Error> {
		self.read(|state| {
			let attested = state.attested.get(&job)?;
			let drawn = state.number >= attested.attestation.anchor.saturating_add(DRAW);
			drawn.then(|| attested.samples.clone())
		})
	}

	async fn pending_demand(
		&self,
		job: JobId,
		buffer: JobBuffer,
		chunk: u32,
	) -> Result<Option<Demand<AccountId, Balance>>, Error> {
		self.read(|state| {
			let found = state.demands.iter().find(|(key, _)| *key == (job, buffer, chunk))?;
			Some(found.1.clone())
		})
	}
}
