//! Spoiled witnesses. None of them changes anything, whoever sends them.

use super::*;

/// Pass 1, workgroup 4 reads words 192 to 288: chunks 0 and 1. It owns 192 to 240: chunk 0.
const TWO_READ: Workgroup = workgroup(1, 4);
/// Workgroup 5 owns words 240 to 288: chunks 0 and 1.
const TWO_WRITTEN: Workgroup = workgroup(1, 5);

/// Spoils the witness of a workgroup, whose slice is right or wrong, and sends it as opening and as
/// challenge.
#[track_caller]
fn refused(at: Workgroup, error: Error<Test>, spoil: impl Fn(&Work, &mut Witness)) {
	let error: DispatchError = error.into();
	run(|| {
		for rows in [Rows::new(GROUPS), Rows::with_late_lie(GROUPS, at.number)] {
			let spoiled = |work: &Work| {
				let (mut witness, steps) = work.witness(at);
				spoil(work, &mut witness);
				(witness, steps)
			};
			let work = drawn_as(&rows, at);
			let (witness, steps) = spoiled(&work);
			let open = Call::open { job: work.id, sample: 0, steps, witness };
			assert_eq!(send(PIA, open), Err(error));

			let work = contestable(&rows, Some(at));
			let (witness, steps) = spoiled(&work);
			let challenge = Call::challenge { job: work.id, workgroup: at, steps, witness };
			let log = Log::get();
			assert_eq!(send(CAIO, challenge), Err(error));
			assert_eq!(Log::get(), log);
		}
	});
}

fn read(witness: &mut Witness) -> &mut Opening {
	witness.reads[0].as_mut().expect("it reads")
}

#[test]
fn the_workgroups_are_at_the_edges_of_chunks() {
	run(|| {
		let work = running(&Rows::new(GROUPS), 1);
		let (mut witness, _) = work.witness(TWO_READ);
		assert_eq!(read(&mut witness).chunks, [0, 1]);
		assert_eq!(witness.reads[1], None, "it does not read the table");
		assert_eq!(witness.slices[0].chunks, [0]);
		assert_eq!(work.witness(TWO_WRITTEN).0.slices[0].chunks, [0, 1]);
	});
}

#[test]
fn swapped_chunks() {
	refused(TWO_READ, Error::OpeningDoesNotVerify, |_, witness| {
		let bytes = &mut read(witness).bytes;
		bytes.rotate_left(1024);
	});
	refused(TWO_READ, Error::OpeningDoesNotVerify, |_, witness| {
		read(witness).chunks.swap(0, 1);
	});
	refused(TWO_WRITTEN, Error::WrongSliceChunks, |_, witness| {
		witness.slices[0].chunks.swap(0, 1);
	});
	refused(TWO_WRITTEN, Error::OpeningDoesNotVerify, |_, witness| {
		witness.slices[0].bytes.rotate_left(1024);
	});
}

#[test]
fn other_chunks_of_the_right_buffer() {
	refused(TWO_READ, Error::ChunkMissing, |work, witness| {
		witness.reads[0] = Some(work.computed.open(2, &[2, 3]).unwrap());
	});
	refused(TWO_READ, Error::WrongSliceChunks, |work, witness| {
		witness.slices[0] = work.computed.open(3, &[1]).unwrap();
	});
}

#[test]
fn the_wrong_buffer() {
	// 0 is `x`, 2 is `y`, 3 is `z`: all of one length.
	for buffer in [0, 3] {
		refused(TWO_READ, Error::OpeningDoesNotVerify, |work, witness| {
			witness.reads[0] = Some(work.computed.open(buffer, &[0, 1]).unwrap());
		});
	}
	refused(TWO_READ, Error::OpeningDoesNotVerify, |work, witness| {
		witness.slices[0] = work.computed.open(2, &[0]).unwrap();
	});
	refused(TWO_READ, Error::OpeningDoesNotVerify, |_, witness| {
		witness.reads.swap(0, 1);
	});
}

