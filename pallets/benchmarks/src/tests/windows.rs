//! Windows: when they open, start, end, and when they measure nothing.

use super::*;
use crate::opens;

#[test]
fn nothing_opens_before_governance_has_chosen() {
	run(|| {
		offered(PIA);
		pass(50);
		assert_eq!((Benchmarks::window(), NextWindow::<Test>::get()), (None, 0));
	});
}

#[test]
fn a_window_opens_starts_and_ends() {
	run(|| {
		let offer = offered(PIA);
		chosen();
		pass(1);
		let opened = window();
		let (block, now) = (System::block_number(), Active::get());
		assert_eq!((opened.number, opened.anchor, opened.opened_at), (0, block, now));
		assert_eq!((opened.offers, opened.start), (offer + 1, None));
		assert_eq!(opened.claim_until, now + DRAW + WINDOW);
		assert_eq!(opened.prove_until, opened.claim_until + PROVE);
		let (claim_until, prove_until) = (opened.claim_until, opened.prove_until);
		let event = Event::WindowOpened { window: 0, offers: offer + 1, claim_until, prove_until };
		assert_last_event(event);

		pass(DRAW);
		assert_eq!((window().start, Benchmarks::parameters(offer, 1)), (None, None));
		let before = Millis::get();
		pass(1);
		let start = window().start.expect("its seed is known");
		assert_eq!(start.at_ms, before);
		assert_last_event(Event::WindowStarted { window: 0, seed: start.seed });

		pass_until(prove_until);
		assert_eq!(window().number, 0);
		pass(1);
		assert_eq!(Benchmarks::window(), None);
		assert_last_event(Event::WindowEnded { window: 0 });
		let ended = Ended::<Test>::get();
		assert_eq!((ended.len(), ended[0].number, ended[0].ended_at), (1, 0, prove_until));
		// The next one opens in the next block, with a lot in each.
		pass(1);
		assert_eq!(window().number, 1);
	});
}

#[test]
fn the_seed_depends_on_each_of_the_blocks_after_the_opening() {
	let seed_with = |salted: Option<u32>| {
		let mut seed = [0; 32];
		run(|| {
			chosen();
			pass(1);
			for block in 0..=DRAW {
				Salt::set(&u64::from(Some(block) == salted));
				pass(1);
			}
			seed = window().start.expect("its seed is known").seed;
		});
		seed
	};
	let plain = seed_with(None);
	// The output of the opening block itself is the first that is remembered, and not among them.
	assert_eq!(seed_with(Some(0)), plain);
	let mut seen = vec![plain];
	for block in 1..=DRAW {
		let seed = seed_with(Some(block));
		assert!(!seen.contains(&seed), "block {block}");
		seen.push(seed);
	}
}

#[test]
fn offers_have_their_own_work() {
	run(|| {
		let (pias, ruis) = open();
		let second = Benchmarks::parameters(ruis, 1).unwrap();
		let first = Benchmarks::parameters(pias, 1).unwrap();
		assert_eq!((first[0], first[9]), (1, 1));
		assert!(first[1..9].iter().zip(&second[1..9]).all(|(one, other)| one != other));
		end_window();
		next_window();
		assert_ne!(Benchmarks::parameters(pias, 1), Some(first));
	});
}

#[test]
fn windows_open_in_one_of_so_many_blocks() {
	const BLOCKS: u32 = 40_000;
	for interval in [1, 2, 10, 100] {
		let opened = (0..BLOCKS).filter(|block| opens(&vrf(9, (*block).into()), interval)).count();
		let probability = 1.0 / f64::from(interval);
		let expected = f64::from(BLOCKS) * probability;
		let deviation = (expected * (1.0 - probability)).sqrt();
		assert!((opened as f64 - expected).abs() <= 4.0 * deviation, "{opened} of {expected}");
	}
	assert!(!opens(&[0; 32], 0));
}

#[test]
fn rare_windows_open_at_blocks_that_the_interval_does_not_tell() {
	run(|| {
		chosen();
		let rare = Benchmark { interval: 40, ..benchmark() };
		assert_ok!(Benchmarks::set_benchmark(RuntimeOrigin::root(), Some(rare)));
		let mut opened = Vec::new();
		for _ in 0..2_000 {
			let before = NextWindow::<Test>::get();
			pass(1);
			if NextWindow::<Test>::get() > before {
				opened.push(System::block_number());
			}
		}
		// One in 40 blocks, once the 27 blocks of the last one are over.
		assert!((15..50).contains(&opened.len()), "{}", opened.len());
		let gaps: std::collections::BTreeSet<_> =
			opened.windows(2).map(|two| two[1] - two[0]).collect();
		assert!(gaps.len() > opened.len() / 2, "{gaps:?}");
		assert!(gaps.first() > Some(&u64::from(DRAW + WINDOW + PROVE)));
	});
}

#[test]
fn a_block_without_randomness_opens_nothing_and_voids_what_needs_it() {
	run(|| {
		chosen();
		Silent::set(&true);
		pass(20);
		assert_eq!(Benchmarks::window(), None);
		Silent::set(&false);
		pass(2);
		assert_eq!(window().number, 0);
		Silent::set(&true);
		pass(DRAW);
		assert_last_event(Event::WindowVoided { window: 0 });
		assert_eq!((Benchmarks::window(), Ended::<Test>::get().len()), (None, 0));
	});
}

#[test]
fn only_recent_windows_are_remembered() {
	run(|| {
		chosen();
		for _ in 0..RECENT + 3 {
			next_window();
			end_window();
		}
		let numbers: Vec<_> = Ended::<Test>::get().iter().map(|window| window.number).collect();
		assert_eq!(numbers, (3..RECENT + 3).collect::<Vec<_>>());
	});
}
