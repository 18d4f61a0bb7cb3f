//! Programs that do what they may not.

use super::*;

const AT: Workgroup = workgroup(0, 4);
const LATE: Workgroup = workgroup(1, 4);

/// Triggers and what they cause; the table is long enough to be read too much of.
const KINDS: [(u32, FaultKind); 3] =
	[(RACE, FaultKind::Race), (OVERRUN, FaultKind::Fuel), (READS, FaultKind::Reads)];

fn from_inputs(trigger: u32) -> Rows {
	Rows::with_fault(GROUPS, AT.number, trigger).with_table(1_200)
}

fn from_written(trigger: u32) -> Rows {
	Rows::with_late_fault(GROUPS, LATE.number, trigger).with_table(1_200)
}

#[test]
fn a_fault_from_inputs_alone_is_proven_before_and_after_attesting() {
	run(|| {
		for (trigger, fault) in KINDS {
			for work in [running, attested, drawn].map(|stage| stage(&from_inputs(trigger), 2)) {
				assert_eq!(work.prove_fault(AT), Ok(Pays::No), "{fault:?}");
				assert_eq!(told(), Some(Told::Faulted(work.id, fault)));
				let (job, workgroup, from_inputs) = (work.id, AT, true);
				assert_last_event(Event::FaultFound { job, workgroup, fault, from_inputs });
				assert!(!Stored::<Test>::contains_key(work.id));
				assert_eq!(work.prove_fault(AT), Err(Error::<Test>::NoSuchJob.into()));
			}
		}
	});
}

/// The buyer has the results then.
#[test]
fn a_fault_is_not_proven_after_the_audit_or_before_acceptance() {
	run(|| {
		let work = contestable(&from_inputs(RACE), Some(AT));
		assert_eq!(work.prove_fault(AT), Err("not before the audit".into()));
		let mut open = TestJobs::job(work.id).unwrap();
		open.state = JobState::Open { until: 100 };
		put(77, open);
		let open = Work { id: 77, ..work };
		assert_eq!(open.prove_fault(AT), Err("not before the audit".into()));
	});
}

#[test]
fn a_workgroup_that_keeps_the_rules_is_no_fault() {
	run(|| {
		let work = running(&from_inputs(RACE), 2);
		assert_eq!(work.prove_fault(workgroup(0, 3)), Err(Error::<Test>::NoFault.into()));
		// Workgroup 3 reads the trigger too, but nothing comes of it.
		assert_eq!(work.prove_fault(workgroup(0, 5)), Err(Error::<Test>::NoFault.into()));
	});
}

#[test]
fn a_proof_of_a_fault_shows_inputs_and_nothing_else() {
	run(|| {
		let work = attested(&from_inputs(RACE), 2);
		let (witness, steps) = work.witness(AT);
		let proof = Call::prove_fault { job: work.id, workgroup: AT, steps, witness };
		assert_eq!(send(CAIO, proof), Err(Error::<Test>::SlicesNotWanted.into()));
		let late = attested(&from_written(RACE), 2);
		let written = Err(Error::<Test>::ReadsWrittenBuffers.into());
		assert_eq!(late.prove_fault(LATE), written);
		let (mut witness, steps) = late.computed.fault_witness(LATE).unwrap();
		witness.reads[0] = None;
		let proof = Call::prove_fault { job: late.id, workgroup: LATE, steps, witness };
		assert_eq!(send(CAIO, proof), written, "not even if it shows none of them");
	});
}

#[test]
fn a_proof_needs_every_chunk_that_was_read_until_the_fault() {
	run(|| {
		let work = running(&from_inputs(RACE), 2);
		let with = |reads: Vec<Option<Opening>>| {
			let witness = Witness { reads, slices: vec![] };
			let steps = FUEL[0].into();
			send(CAIO, Call::prove_fault { job: work.id, workgroup: AT, steps, witness })
		};
		assert_eq!(with(vec![None, None]), Err(Error::<Test>::ChunkMissing.into()));
		let second = work.computed.open(0, &[1]).unwrap();
		assert_eq!(with(vec![Some(second), None]), Err(Error::<Test>::ChunkMissing.into()));
		let both = work.computed.open(0, &[0, 1]).unwrap();
		assert_ok!(with(vec![Some(both), None]));
	});
}

/// Of a workgroup that reads 1,024 chunks a witness holds all.
#[test]
fn reading_as_much_as_a_witness_holds_is_no_fault() {
	run(|| {
		// With the chunks of `x` that it reads.
		for (table, result) in [(1_022, Err(Error::<Test>::NoFault.into())), (1_023, Ok(Pays::No))]
		{
			let work = running(&from_inputs(READS).with_table(table), 2);
			assert_eq!(work.prove_fault(AT), result, "{table}");
		}
	});
}