#[test]
fn another_jobs_witness() {
	let mut other = Rows::new(GROUPS);
	other.x[0] += 1;
	let other = Rows { t: other.t, ..Rows::of(other.x) }.computed();
	refused(TWO_READ, Error::OpeningDoesNotVerify, |_, witness| {
		*witness = other.witness(TWO_READ).unwrap().0;
	});
	refused(TWO_READ, Error::OpeningDoesNotVerify, |_, witness| {
		witness.slices = other.witness(TWO_READ).unwrap().0.slices;
	});
}

/// What is right in one job is right in another only if it is the same computation.
#[test]
fn a_challenge_upheld_in_one_job_is_void_in_another() {
	run(|| {
		let at = workgroup(1, 3);
		let liar = contestable(&Rows::with_late_lie(GROUPS, 3), Some(at));
		let honest = contestable(&Rows::new(GROUPS), None);
		let (witness, steps) = liar.witness(at);
		let replay = |job| {
			let witness = witness.clone();
			send(CAIO, Call::challenge { job, workgroup: at, steps, witness })
		};
		let void = Err(Error::<Test>::OpeningDoesNotVerify.into());
		assert_eq!(replay(honest.id), void);
		assert_eq!(replay(liar.id), Ok(Pays::No));
		assert_eq!(replay(honest.id), void);
	});
}

#[test]
fn missing_chunks() {
	for chunk in [0, 1] {
		refused(TWO_READ, Error::ChunkMissing, |work, witness| {
			witness.reads[0] = Some(work.computed.open(2, &[1 - chunk]).unwrap());
		});
	}
	refused(TWO_READ, Error::ChunkMissing, |_, witness| witness.reads[0] = None);
	for chunks in [vec![0], vec![1]] {
		refused(TWO_WRITTEN, Error::WrongSliceChunks, |work, witness| {
			witness.slices[0] = work.computed.open(3, &chunks).unwrap();
		});
	}
}

#[test]
fn truncated_openings() {
	refused(TWO_READ, Error::OpeningDoesNotVerify, |_, witness| {
		read(witness).bytes.pop();
	});
	refused(TWO_READ, Error::OpeningDoesNotVerify, |_, witness| {
		read(witness).siblings.pop();
	});
	refused(TWO_READ, Error::OpeningDoesNotVerify, |_, witness| {
		read(witness).chunks.pop();
	});
	refused(TWO_READ, Error::OpeningDoesNotVerify, |_, witness| {
		*read(witness) = Opening { chunks: vec![], bytes: vec![], siblings: vec![] };
	});
	refused(TWO_READ, Error::OpeningDoesNotVerify, |_, witness| {
		witness.slices[0].bytes.truncate(512);
	});
	refused(TWO_READ, Error::WrongSliceChunks, |_, witness| witness.slices[0].chunks.clear());
}

#[test]
fn too_long_openings() {
	refused(TWO_READ, Error::OpeningDoesNotVerify, |_, witness| read(witness).bytes.push(0));
	refused(TWO_READ, Error::OpeningDoesNotVerify, |_, witness| {
		read(witness).siblings.push([0; 32]);
	});
	refused(TWO_READ, Error::WrongSliceChunks, |work, witness| {
		witness.slices[0] = work.computed.open(3, &[0, 1]).unwrap();
	});
	refused(TWO_READ, Error::OpeningDoesNotVerify, |_, witness| {
		read(witness).chunks.push(u32::MAX);
	});
}

#[test]
fn one_changed_bit_anywhere() {
	for at in [0, 1023, 1024, 2047] {
		refused(TWO_READ, Error::OpeningDoesNotVerify, |_, witness| {
			read(witness).bytes[at] ^= 1;
		});
	}
	refused(TWO_READ, Error::OpeningDoesNotVerify, |_, witness| {
		read(witness).siblings[0][31] ^= 128;
	});
	refused(TWO_WRITTEN, Error::OpeningDoesNotVerify, |_, witness| {
		witness.slices[0].bytes[2047] ^= 1;
	});
}

