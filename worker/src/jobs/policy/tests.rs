//! Each rule by itself: a job that is just taken, and what refuses it.

use super::*;
use crate::jobs::tests::support::{described, request, terms, PRICE, STAKE};
use mutirao_types::{Backend, Region, Score};

struct Case {
	policy: Policy,
	job: Job<AccountId, Balance>,
	quote: Quote,
	longest_buffer: u64,
	now: ActiveBlock,
	offer: Offer<AccountId, Balance>,
	provider: Provider<Balance>,
	reputation: Permill,
	device: DeviceInfo,
	room: u64,
	present: u64,
	backlog: f64,
}

fn case() -> Case {
	let declared_steps = 30_000_000;
	let quote = Quote {
		declared_steps,
		workgroup_steps: 1_000,
		input_bytes: vec![1_000].try_into().unwrap(),
		output_bytes: vec![3_000].try_into().unwrap(),
		total_bytes: 4_000,
		written_buffers: 1,
	};
	let provider = AccountId::from([2; 32]);
	Case {
		policy: Policy::default(),
		job: Job {
			buyer: AccountId::from([1; 32]),
			request: request([7; 32], Vec::new(), Vec::new()),
			declared_steps,
			audit_fee: 1_000_000_000,
			posted_at: 90,
			state: JobState::Open { until: 140 },
		},
		quote,
		longest_buffer: 3_000,
		now: 100,
		offer: Offer {
			provider,
			device: described(),
			terms: terms(),
			state: OfferState::Active,
			running: 0,
			score: Some(Score { steps_per_second: 2_000, expires: 200 }),
		},
		provider: Provider {
			stake: STAKE,
			earmarked: 0,
			open_jobs: 0,
			offers: 1,
			endpoint: Default::default(),
			state: ProviderState::Active,
			reputation: Default::default(),
		},
		reputation: Permill::from_percent(60),
		device: DeviceInfo {
			name: "one".into(),
			backend: Backend::Vulkan,
			driver: "a driver".into(),
			memory_mib: 1_024,
			max_buffer_bytes: 1 << 20,
			loop_limit: None,
			steps_per_second: Some(1_000_000),
		},
		room: 4_000,
		present: 0,
		backlog: 0.0,
	}
}

fn judge(change: impl FnOnce(&mut Case)) -> Result<Terms, Refusal> {
	let mut case = case();
	change(&mut case);
	case.policy.judge(&Facts {
		job: &case.job,
		quote: &case.quote,
		longest_buffer: case.longest_buffer,
		now: case.now,
		offer_id: 7,
		offer: &case.offer,
		provider: &case.provider,
		reputation: case.reputation,
		device: &case.device,
		room: case.room,
		present: case.present,
		backlog: case.backlog,
	})
}

#[test]
fn a_job_that_fits_is_taken_at_the_offers_price() {
	let terms = judge(|_| {}).unwrap();
	let expected = Terms {
		directed: false,
		price: PRICE,
		collateral: 2 * PRICE,
		profit: PRICE - PRICE / 50,
		seconds: 30.0,
	};
	assert_eq!(terms, expected);
	assert!(judge(|case| case.job.request.target = Target::Offer(7)).unwrap().directed);
}

#[test]
fn what_the_offer_or_the_job_does_not_allow_is_refused() {
	let refused = |change: fn(&mut Case)| judge(change).unwrap_err();
	assert_eq!(refused(|case| case.policy.accept = false), Refusal::NotAccepting);
	assert_eq!(refused(|case| case.now = 140), Refusal::OpenTooShort);
	let another = refused(|case| case.job.request.target = Target::Offer(8));
	assert_eq!(another, Refusal::ForAnother);
	assert_eq!(refused(|case| case.offer.state = OfferState::Paused), Refusal::OfferPaused);
	assert_eq!(refused(|case| case.offer.terms.expires = 99), Refusal::OfferExpired);
	assert_eq!(refused(|case| case.offer.running = 4), Refusal::Busy { capacity: 4 });
	let leaving = refused(|case| case.provider.state = ProviderState::Leaving { free_at: 9 });
	assert_eq!(leaving, Refusal::Leaving);
}

