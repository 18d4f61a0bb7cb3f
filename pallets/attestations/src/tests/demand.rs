use super::*;

const BUFFER: JobBuffer = JobBuffer::Written(1);

#[test]
fn a_demand_pays_in_advance_and_is_counted() {
	run(|| {
		let work = contestable(&Rows::new(GROUPS), None);
		assert_eq!(work.demand(CAIO, BUFFER, 3), Ok(Pays::Yes));
		assert_eq!((held(CAIO), free(CAIO)), (DEPOSIT, MONEY - DEPOSIT));
		assert_eq!(Stored::<Test>::get(work.id).unwrap().demands, 1);
		let pending = Attestations::pending_demand(work.id, BUFFER, 3).unwrap();
		let until = Active::get() + SUPPLY;
		assert_eq!((pending.by, pending.deposit, pending.until), (CAIO, DEPOSIT, until));
		let (job, by) = (work.id, CAIO);
		assert_last_event(Event::Demanded { job, buffer: BUFFER, chunk: 3, by, until });
		assert_ok!(work.demand(CAIO, JobBuffer::Input(0), 3));
		assert_eq!(held(CAIO), 2 * DEPOSIT);
		assert_eq!(Stored::<Test>::get(work.id).unwrap().demands, 2);
	});
}

#[test]
fn a_chunk_is_demanded_once_at_a_time() {
	run(|| {
		let work = contestable(&Rows::new(GROUPS), None);
		assert_ok!(work.demand(CAIO, BUFFER, 0));
		for by in [CAIO, BIA] {
			assert_eq!(work.demand(by, BUFFER, 0), Err(Error::<Test>::AlreadyDemanded.into()));
		}
		assert_ok!(work.supply(BUFFER, 0));
		assert_ok!(work.demand(BIA, BUFFER, 0));
	});
}

#[test]
fn only_chunks_of_the_jobs_buffers_are_demanded() {
	run(|| {
		let work = contestable(&Rows::new(GROUPS), None);
		for (buffer, chunks) in [
			(JobBuffer::Input(0), 4),
			(JobBuffer::Input(1), 1),
			(JobBuffer::Input(2), 0),
			(JobBuffer::Written(0), 4),
			(JobBuffer::Written(1), 4),
			(JobBuffer::Written(2), 0),
			(JobBuffer::Written(255), 0),
		] {
			for beyond in [chunks, u32::MAX] {
				let none = work.demand(CAIO, buffer, beyond);
				assert_eq!(none, Err(Error::<Test>::NoSuchChunk.into()), "{buffer:?}");
			}
			if chunks > 0 {
				assert_ok!(work.demand(CAIO, buffer, chunks - 1));
				assert_ok!(work.supply(buffer, chunks - 1));
			}
		}
	});
}

#[test]
fn demands_are_for_contestable_jobs() {
	run(|| {
		for work in [running, drawn].map(|stage| stage(&Rows::new(2), 1)) {
			assert_eq!(work.demand(CAIO, BUFFER, 0), Err(Error::<Test>::NotContestable.into()));
		}
		let none = Work { id: 99, computed: Rows::new(2).computed() };
		assert_eq!(none.demand(CAIO, BUFFER, 0), Err(Error::<Test>::NoSuchJob.into()));
	});
}

#[test]
fn a_demand_needs_its_deposit() {
	run(|| {
		let work = contestable(&Rows::new(2), None);
		assert!(work.demand(77, BUFFER, 0).is_err());
		assert!(Attestations::pending_demand(work.id, BUFFER, 0).is_none());
	});
}

/// A provider that fills the list by demanding of itself does not keep the buyer from asking.
#[test]
fn so_many_wait_at_once_and_as_many_more_of_the_buyers() {
	run(|| {
		let work = contestable(&Rows::new(GROUPS), None);
		let chunks = (0..2).flat_map(|place| (0..4).map(move |chunk| (place, chunk)));
		let mut chunks = chunks.map(|(place, chunk)| (JobBuffer::Written(place), chunk));
		for (buffer, chunk) in chunks.by_ref().take(MAX_DEMANDS.into()) {
			assert_ok!(work.demand(PIA, buffer, chunk));
		}
		let full = Err(Error::<Test>::TooManyDemands.into());
		for by in [PIA, CAIO] {
			assert_eq!(work.demand(by, JobBuffer::Input(0), 0), full);
		}
		for (buffer, chunk) in chunks.take(MAX_DEMANDS.into()) {
			assert_ok!(work.demand(BIA, buffer, chunk));
		}
		assert_eq!(work.demand(BIA, JobBuffer::Input(0), 0), full);
		check();
		// Only when fewer wait than may is there a place for others again.
		for chunk in 0..MAX_DEMANDS {
			assert_ok!(work.supply(JobBuffer::Written(0), chunk.into()));
			assert_eq!(work.demand(CAIO, JobBuffer::Input(0), 0), full);
		}
		assert_ok!(work.supply(JobBuffer::Written(0), 3));
		assert_ok!(work.demand(CAIO, JobBuffer::Input(0), 0));
	});
}