#[test]
fn an_opening_for_each_buffer_and_no_other() {
	let wrong = || Error::WrongNumberOfOpenings;
	refused(TWO_READ, wrong(), |_, witness| {
		witness.reads.pop();
	});
	refused(TWO_READ, wrong(), |_, witness| witness.reads.push(None));
	refused(TWO_READ, wrong(), |_, witness| witness.slices.clear());
	refused(TWO_READ, wrong(), |_, witness| {
		let again = witness.slices[0].clone();
		witness.slices.push(again);
	});
	refused(TWO_READ, wrong(), |_, witness| *witness = Witness::default());
}

#[test]
fn spare_chunks_change_nothing() {
	run(|| {
		for (rows, pays) in
			[(Rows::new(GROUPS), Pays::Yes), (Rows::with_late_lie(GROUPS, 4), Pays::No)]
		{
			let work = contestable(&rows, Some(TWO_READ));
			let (mut witness, steps) = work.witness(TWO_READ);
			witness.reads[0] = Some(work.computed.open(2, &[0, 1, 2, 3]).unwrap());
			witness.reads[1] = Some(work.computed.open(1, &[0]).unwrap());
			let challenge = Call::challenge { job: work.id, workgroup: TWO_READ, steps, witness };
			assert_eq!(send(CAIO, challenge), Ok(pays));
		}
	});
}

#[test]
fn as_many_chunks_as_a_workgroup_may_read_over_all_buffers() {
	run(|| {
		let work = contestable(&Rows::new(GROUPS).with_table(1_100), None);
		let with = |table: u32| {
			let (mut witness, steps) = work.witness(TWO_READ);
			let chunks: Vec<u32> = (0..table).collect();
			witness.reads[1] = Some(work.computed.open(1, &chunks).unwrap());
			send(CAIO, Call::challenge { job: work.id, workgroup: TWO_READ, steps, witness })
		};
		// Two of `y` come first.
		assert_eq!(with(1_022), Ok(Pays::Yes));
		assert_eq!(with(1_023), Err(Error::<Test>::TooManyChunks.into()));
	});
}

/// A provider may commit to a hash of longer or shorter data under the length that the program gives.
/// What it cannot show it is asked for.
#[test]
fn a_name_with_another_length_than_its_data_cannot_be_opened() {
	run(|| {
		let work = running(&Rows::new(GROUPS), 1);
		let mut transcript: Transcript = work.computed.transcript();
		// `z` without its last chunk, and four bytes more.
		let z = work.computed.buffer(3);
		let short = mutirao_commitment::BufferId::of(&z[..3 * 1024 + 4]);
		transcript[1] = mutirao_commitment::BufferId { bytes: z.len() as u64, ..short };
		assert_ok!(send(PIA, Call::attest { job: work.id, transcript }));
		pass(DRAW + 1);
		work.rig(|drawn| drawn == [workgroup(0, 0)]);
		assert_ok!(work.open(0));
		// Chunks of what was hashed are right, and say nothing about the others.
		let opening = Opening::of(&z[..3 * 1024 + 4], &[0]).unwrap();
		let (mut witness, steps) = work.witness(workgroup(1, 0));
		witness.slices[0] = opening;
		let at = workgroup(1, 0);
		let challenge = Call::challenge { job: work.id, workgroup: at, steps, witness };
		assert_eq!(send(CAIO, challenge), Ok(Pays::Yes));
		// The last one is not there to be shown.
		let last = JobBuffer::Written(1);
		assert_ok!(work.demand(CAIO, last, 3));
		assert_eq!(work.supply(last, 3), Err(Error::<Test>::OpeningDoesNotVerify.into()));
		let opening = Opening::of(&z[..3 * 1024 + 4], &[3]).unwrap();
		let supply = Call::supply { job: work.id, buffer: last, opening };
		assert_eq!(send(PIA, supply), Err(Error::<Test>::OpeningDoesNotVerify.into()));
		pass_until(work.until().max(Active::get() + SUPPLY) + 1);
		let lost = Verdict::Refunded(RefundReason::DemandUnanswered);
		assert_eq!(TestJobs::settle(work.id), Ok(lost));
	});
}
