use super::*;

fn prune(job: JobId) -> Result<Pays, DispatchError> {
	send(ANA, Call::prune { job })
}

fn ended() -> JobId {
	let id = contestable();
	assert_ok!(Jobs::refunded(id, RefundReason::OpeningWrong, None));
	id
}

#[test]
fn prune_frees_the_rent_and_leaves_nothing_works() {
	run(|| {
		let (id, other) = (ended(), open());
		pass(HISTORY + 1);
		assert_eq!(prune(id), Ok(Pays::No));
		System::assert_last_event(Event::Pruned { job: id }.into());
		assert_eq!(held(BIA), (CAP + AUDIT_FEE, RENT));
		assert!(Jobs::finished_job(id).is_none());
		assert_eq!(
			JobsByState::<Test>::iter_keys().collect::<Vec<_>>(),
			[(JobStateKind::Open, other)]
		);
		assert_eq!(JobsByBuyer::<Test>::iter_keys().collect::<Vec<_>>(), [(BIA, other)]);
		assert_eq!(JobsByProvider::<Test>::iter_keys().count(), 0);
	});
}

#[test]
fn prune_of_a_job_that_nobody_accepted_works() {
	run(|| {
		let id = open();
		assert_ok!(send(BIA, Call::cancel { job: id }));
		pass(HISTORY + 1);
		assert_ok!(prune(id));
		assert_eq!(free(BIA), MONEY);
	});
}

#[test]
fn prune_while_the_job_is_to_be_remembered_fails() {
	run(|| {
		pass(5);
		let id = ended();
		pass(HISTORY);
		assert_noop!(prune(id), Error::<Test>::TooEarlyToPrune);
		pass(1);
		assert_ok!(prune(id));
	});
}

#[test]
fn prune_of_a_live_job_no_job_or_twice_fails() {
	run(|| {
		let (live, id) = (open(), ended());
		pass(HISTORY + 1);
		assert_ok!(prune(id));
		for id in [live, id, 99] {
			assert_noop!(prune(id), Error::<Test>::NotFinished);
		}
	});
}
