use super::*;
use crate::JobRecord;
use codec::Encode;
use frame_support::traits::tokens::Preservation;
use mutirao_types::Job;
use sp_runtime::TokenError;

#[test]
fn post_stores_and_lists_the_job_and_holds_its_money_works() {
	run(|| {
		pass(3);
		let id = open();
		assert_eq!(held(BIA), (CAP + AUDIT_FEE, RENT));
		assert_eq!(free(BIA), MONEY - CAP - AUDIT_FEE - RENT);
		let job = Job {
			buyer: BIA,
			request: request(),
			declared_steps: 77_777,
			audit_fee: AUDIT_FEE,
			posted_at: 3,
			state: JobState::Open { until: 3 + ACCEPT },
		};
		assert_eq!(Jobs::job(id), Some(job.clone()));
		assert_eq!(<Jobs as mutirao_traits::Jobs<_, _>>::job(id), Some(job));
		assert!(JobsByBuyer::<Test>::contains_key(BIA, id));
		assert!(JobsByState::<Test>::contains_key(JobStateKind::Open, id));
		assert_eq!(JobsByProvider::<Test>::iter().count(), 0);
		assert_eq!(AllTime::<Test>::get().posted, 1);
		let event = Event::Posted {
			job: id,
			buyer: BIA,
			program: [9; 32],
			declared_steps: 77_777,
			price_cap: CAP,
			audit_fee: AUDIT_FEE,
			until: 3 + ACCEPT,
		};
		System::assert_last_event(event.into());
		assert_eq!(open(), id + 1);
	});
}

/// Posts from an account with so much beyond what it must keep.
fn post_with(money: u64) -> Result<Pays, DispatchError> {
	use frame_support::traits::fungible::Mutate;
	let poor = 55;
	Balances::transfer(&ANA, &poor, ED + money, Preservation::Preserve).unwrap();
	send(poor, Call::post { request: request() })
}

#[test]
fn post_with_exactly_the_money_that_it_holds_works() {
	run(|| {
		assert_ok!(post_with(CAP + AUDIT_FEE + RENT));
		assert_eq!(free(55), ED);
	});
}

#[test]
fn post_with_one_planck_less_fails() {
	run(|| {
		let call = Call::post { request: request() };
		assert_eq!(post_with(CAP + AUDIT_FEE + RENT - 1), Err(TokenError::FundsUnavailable.into()));
		assert_noop!(send(55, call), TokenError::FundsUnavailable);
		assert_eq!(Uses::get(), 0);
	});
}

#[test]
fn post_with_more_or_fewer_inputs_fails() {
	run(|| {
		for change in [
			|one: &mut RequestOf<Test>| one.inputs.truncate(1),
			|one: &mut RequestOf<Test>| one.inputs.truncate(0),
			|one: &mut RequestOf<Test>| one.inputs.try_push(one.inputs[0]).unwrap(),
		] {
			let mut request = request();
			change(&mut request);
			assert_noop!(post(request), Error::<Test>::WrongNumberOfInputs);
		}
	});
}

#[test]
fn post_with_an_input_of_another_length_fails() {
	run(|| {
		for (index, bytes) in [(0, 99), (0, 101), (1, 2), (1, 4), (1, u64::MAX)] {
			let mut request = request();
			request.inputs[index].bytes = bytes;
			assert_noop!(post(request), Error::<Test>::WrongInputLength);
		}
	});
}

#[test]
fn post_with_as_many_samples_as_allowed_works() {
	run(|| {
		for samples in [1, MAX_SAMPLES] {
			let request = RequestOf::<Test> { samples, ..request() };
			let (before, _) = held(BIA);
			assert_eq!(Jobs::audit_fee(request.clone()), Some(101 * u64::from(samples)));
			assert_ok!(post(request));
			assert_eq!(held(BIA).0 - before, CAP + 101 * u64::from(samples));
		}
	});
}

#[test]
fn post_with_no_or_too_many_samples_fails() {
	run(|| {
		for samples in [0, MAX_SAMPLES + 1, u8::MAX] {
			let request = RequestOf::<Test> { samples, ..request() };
			assert_noop!(post(request), Error::<Test>::SamplesOutOfRange);
		}
	});
}

fn with_workgroups_of(steps: u64) {
	Asked::set(Ok(mutirao_types::Quote { workgroup_steps: steps, ..quote() }));
}

#[test]
fn post_of_a_program_that_declares_no_step_fails() {
	run(|| {
		Asked::set(Ok(mutirao_types::Quote { declared_steps: 0, ..quote() }));
		assert_noop!(post(request()), Error::<Test>::DeclaresNoStep);
	});
}

