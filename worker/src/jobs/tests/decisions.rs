//! What holds of every decision, whatever the facts: drawn by seed.

use fastrand::Rng;
use mutirao_client::AccountId;
use mutirao_types::{BufferId, FaultKind, JobBuffer, RefundReason, Sample, Verdict, Workgroup};

use super::{
	super::{
		decide, Attested, Computed, Ended, FoundFault, Means, PendingDemand, Record, Stage, Step,
		View, Wait, What, PRESSING, RING_BLOCKS,
	},
	support::record,
};

const CASES: u64 = 20_000;

struct Facts {
	record: Record,
	view: View,
	means: Means,
}

fn buffer(byte: u8) -> BufferId {
	BufferId { hash: [byte; 32], bytes: 512 }
}

fn facts(seed: u64) -> Facts {
	let mut random = Rng::with_seed(seed);
	let now = random.u32(500..1_000);
	let until = now.saturating_add_signed(random.i32(-30..60));
	let block = now + random.u32(0..50);
	let written = vec![(1, buffer(random.u8(0..2))), (2, buffer(9))];
	let mut one = Record {
		computed: random.bool().then(|| Computed {
			written: written.clone(),
			device: "one".into(),
			checked: random.bool(),
		}),
		fault: (random.u8(0..4) == 0).then(|| FoundFault {
			workgroup: Workgroup { pass: 0, number: 1 },
			kind: FaultKind::Race,
			provable: random.bool(),
		}),
		hopeless: (random.u8(0..6) == 0).then(|| "it is so".into()),
		..record(7)
	};
	if random.u8(0..8) == 0 {
		let verdict = Verdict::Settled;
		one.ended = Some(Ended { verdict, at: now - random.u32(0..40) });
	}
	let whats = [
		What::Accept,
		What::Attest,
		What::Open(0),
		What::Open(2),
		What::Supply(JobBuffer::Input(0), 3),
		What::ProveFault,
		What::Redraw,
		What::GiveUp,
		What::Settle,
	];
	for what in whats {
		if random.u8(0..5) == 0 {
			one.note_sent(what, block.saturating_add_signed(random.i32(-5..10)));
		}
	}
	let verdict = Verdict::Refunded(RefundReason::Late);
	let at = now - random.u32(0..40);
	let stage = match random.u8(0..8) {
		0 => Stage::Unknown,
		1 => Stage::Open { until },
		2 => Stage::Foreign,
		3 => Stage::Ended { verdict, at, ours: random.bool() },
		4 | 5 => Stage::Running { until },
		6 => Stage::Attested { until },
		_ => Stage::Contestable { until },
	};
	let held = matches!(stage, Stage::Attested { .. } | Stage::Contestable { .. });
	let demands = random.u8(0..3);
	let attested = held.then(|| Attested {
		transcript: vec![buffer(0), buffer(9)].try_into().unwrap(),
		anchor: block - random.u32(0..800).min(block),
		demands: if matches!(stage, Stage::Contestable { .. }) { demands } else { 0 },
	});
	let drawn = (0..3)
		.map(|number| Sample { workgroup: Workgroup { pass: 0, number }, opened: random.bool() });
	let drawn: Vec<_> = drawn.collect();
	let samples = (matches!(stage, Stage::Attested { .. }) && random.bool()).then_some(drawn);
	let known = random.u8(0..=demands);
	let demands = (0..known).filter(|_| matches!(stage, Stage::Contestable { .. })).map(|chunk| {
		let until = now.saturating_add_signed(random.i32(-3..60));
		PendingDemand { buffer: JobBuffer::Input(0), chunk: u32::from(chunk) + 3, until }
	});
	let demands = demands.collect();
	let view = View { now, block, stage, audit_fee: 0, attested, samples, demands };
	let means = Means {
		inputs: random.bool(),
		outputs: random.bool(),
		compute: random.bool().then(|| random.u32(0..40)),
		keep: 20,
		unknown_for: random.u32(0..400),
	};
	Facts { record: one, view, means }
}

fn each(check: impl Fn(u64, &Facts, Step)) {
	for seed in 0..CASES {
		let facts = facts(seed);
		let step = decide(&facts.record, &facts.view, &facts.means);
		assert_eq!(step, decide(&facts.record, &facts.view, &facts.means), "seed {seed}");
		check(seed, &facts, step);
	}
}

#[test]
fn nothing_is_attested_but_checked_results_that_are_here_and_in_time() {
	let mut attested = 0;
	each(|seed, Facts { record, view, means }, step| {
		if step != Step::Attest {
			return;
		}
		let Stage::Running { until } = view.stage else { panic!("seed {seed}: not running") };
		let checked = record.computed.as_ref().is_some_and(|computed| computed.checked);
		assert!(checked && means.outputs && view.now <= until, "seed {seed}");
		assert!(!record.fault.is_some_and(|fault| fault.provable && means.inputs), "seed {seed}");
	});
	for seed in 0..CASES {
		let facts = facts(seed);
		attested += usize::from(decide(&facts.record, &facts.view, &facts.means) == Step::Attest);
	}
	assert!(attested > 20, "the cases cover it: {attested}");
}

