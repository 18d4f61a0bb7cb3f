//! What must hold once everything is over, whatever happened.

use crate::{
	invariants,
	market::{Work, PROVIDER, STAKE},
	schedule::Simulation,
};
use mutirao_client::{
	pallets::{AttestationsEvent, JobsEvent, ProvidersEvent},
	Event,
};
use mutirao_runtime::{Jobs, Providers};
use mutirao_types::{FaultKind, JobId, RefundReason, Verdict};
use std::{collections::BTreeSet, ops::AddAssign};

/// What a schedule came to.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Tally {
	pub(crate) settled: usize,
	/// Jobs that ended with their program at fault.
	pub(crate) faulted: usize,
	/// Jobs that nobody took in time.
	pub(crate) expired: usize,
	pub(crate) kills: usize,
	/// Reads and calls that went wrong.
	pub(crate) faults: usize,
	pub(crate) forks: usize,
	pub(crate) demands: usize,
	pub(crate) redrawn: usize,
	/// Calls that the worker sent.
	pub(crate) sent: usize,
	/// Those of them that it had sent before.
	pub(crate) sent_again: usize,
	pub(crate) blocks: usize,
	/// Times that no node answered for long.
	pub(crate) losses: usize,
	pub(crate) safe_modes: usize,
	/// Calls that the worker sent in safe mode, each for a fee.
	pub(crate) sent_in_safe_mode: usize,
}

impl AddAssign for Tally {
	fn add_assign(&mut self, other: Self) {
		self.settled += other.settled;
		self.faulted += other.faulted;
		self.expired += other.expired;
		self.kills += other.kills;
		self.faults += other.faults;
		self.forks += other.forks;
		self.demands += other.demands;
		self.redrawn += other.redrawn;
		self.sent += other.sent;
		self.sent_again += other.sent_again;
		self.blocks += other.blocks;
		self.losses += other.losses;
		self.safe_modes += other.safe_modes;
		self.sent_in_safe_mode += other.sent_in_safe_mode;
	}
}

/// Checks all of it.
pub(crate) fn check(simulation: &Simulation) -> Tally {
	let mut tally = Tally {
		kills: simulation.kills,
		losses: simulation.losses,
		safe_modes: simulation.safe_modes,
		..Tally::default()
	};
	stake_is_whole(simulation);
	for (job, which) in &simulation.jobs {
		check_job(simulation, *job, *which, &mut tally);
	}
	let ends = simulation.account.ends();
	(tally.faults, tally.sent) = (ends.line.faults, ends.sent.len());
	(tally.forks, tally.blocks) = (ends.network.forks, ends.network.blocks().len());
	tally.sent_in_safe_mode = ends.sent_in_safe_mode;
	tally.sent_again = tally.sent - ends.sent.iter().collect::<BTreeSet<_>>().len();
	drop(ends);
	let running = simulation.running.as_ref().expect("the worker runs at last");
	let earnings = running.journal.earnings().expect("the journal is readable");
	assert_eq!(earnings.settled, tally.settled as u64, "each settled job is counted once");
	assert_eq!(earnings.faulted, tally.faulted as u64, "and each that faulted");
	assert_eq!((earnings.failed, earnings.lies, earnings.lost), (0, 0, 0));
	tally
}

/// Stake is what it was, nothing of it answers for anything, and nobody was slashed in between.
fn stake_is_whole(simulation: &Simulation) {
	simulation.network(|network| {
		let provider = network.chain.run(|| Providers::provider(PROVIDER.to_account_id()));
		let provider = provider.expect("it is a provider");
		assert_eq!((provider.stake, provider.earmarked, provider.open_jobs), (STAKE, 0, 0));
		for block in network.blocks() {
			for event in &block.events {
				let slashed = matches!(event, Event::Providers(ProvidersEvent::Slashed { .. }));
				assert!(!slashed, "block {}: {event:?}", block.number);
			}
		}
		invariants::check(&mut network.chain);
	});
}

fn check_job(simulation: &Simulation, job: JobId, which: usize, tally: &mut Tally) {
	let ended = simulation.network(|network| network.chain.run(|| Jobs::finished_job(job)));
	let ended = ended.expect("it has ended");
	let work = &simulation.works[which];
	match (ended.verdict, &ended.deal) {
		(Verdict::Settled, Some(_)) => tally.settled += 1,
		(Verdict::Faulted(FaultKind::Fuel), Some(_)) if work.is_faulty => tally.faulted += 1,
		(Verdict::Refunded(RefundReason::Expired), None) => tally.expired += 1,
		(verdict, deal) => panic!("job {job} ended with {verdict:?}, {deal:?}"),
	}
	let seen = Seen::of(simulation, job, work, tally);
	let is_done = ended.deal.is_some();
	let expected = usize::from(is_done);
	let found = (seen.accepted, seen.attested);
	assert_eq!(found, (expected, expected), "job {job}: once, or not at all");
	let opened: BTreeSet<_> = seen.samples.iter().collect();
	assert_eq!(opened.len(), seen.samples.len(), "job {job}: each sample of a draw is opened once");
	assert_eq!(opened.len() + seen.faults > 0, is_done, "job {job}");
	let faulted = matches!(ended.verdict, Verdict::Faulted(_));
	assert_eq!(seen.faults > 0, faulted, "job {job}: a fault that was drawn stands");
}

/// What the chain told of a job.
#[derive(Default)]
struct Seen {
	accepted: usize,
	attested: usize,
	/// Samples of the last draw that were opened and right.
	samples: Vec<u8>,
	/// Those in which the program is at fault.
	faults: usize,
}

impl Seen {
	fn of(simulation: &Simulation, job: JobId, work: &Work, tally: &mut Tally) -> Self {
		let events = simulation.network(|network| {
			let blocks = network.blocks().iter();
			blocks.flat_map(|block| block.events.clone()).collect::<Vec<_>>()
		});
		let mut seen = Self::default();
		for event in events {
			match event {
				Event::Jobs(JobsEvent::Accepted { job: of, .. }) if of == job => {
					seen.accepted += 1;
				}
				Event::Attestations(event) => seen.note(job, event, work, tally),
				_ => {}
			}
		}
		seen
	}

	fn note(&mut self, job: JobId, event: AttestationsEvent, work: &Work, tally: &mut Tally) {
		match event {
			AttestationsEvent::Attested { job: of, transcript, .. } if of == job => {
				self.attested += 1;
				assert_eq!(transcript, work.transcript, "job {job}: what is attested is right");
			}
			AttestationsEvent::Opened { job: of, sample, .. } if of == job => {
				self.samples.push(sample);
			}
			AttestationsEvent::FaultFound { job: of, from_inputs, .. } if of == job => {
				assert!(!from_inputs, "job {job}: it could not be proven sooner");
				self.faults += 1;
			}
			AttestationsEvent::Redrawn { job: of, .. } if of == job => {
				tally.redrawn += 1;
				self.samples.clear();
				self.faults = 0;
			}
			AttestationsEvent::Supplied { job: of, .. } if of == job => tally.demands += 1,
			_ => {}
		}
	}
}