#[test]
fn requirements_are_held_against_offer_and_provider() {
	let slow = judge(|case| case.job.request.requirements.steps_per_second = 2_001);
	assert_eq!(slow, Err(Refusal::TooSlow { found: 2_000, wanted: 2_001 }));
	assert!(judge(|case| case.job.request.requirements.steps_per_second = 2_000).is_ok());
	let old = judge(|case| {
		case.job.request.requirements.steps_per_second = 1;
		case.offer.score = Some(Score { steps_per_second: 2_000, expires: 99 });
	});
	assert_eq!(old, Err(Refusal::TooSlow { found: 0, wanted: 1 }));
	let small = judge(|case| case.job.request.requirements.memory_mib = 8_193);
	assert_eq!(small, Err(Refusal::TooLittleMemory { found: 8_192, wanted: 8_193 }));
	let region = |subdivision| Some(Region { country: *b"BR", subdivision });
	assert!(judge(|case| case.job.request.requirements.region = region([0; 3])).is_ok());
	let elsewhere = judge(|case| case.job.request.requirements.region = region(*b"RJ\0"));
	assert_eq!(elsewhere, Err(Refusal::ElsewhereWanted));
	let wanted = |percent| {
		judge(move |case| {
			case.job.request.requirements.reputation = Permill::from_percent(percent);
		})
	};
	assert!(wanted(60).is_ok());
	assert_eq!(wanted(61), Err(Refusal::ReputationTooLow));
}

#[test]
fn what_device_or_store_cannot_hold_is_refused() {
	let long = judge(|case| case.longest_buffer = (1 << 20) + 1);
	assert_eq!(long, Err(Refusal::BufferTooLong { bytes: (1 << 20) + 1, most: 1 << 20 }));
	let larger = judge(|case| {
		case.device.max_buffer_bytes = u64::MAX;
		case.longest_buffer = (1 << 30) + 1;
	});
	assert!(matches!(larger, Err(Refusal::BufferTooLong { .. })));
	let full = judge(|case| case.room = 3_999);
	assert_eq!(full, Err(Refusal::StoreFull { needed: 4_000, room: 3_999 }));
	assert!(judge(|case| (case.room, case.present) = (3_000, 1_000)).is_ok());
}

#[test]
fn prices_collateral_and_profit_are_held_to_their_bounds() {
	let cap = judge(|case| case.job.request.price_cap = PRICE - 1);
	assert_eq!(cap, Err(Refusal::PriceAboveCap { price: PRICE, cap: PRICE - 1 }));
	// Four audit fees are the least collateral, and it counts against the offer's most.
	let audit = judge(|case| case.job.audit_fee = 501 * PRICE);
	assert_eq!(audit, Err(Refusal::PriceAboveMaximum { maximum: 1_000 * PRICE }));
	assert_eq!(judge(|case| case.job.audit_fee = PRICE).unwrap().collateral, 4 * PRICE);
	let poor = judge(|case| case.provider.earmarked = STAKE - 1);
	assert_eq!(poor, Err(Refusal::StakeTooSmall { needed: 2 * PRICE, free: 1 }));
	let left = PRICE - PRICE / 50;
	assert!(judge(|case| case.policy.minimum_profit = left).is_ok());
	let little = judge(|case| case.policy.minimum_profit = left + 1);
	assert_eq!(little, Err(Refusal::TooLittleProfit { profit: left, least: left + 1 }));
	// 30 s of 200 W are one six-hundredth of a kWh.
	let terms = judge(|case| case.policy.energy_price = Some(600_000_000)).unwrap();
	assert_eq!(terms.profit, left - 1_000_000);
}

#[test]
fn times_that_cannot_be_kept_are_refused() {
	let long = judge(|case| case.policy.max_job_seconds = 29);
	assert_eq!(long, Err(Refusal::TooLong { seconds: 30, most: 29 }));
	// 30 s, half as much again, are 15 blocks; 20 are for calls to become final.
	let within = |blocks| judge(move |case| case.job.request.times.attest_within = blocks);
	assert!(within(35).is_ok());
	assert_eq!(within(34), Err(Refusal::DeadlineTooClose { needed: 35, given: 34 }));
	let behind = judge(|case| (case.backlog, case.job.request.times.attest_within) = (30.0, 35));
	assert_eq!(behind, Err(Refusal::DeadlineTooClose { needed: 50, given: 35 }));
	let unmeasured = judge(|case| case.device.steps_per_second = None).unwrap();
	assert_eq!(unmeasured.seconds, 30.0, "taken to be slow, and slow it is here");
	let window = judge(|case| case.job.request.times.contest_for = 57_601);
	assert_eq!(window, Err(Refusal::WindowTooLong { window: 57_601, most: 57_600 }));
	let endless = judge(|case| case.job.declared_steps = u64::MAX);
	assert!(endless.is_err());
}

#[test]
fn a_directed_job_goes_before_a_better_paid_one_and_of_two_the_better_paid_a_second() {
	let terms = |directed, profit, seconds| Terms {
		directed,
		price: profit,
		collateral: 0,
		profit,
		seconds,
	};
	assert!(terms(true, 1, 10.0).rank() > terms(false, 1_000, 10.0).rank());
	assert!(terms(false, 20, 10.0).rank() > terms(false, 100, 100.0).rank());
	assert!(terms(false, 1, 0.0).rank() > terms(false, 1, 1.0).rank());
}
