//! Each rule by itself: a job that is just taken, and what refuses it.

use super::*;
use crate::jobs::tests::support::{described, request, terms, PRICE, STAKE};
use mutirao_types::{Backend, JobState, OfferState, ProviderState, Region, Score, Target};

struct Case {
	policy: Policy,
	job: Job<AccountId, Balance>,
	needs: Needs,
	now: ActiveBlock,
	offer: Offer<AccountId, Balance>,
	provider: Provider<Balance>,
	reputation: Permill,
	device: DeviceInfo,
	room: Room,
	backlog: f64,
	reserved: f64,
}

fn case() -> Case {
	let declared_steps = 30_000_000;
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
		needs: Needs { longest_buffer: 3_000, memory: 4_000, iterations: 500, writes: 3_000 },
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
		room: Room { missing: 1_000, free: 4_000 },
		backlog: 0.0,
		reserved: 0.0,
	}
}

/// What is left of the usual job's price: the fee is a fiftieth, and one in a hundred costs a half.
const LEFT: u128 = PRICE - PRICE / 50 - PRICE / 200;

fn judge(change: impl FnOnce(&mut Case)) -> Result<Terms, Refusal> {
	let mut case = case();
	change(&mut case);
	case.policy.judge(&Facts {
		job: &case.job,
		needs: &case.needs,
		now: case.now,
		offer_id: 7,
		offer: &case.offer,
		provider: &case.provider,
		reputation: case.reputation,
		device: &case.device,
		room: case.room,
		backlog: case.backlog,
		reserved: case.reserved,
	})
}

#[test]
fn a_job_that_fits_is_taken_at_the_offers_price() {
	let terms = judge(|_| {}).unwrap();
	let expected =
		Terms { directed: false, price: PRICE, collateral: 2 * PRICE, profit: LEFT, seconds: 30.0 };
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
	let long = judge(|case| case.needs.longest_buffer = (1 << 20) + 1);
	assert_eq!(long, Err(Refusal::BufferTooLong { bytes: (1 << 20) + 1, most: 1 << 20 }));
	// No buffer is too long, and together they are too much.
	let all = judge(|case| case.needs.memory = (1 << 30) + 1);
	assert_eq!(all, Err(Refusal::TooMuchMemory { bytes: (1 << 30) + 1, most: 1 << 30 }));
	assert!(judge(|case| case.needs.memory = 1 << 30).is_ok());
	let untold = judge(|case| (case.needs.memory, case.device.memory_mib) = (1 << 40, 0));
	assert!(untold.is_ok());
	let loops = judge(|case| case.device.loop_limit = Some(499));
	assert_eq!(loops, Err(Refusal::LoopsTooLong { iterations: 500, most: 499 }));
	assert!(judge(|case| case.device.loop_limit = Some(500)).is_ok());
	let full = judge(|case| case.room.free = 3_999);
	assert_eq!(full, Err(Refusal::StoreFull { needed: 4_000, room: 3_999 }));
	assert!(judge(|case| case.room = Room { missing: 0, free: 3_000 }).is_ok());
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
	assert!(judge(|case| case.policy.minimum_profit = LEFT).is_ok());
	let little = judge(|case| case.policy.minimum_profit = LEFT + 1);
	assert_eq!(little, Err(Refusal::TooLittleProfit { profit: LEFT, least: LEFT + 1 }));
	// Four audit fees answer for a cheap job: what failing costs on average is more than it pays.
	let risky = |fees: u128| judge(move |case| case.job.audit_fee = fees * PRICE);
	assert_eq!(risky(97).unwrap().profit, PRICE - PRICE / 50 - 97 * PRICE / 100);
	assert_eq!(risky(99).unwrap().profit, 0, "whoever wants no profit takes it all the same");
	let careful = judge(|case| (case.job.audit_fee, case.policy.minimum_profit) = (99 * PRICE, 1));
	assert_eq!(careful, Err(Refusal::TooLittleProfit { profit: 0, least: 1 }));
	// 30 s of 200 W are one six-hundredth of a kWh.
	let terms = judge(|case| case.policy.energy_price = Some(600_000_000)).unwrap();
	assert_eq!(terms.profit, LEFT - 1_000_000);
}

#[test]
fn times_that_cannot_be_kept_are_refused() {
	let long = judge(|case| case.policy.max_job_seconds = 29);
	assert_eq!(long, Err(Refusal::TooLong { seconds: 30, most: 29 }));
	// 30 s, or 120 of a slow kernel, half as much again, are 60 blocks; 20 are for calls to become final.
	let within = |blocks| judge(move |case| case.job.request.times.attest_within = blocks);
	assert!(within(80).is_ok());
	assert_eq!(within(79), Err(Refusal::DeadlineTooClose { needed: 80, given: 79 }));
	let fast =
		judge(|case| (case.policy.slowest, case.job.request.times.attest_within) = (1.0, 35));
	assert!(fast.is_ok());
	let behind = judge(|case| (case.backlog, case.job.request.times.attest_within) = (30.0, 80));
	assert_eq!(behind, Err(Refusal::DeadlineTooClose { needed: 140, given: 80 }));
	// A benchmark window ends when it does, however slow the kernel is.
	let kept = judge(|case| (case.reserved, case.job.request.times.attest_within) = (63.0, 80));
	assert_eq!(kept, Err(Refusal::DeadlineTooClose { needed: 101, given: 80 }));
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