#[test]
fn leaving_chunks_out_does_not_make_reading_too_much() {
	run(|| {
		let work = running(&from_inputs(READS).with_table(1_100).with_table(1_022), 2);
		let (mut witness, steps) = work.computed.fault_witness(AT).unwrap();
		let without = |missing: u32| {
			let chunks: Vec<u32> = (0..1_022).filter(|chunk| *chunk != missing).collect();
			Some(work.computed.open(1, &chunks).unwrap())
		};
		for missing in [0, 500, 1_021] {
			witness.reads[1] = without(missing);
			let witness = witness.clone();
			let proof = Call::prove_fault { job: work.id, workgroup: AT, steps, witness };
			assert_eq!(send(CAIO, proof), Err(Error::<Test>::ChunkMissing.into()));
		}
		// A spare chunk in its place is not read.
		let table = work.computed.buffer(1).len() as u32 / 1024;
		assert_eq!(table, 1_022);
		witness.reads[1] = without(500);
		witness.reads[0] = Some(work.computed.open(0, &[0, 1, 2]).unwrap());
		let proof = Call::prove_fault { job: work.id, workgroup: AT, steps, witness };
		assert_eq!(send(CAIO, proof), Err(Error::<Test>::ChunkMissing.into()));
	});
}

#[test]
fn a_drawn_fault_from_inputs_ends_the_job_at_once() {
	run(|| {
		for (trigger, fault) in KINDS {
			let work = drawn(&from_inputs(trigger), 2);
			work.rig(|drawn| drawn[0] == AT && drawn[1] != AT);
			assert_eq!(work.open(0), Ok(Pays::No));
			assert_eq!(told(), Some(Told::Faulted(work.id, fault)));
			assert!(!Stored::<Test>::contains_key(work.id));
		}
	});
}

#[test]
fn a_drawn_fault_from_written_buffers_is_decided_by_the_window() {
	run(|| {
		for (trigger, fault) in KINDS {
			let work = drawn(&from_written(trigger), 2);
			work.rig(|drawn| drawn[0] == LATE && drawn[1] != LATE);
			assert_eq!(work.open(0), Ok(Pays::No));
			let (job, workgroup, from_inputs) = (work.id, LATE, false);
			assert_last_event(Event::FaultFound { job, workgroup, fault, from_inputs });
			assert!(matches!(work.state(), JobState::Attested { .. }));
			assert_ok!(work.open(1));
			assert_eq!(told(), Some(Told::Audited(work.id)));
			assert_eq!(Attestations::standing(work.id), Standing::Faulted(fault));
			pass_until(work.until() + 1);
			assert_eq!(TestJobs::settle(work.id), Ok(Verdict::Faulted(fault)));
		}
	});
}

#[test]
fn the_first_drawn_fault_counts_and_the_last_sample_may_be_one() {
	run(|| {
		let mut x = from_written(RACE).x;
		let at = slice(9).start;
		x[at + usize::from(LANES)] = OVERRUN.wrapping_sub(x[at].wrapping_mul(3));
		let work = drawn(&Rows::of(x), 2);
		work.rig(|drawn| drawn == [workgroup(1, 9), LATE]);
		assert_ok!(work.open(1));
		assert_ok!(work.open(0));
		assert_eq!(told(), Some(Told::Audited(work.id)));
		assert_eq!(Attestations::standing(work.id), Standing::Faulted(FaultKind::Race));
	});
}

/// A provider that makes up what a pass reads, so that the program seems to be at fault.
#[test]
fn a_made_up_fault_falls_with_a_challenge() {
	run(|| {
		let mut rows = Rows::new(GROUPS);
		rows.y[slice(4).start] = RACE;
		rows.y[slice(4).end - 1] = RACE;
		rows.z = next(&rows.y);
		let work = drawn_as(&rows, LATE);
		assert_eq!(work.open(0), Ok(Pays::No));
		assert_eq!(Attestations::standing(work.id), Standing::Faulted(FaultKind::Race));
		assert_eq!(work.challenge(LATE), Err(Error::<Test>::ProgramFaults.into()));
		assert_eq!(work.challenge(workgroup(0, 4)), Ok(Pays::No));
		let upheld = RefundReason::ChallengeUpheld;
		assert_eq!(told(), Some(Told::Refunded(work.id, upheld, Some(CAIO))));
	});
}

/// A buyer who knows of a fault that was not drawn has the results, and pays for them.
#[test]
fn a_fault_that_was_not_drawn_changes_nothing_after_the_audit() {
	run(|| {
		for (rows, at) in [(from_inputs(RACE), AT), (from_written(OVERRUN), LATE)] {
			let work = contestable(&rows, Some(at));
			assert!(work.prove_fault(at).is_err());
			assert!(work.challenge(at).is_err());
			pass_until(work.until() + 1);
			assert_eq!(TestJobs::settle(work.id), Ok(Verdict::Settled));
		}
	});
}