#[test]
fn whatever_is_drawn_demanded_and_here_is_shown_while_there_is_time() {
	each(|seed, Facts { record, view, means }, step| {
		let same = record.computed.as_ref().map(Computed::transcript)
			== view.attested.as_ref().map(|attested| attested.transcript.clone());
		if !same || !means.outputs {
			return;
		}
		match view.stage {
			Stage::Attested { until } if view.now <= until => {
				let Some(samples) = &view.samples else { return };
				let proves = record.fault.is_some_and(|fault| fault.provable) && means.inputs;
				for (at, sample) in (0u8..).zip(samples) {
					let awaited = record.awaits(What::Open(at), view.block);
					let pressing = until - view.now < PRESSING;
					let due = !sample.opened && (!awaited || pressing) && !proves;
					let opens = matches!(&step, Step::Open(all) if all.contains(&at));
					assert_eq!(opens, due, "seed {seed}, sample {at}: {step:?}");
				}
			}
			Stage::Contestable { .. } => {
				let lost = view.demands.iter().any(|demand| view.now > demand.until);
				for demand in view.demands.iter().filter(|_| !lost) {
					let what = What::Supply(demand.buffer, demand.chunk);
					let pressing = demand.until - view.now < PRESSING;
					let due = pressing || !record.awaits(what, view.block);
					let key = (demand.buffer, demand.chunk);
					let supplies = matches!(&step, Step::Supply(all) if all.contains(&key));
					assert_eq!(supplies, due, "seed {seed}: {step:?}");
				}
			}
			_ => {}
		}
	});
}

#[test]
fn nothing_is_thrown_away_while_stake_answers_for_it() {
	each(|seed, Facts { record, view, means }, step| {
		if step != Step::Forget {
			return;
		}
		match view.stage {
			Stage::Running { .. } | Stage::Attested { .. } | Stage::Contestable { .. } => {
				panic!("seed {seed}: forgotten at {:?}", view.stage)
			}
			Stage::Open { .. } => assert!(!record.awaits(What::Accept, view.block), "seed {seed}"),
			Stage::Ended { at, ours: true, .. } => {
				assert!(record.ended.is_some() && view.now > at + means.keep, "seed {seed}");
			}
			Stage::Unknown => assert!(
				means.unknown_for > 200 || record.ended.is_some_and(|end| view.now > end.at + 20),
				"seed {seed}"
			),
			Stage::Ended { .. } | Stage::Foreign => {}
		}
	});
}

#[test]
fn after_a_deadline_a_job_is_ended_and_nothing_else() {
	each(|seed, Facts { record, view, .. }, step| {
		let (Stage::Running { until } | Stage::Attested { until }) = view.stage else { return };
		if view.now > until {
			let expected = match record.awaits(What::Settle, view.block) {
				true => Step::Wait(Wait::Call),
				false => Step::Settle,
			};
			assert_eq!(step, expected, "seed {seed}");
		} else {
			assert_ne!(step, Step::Settle, "seed {seed}");
		}
	});
}

#[test]
fn a_contested_job_is_not_ended_while_a_demand_waits() {
	each(|seed, Facts { view, .. }, step| {
		let Stage::Contestable { until } = view.stage else { return };
		if step == Step::Settle {
			let lost = view.demands.iter().any(|demand| view.now > demand.until);
			let waiting = view.attested.as_ref().map_or(0, |attested| attested.demands);
			assert!(lost || (view.now > until && waiting == 0), "seed {seed}");
		}
	});
}

#[test]
fn giving_up_always_has_a_reason_and_never_happens_to_what_is_attested() {
	each(|seed, Facts { view, .. }, step| {
		if let Step::GiveUp { reason } = step {
			assert!(!reason.is_empty(), "seed {seed}");
			assert!(matches!(view.stage, Stage::Running { .. }), "seed {seed}");
		}
	});
}

#[test]
fn samples_are_drawn_anew_only_when_their_randomness_is_gone() {
	each(|seed, Facts { view, .. }, step| {
		if step == Step::Redraw {
			let anchor = view.attested.as_ref().expect("attested").anchor;
			assert!(view.samples.is_none() && view.block > anchor + RING_BLOCKS, "seed {seed}");
		}
	});
}

#[test]
fn a_call_under_way_is_not_sent_again_unless_time_is_short() {
	each(|seed, Facts { record, view, .. }, step| {
		let (what, until) = match (&step, view.stage) {
			(Step::Attest, Stage::Running { until }) => (What::Attest, until),
			(Step::Redraw, Stage::Attested { until }) => (What::Redraw, until),
			(Step::ProveFault, Stage::Running { until } | Stage::Attested { until }) => {
				(What::ProveFault, until)
			}
			(Step::GiveUp { .. }, _) => (What::GiveUp, u32::MAX),
			(Step::Settle, _) => (What::Settle, u32::MAX),
			_ => return,
		};
		let pressing = until.saturating_sub(view.now) < PRESSING;
		assert!(pressing || !record.awaits(what, view.block), "seed {seed}: {step:?}");
	});
}

#[test]
fn a_record_reads_back_as_it_was_written() {
	use codec::{Decode, Encode};
	for seed in 0..500 {
		let record = Record { buyer: AccountId::from([3; 32]), ..facts(seed).record };
		assert_eq!(Record::decode(&mut &record.encode()[..]).unwrap(), record);
	}
}
