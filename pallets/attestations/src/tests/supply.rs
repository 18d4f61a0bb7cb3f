use super::*;

const BUFFER: JobBuffer = JobBuffer::Written(1);

fn supply(work: &Work, opening: Opening) -> Result<Pays, DispatchError> {
	send(CAIO, Call::supply { job: work.id, buffer: BUFFER, opening })
}

#[test]
fn an_answer_earns_the_deposit_and_leaves_time_to_use_it() {
	run(|| {
		let work = contestable(&Rows::new(GROUPS), None);
		assert_ok!(work.demand(CAIO, BUFFER, 3));
		assert_eq!(work.supply(BUFFER, 3), Ok(Pays::No));
		assert_eq!((held(CAIO), free(CAIO)), (0, MONEY - DEPOSIT));
		assert_eq!(free(PIA), MONEY + DEPOSIT);
		assert_eq!(Stored::<Test>::get(work.id).unwrap().demands, 0);
		assert!(Attestations::pending_demand(work.id, BUFFER, 3).is_none());
		assert_eq!(told(), Some(Told::Extended(work.id, GRACE)));
		assert_last_event(Event::Supplied { job: work.id, buffer: BUFFER, chunk: 3 });
		assert_eq!(work.supply(BUFFER, 3), Err(Error::<Test>::NotDemanded.into()));
	});
}

#[test]
fn anybody_may_answer_for_the_provider() {
	run(|| {
		let work = contestable(&Rows::new(GROUPS), None);
		assert_ok!(work.demand(BIA, BUFFER, 1));
		assert_eq!(supply(&work, work.computed.open(3, &[1]).unwrap()), Ok(Pays::No));
		assert_eq!((free(BIA), free(PIA)), (MONEY - DEPOSIT, MONEY + DEPOSIT));
		assert_eq!(free(CAIO), MONEY);
	});
}

#[test]
fn a_provider_that_demands_of_itself_has_its_deposit_back() {
	run(|| {
		let work = contestable(&Rows::new(GROUPS), None);
		assert_ok!(work.demand(PIA, BUFFER, 1));
		assert_eq!(held(PIA), DEPOSIT);
		assert_ok!(work.supply(BUFFER, 1));
		assert_eq!((held(PIA), free(PIA)), (0, MONEY));
	});
}

#[test]
fn one_demand_of_several_of_one_account_is_paid() {
	run(|| {
		let (one, other) = (contestable(&Rows::new(2), None), contestable(&Rows::new(2), None));
		assert_ok!(one.demand(CAIO, BUFFER, 0));
		assert_ok!(other.demand(CAIO, BUFFER, 0));
		assert_ok!(one.supply(BUFFER, 0));
		assert_eq!((held(CAIO), free(PIA)), (DEPOSIT, MONEY + DEPOSIT));
		assert!(Attestations::pending_demand(other.id, BUFFER, 0).is_some());
	});
}

#[test]
fn an_answer_shows_the_demanded_chunk_of_the_demanded_buffer() {
	run(|| {
		let work = contestable(&Rows::new(GROUPS), None);
		assert_ok!(work.demand(CAIO, BUFFER, 1));
		let open = |buffer, chunks: &[u32]| work.computed.open(buffer, chunks).unwrap();
		let empty = Opening { chunks: vec![], ..open(3, &[1]) };
		for wrong in [empty, open(3, &[0, 1])] {
			assert_eq!(supply(&work, wrong), Err(Error::<Test>::WrongChunk.into()));
		}
		assert_eq!(supply(&work, open(3, &[2])), Err(Error::<Test>::NotDemanded.into()));
		let renamed = Opening { chunks: vec![1], ..open(3, &[0]) };
		let mut changed = open(3, &[1]);
		changed.bytes[0] ^= 1;
		let mut longer = open(3, &[1]);
		longer.bytes.push(0);
		let mut shorter = open(3, &[1]);
		shorter.siblings.pop();
		for wrong in [open(2, &[1]), renamed, changed, longer, shorter] {
			assert_eq!(supply(&work, wrong), Err(Error::<Test>::OpeningDoesNotVerify.into()));
		}
		let other = Call::supply { job: work.id + 1, buffer: BUFFER, opening: open(3, &[1]) };
		assert_eq!(send(PIA, other), Err(Error::<Test>::NotDemanded.into()));
		assert_ok!(supply(&work, open(3, &[1])));
	});
}

#[test]
fn every_chunk_of_every_buffer_can_be_shown() {
	run(|| {
		let work = contestable(&Rows::new(GROUPS), None);
		let inputs = (0..4).map(|chunk| (JobBuffer::Input(0), chunk));
		let written = (0..8).map(|at| (JobBuffer::Written(at / 4), u32::from(at % 4)));
		for (buffer, chunk) in inputs.chain([(JobBuffer::Input(1), 0)]).chain(written) {
			assert_ok!(work.demand(CAIO, buffer, chunk));
			assert_ok!(work.supply(buffer, chunk));
		}
		assert_eq!(free(PIA), MONEY + 13 * DEPOSIT);
	});
}

/// What was shown is what a challenger lacked.
#[test]
fn a_challenge_with_a_chunk_that_was_shown_at_the_last_moment() {
	run(|| {
		let wrong = workgroup(1, 19);
		let work = contestable(&Rows::with_late_lie(GROUPS, 19), Some(wrong));
		pass_until(work.until());
		assert_ok!(work.demand(CAIO, BUFFER, 3));
		pass(SUPPLY);
		assert_ok!(work.supply(BUFFER, 3));
		pass(GRACE);
		assert_eq!(TestJobs::settle(work.id), Err("not due".into()));
		assert_eq!(work.challenge(wrong), Ok(Pays::No));
	});
}
