//! Each invariant, broken on purpose; and a long walk that breaks none.

use super::*;
use mutirao_types::benchmark::EndedWindow;
use sp_runtime::traits::Dispatchable;

/// The other offer of [`open`].
const RUIS: OfferId = 1;
/// No offer.
const GONE: OfferId = 77;

#[track_caller]
fn is_noticed(breaking: impl FnOnce(), expected: &'static str) {
	externalities().execute_with(|| {
		let (offer, _) = open();
		assert_eq!(claim(PIA, offer, &compute(offer, 2)), Ok(Pays::Yes));
		Benchmarks::do_try_state().expect("nothing is broken yet");
		breaking();
		assert_eq!(Benchmarks::do_try_state(), Err(expected.into()));
	});
}

fn ended(numbers: &[u32]) {
	let window = |number: &u32| EndedWindow { number: *number, offers: 1, ended_at: 1 };
	let all: Vec<_> = numbers.iter().map(window).collect();
	Ended::<Test>::put(frame_support::BoundedVec::truncate_from(all));
}

fn in_window(change: impl FnOnce(&mut WindowOf<Test>)) {
	Current::<Test>::mutate(|window| change(window.as_mut().expect("there is one")));
}

fn in_claim(change: impl FnOnce(&mut crate::ClaimOf<Test>)) {
	let offer = Claims::<Test>::iter_keys().next().expect("there is one");
	Claims::<Test>::mutate(offer, |claim| change(claim.as_mut().expect("there is one")));
}

fn measure(windows: &[u32]) {
	measure_offer(RUIS, windows);
}

fn measure_offer(offer: OfferId, windows: &[u32]) {
	let one = |window: &u32| Measurement { window: *window, steps_per_second: 1 };
	let all: Vec<_> = windows.iter().map(one).collect();
	Measurements::<Test>::insert(offer, frame_support::BoundedVec::truncate_from(all));
}

#[test]
fn broken_invariants_are_noticed() {
	is_noticed(|| ended(&[1, 0]), "windows ended in another order than they were opened in");
	is_noticed(|| ended(&[9]), "a window ended that was never opened");
	is_noticed(|| ended(&[0]), "the window has ended before");
	is_noticed(|| NextWindow::<Test>::put(7), "the window is not the last one");
	is_noticed(
		|| in_window(|window| window.prove_until = window.claim_until),
		"a window's deadlines are out of order",
	);
	is_noticed(
		|| in_window(|window| window.benchmark.program = [9; 32]),
		"a benchmark's program is gone",
	);
	is_noticed(
		|| Chosen::<Test>::put(Benchmark { program: [9; 32], ..benchmark() }),
		"a benchmark's program is gone",
	);
	is_noticed(|| in_claim(|claim| claim.window = 5), "a claim in a window that was never opened");
	is_noticed(|| in_window(|window| window.start = None), "a claim in a window without a seed");
	is_noticed(|| in_window(|window| window.offers = 0), "a claim of an offer that takes no part");
	is_noticed(|| in_claim(|claim| claim.proven = 1 << SAMPLES), "a proof of no sample");
	is_noticed(
		|| in_claim(|claim| claim.proven = (1 << SAMPLES) - 1),
		"a claim that is all proven",
	);
	is_noticed(
		|| {
			let offer = Claims::<Test>::iter_keys().next().expect("there is one");
			measure_offer(offer, &[0]);
		},
		"a claim in a window that was measured",
	);
	is_noticed(
		|| {
			let (_, claim) = Claims::<Test>::drain().next().expect("there is one");
			Claims::<Test>::insert(GONE, claim);
		},
		"a claim of an offer that is gone",
	);
	is_noticed(|| measure_offer(GONE, &[0]), "measurements of an offer that is gone");
	is_noticed(|| measure(&[]), "measurements of nothing are kept");
	is_noticed(|| measure(&[0, 0]), "measurements are not in the order of windows");
	is_noticed(|| measure(&[3]), "a measurement in a window that was never opened");
}

/// Providers do what they like; the chain stands still now and then; offers come and go.
#[test]
fn a_long_walk_breaks_nothing() {
	run(|| {
		chosen();
		let mut random = (0u64..).map(|number| u64::from(vrf(77, number)[0]));
		let mut roll = move |sides: u64| random.next().expect("there is always one") % sides;
		let mut offers: Vec<(AccountId, OfferId)> =
			vec![(PIA, offered(PIA)), (RUI, offered(RUI)), (RUI, offered(RUI))];
		let mut withdrawn = 0;
		for step in 0..400 {
			match roll(12) {
				0 => stand_still(roll(10) as u32 / 9),
				1 => pass(roll(20) as u32),
				_ => pass(1),
			}
			let at = roll(offers.len() as u64) as usize;
			let (who, offer) = offers[at];
			let has_start = Benchmarks::window().is_some_and(|window| window.start.is_some());
			match roll(8) {
				0..=2 if has_start => {
					let honest = compute(offer, 1 + roll(3) as u32);
					let claimed = match roll(3) {
						0 => inflate(offer, &honest, 4),
						_ => honest,
					};
					if claim(who, offer, &claimed).is_ok() {
						pass(DRAW + 1);
						if Benchmarks::samples(offer).is_some() {
							prove_all(who, offer, &claimed);
						}
					}
				}
				3..=5 => {
					let _ = conclude(CAIO, offer);
				}
				6 if offers.len() > 2 && roll(4) == 0 => {
					let call = pallet_providers::Call::withdraw_offer { offer };
					let origin = RuntimeOrigin::signed(who);
					if RuntimeCall::from(call).dispatch(origin).is_ok() {
						offers[at] = (who, offered(who));
						withdrawn += 1;
					}
				}
				_ => {}
			}
			if step % 10 == 0 {
				check();
			}
		}
		assert!(NextWindow::<Test>::get() > 5);
		assert!(withdrawn > 3, "offers come and go: {withdrawn} went");
	});
}