#[test]
fn post_with_the_largest_workgroup_that_can_be_audited_works() {
	run(|| {
		with_workgroups_of(MAX_WORKGROUP);
		open();
	});
}

#[test]
fn post_with_a_larger_workgroup_fails() {
	run(|| {
		with_workgroups_of(MAX_WORKGROUP + 1);
		assert_noop!(post(request()), Error::<Test>::WorkgroupTooLarge);
	});
}

fn with_times(accept_within: u32, attest_within: u32, contest_for: u32) -> RequestOf<Test> {
	RequestOf::<Test> { times: Times { accept_within, attest_within, contest_for }, ..request() }
}

#[test]
fn post_with_times_at_their_bounds_works() {
	run(|| {
		assert_ok!(post(with_times(1, 1, MIN_CONTEST)));
		assert_ok!(post(with_times(MAX_ACCEPT, MAX_ATTEST, MAX_CONTEST)));
	});
}

#[test]
fn post_with_times_beyond_their_bounds_fails() {
	run(|| {
		for (accept_within, attest_within, contest_for) in [
			(0, 1, MIN_CONTEST),
			(MAX_ACCEPT + 1, 1, MIN_CONTEST),
			(1, 0, MIN_CONTEST),
			(1, MAX_ATTEST + 1, MIN_CONTEST),
			(1, 1, MIN_CONTEST - 1),
			(1, 1, MAX_CONTEST + 1),
			(u32::MAX, u32::MAX, u32::MAX),
		] {
			assert_noop!(
				post(with_times(accept_within, attest_within, contest_for)),
				Error::<Test>::TimesOutOfRange
			);
		}
	});
}

fn with_cap(price_cap: u64) -> RequestOf<Test> {
	RequestOf::<Test> { price_cap, ..request() }
}

#[test]
fn post_with_the_least_cap_works() {
	run(|| assert_eq!(post(with_cap(MINIMUM_CAP)), Ok(Pays::Yes)));
}

#[test]
fn post_with_a_lower_cap_fails() {
	run(|| {
		assert_noop!(post(with_cap(MINIMUM_CAP - 1)), Error::<Test>::PriceCapTooLow);
		assert_noop!(post(with_cap(0)), Error::<Test>::PriceCapTooLow);
	});
}

#[test]
fn post_with_a_cap_beyond_all_money_fails() {
	run(|| {
		assert_noop!(post(with_cap(u64::MAX)), Error::<Test>::PriceCapTooHigh);
		assert_noop!(post(with_cap(u64::MAX - AUDIT_FEE)), TokenError::FundsUnavailable);
	});
}

#[test]
fn post_for_what_the_program_refuses_fails_with_its_error() {
	run(|| {
		let refused = DispatchError::Unavailable;
		Asked::set(Err(refused));
		assert_noop!(post(request()), refused);
		assert_eq!(Jobs::audit_fee(request()), None);
	});
}

#[test]
fn post_by_nobody_fails() {
	run(|| {
		assert_noop!(Jobs::post(RuntimeOrigin::root(), request()), sp_runtime::traits::BadOrigin);
	});
}

#[test]
fn rent_is_for_no_less_than_a_job_takes() {
	run(|| {
		let id = open();
		let mut record: JobRecord<_, _> = Live::<Test>::get(id).unwrap();
		record.job.request.inputs = vec![request().inputs[0]; 16].try_into().unwrap();
		record.job.request.parameters = vec![0; 32].try_into().unwrap();
		record.job.state = JobState::Contestable { deal: deal(), until: 0 };
		assert!(Jobs::footprint(0).size as usize > record.encoded_size());
	});
}

/// What is attested is kept with the job: 32 bytes of hash and 8 of length for each buffer.
#[test]
fn rent_is_also_for_what_will_be_attested() {
	run(|| {
		for written_buffers in [0, 1, WRITTEN, 256] {
			Asked::set(Ok(mutirao_types::Quote { written_buffers, ..quote() }));
			let names = 40 * u64::from(written_buffers);
			assert_eq!(Jobs::footprint(written_buffers).size - Jobs::footprint(0).size, names);
			let (_, before) = held(BIA);
			open();
			assert_eq!(held(BIA).1 - before, RENT - 40 * u64::from(WRITTEN) + names);
		}
		// The record, by buyer, by provider, by stage, and the attestation.
		assert_eq!(Jobs::footprint(0).count, 5);
	});
}
