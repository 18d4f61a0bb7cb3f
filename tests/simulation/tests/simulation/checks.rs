//! What must hold once everything is over, whatever happened.

use crate::{
	invariants,
	market::{PROVIDER, STAKE},
	schedule::Simulation,
};
use mutirao_client::{
	pallets::{AttestationsEvent, JobsEvent, ProvidersEvent},
	Event,
};
use mutirao_runtime::{Jobs, Providers};
use mutirao_types::{JobId, RefundReason, Verdict};
use std::{collections::BTreeSet, ops::AddAssign};

/// What a schedule came to.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Tally {
	pub(crate) settled: usize,
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
}

impl AddAssign for Tally {
	fn add_assign(&mut self, other: Self) {
		self.settled += other.settled;
		self.expired += other.expired;
		self.kills += other.kills;
		self.faults += other.faults;
		self.forks += other.forks;
		self.demands += other.demands;
		self.redrawn += other.redrawn;
		self.sent += other.sent;
		self.sent_again += other.sent_again;
		self.blocks += other.blocks;
	}
}

/// Checks all of it.
pub(crate) fn check(simulation: &Simulation) -> Tally {
	let mut tally = Tally { kills: simulation.kills, ..Tally::default() };
	stake_is_whole(simulation);
	for (job, which) in &simulation.jobs {
		check_job(simulation, *job, *which, &mut tally);
	}
	let ends = simulation.account.ends();
	(tally.faults, tally.sent) = (ends.line.faults, ends.sent.len());
	(tally.forks, tally.blocks) = (ends.network.forks, ends.network.blocks().len());
	tally.sent_again = tally.sent - ends.sent.iter().collect::<BTreeSet<_>>().len();
	drop(ends);
	let running = simulation.running.as_ref().expect("the worker runs at last");
	let earnings = running.journal.earnings().expect("the journal is readable");
	assert_eq!(earnings.settled, tally.settled as u64, "each settled job is counted once");
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
	match (ended.verdict, ended.deal) {
		(Verdict::Settled, Some(_)) => tally.settled += 1,
		(Verdict::Refunded(RefundReason::Expired), None) => tally.expired += 1,
		(verdict, deal) => panic!("job {job} ended with {verdict:?}, {deal:?}"),
	}
	let settled = ended.verdict == Verdict::Settled;
	let (mut attested, mut samples, mut accepted) = (0, Vec::new(), 0);
	let transcript = &simulation.works[which].transcript;
	let events = simulation.network(|network| {
		let blocks = network.blocks().iter();
		blocks.flat_map(|block| block.events.clone()).collect::<Vec<_>>()
	});
	for event in events {
		match event {
			Event::Jobs(JobsEvent::Accepted { job: of, .. }) if of == job => accepted += 1,
			Event::Attestations(AttestationsEvent::Attested {
				job: of, transcript: told, ..
			}) if of == job => {
				attested += 1;
				assert_eq!(told, *transcript, "job {job}: what is attested is right");
			}
			Event::Attestations(AttestationsEvent::Opened { job: of, sample, .. }) if of == job => {
				samples.push(sample);
			}
			Event::Attestations(AttestationsEvent::Redrawn { job: of, .. }) if of == job => {
				tally.redrawn += 1;
				samples.clear();
			}
			Event::Attestations(AttestationsEvent::Supplied { job: of, .. }) if of == job => {
				tally.demands += 1;
			}
			_ => {}
		}
	}
	samples.sort_unstable();
	let opened = samples.len();
	samples.dedup();
	assert_eq!(opened, samples.len(), "job {job}: each sample of a draw is opened once");
	let expected = usize::from(settled);
	assert_eq!((accepted, attested), (expected, expected), "job {job}: once, or not at all");
	assert_eq!(opened > 0, settled, "job {job}");
}
