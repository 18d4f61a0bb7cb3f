//! How often lies are found: by the real draw over many seeds as the formula says, by a challenge always.

use super::*;
use crate::draw::{samples, Pass};

const SEEDS: u32 = 20_000;

/// That a share of the seeds is what a probability makes it: within four standard deviations.
#[track_caller]
fn assert_share(found: u32, probability: f64) {
	let (seeds, found) = (f64::from(SEEDS), f64::from(found));
	let deviation = (seeds * probability * (1.0 - probability)).sqrt();
	let expected = seeds * probability;
	assert!((found - expected).abs() <= 4.0 * deviation, "{found} of {seeds}, not {expected}");
}

fn seeds_that_draw(passes: &[Pass], count: u8, wrong: impl Fn(Workgroup) -> bool) -> u32 {
	let is_found = |number: &u32| {
		let seed = blake3::hash(&number.to_le_bytes()).into();
		samples(&seed, count, passes).into_iter().any(&wrong)
	};
	(0..SEEDS).filter(is_found).count() as u32
}

#[test]
fn a_lie_in_one_of_n_workgroups_is_drawn_as_often_as_stated() {
	for workgroups in [1, 2, 7, 64, 1_000] {
		for count in [1, 4, 16] {
			let passes = [Pass { workgroups, steps: 12_345 }];
			let found = seeds_that_draw(&passes, count, |one| one.number == workgroups - 1);
			let honest = 1.0 - 1.0 / f64::from(workgroups);
			assert_share(found, 1.0 - honest.powi(count.into()));
		}
	}
}

#[test]
fn a_lie_about_an_early_pass_is_drawn_by_the_steps_that_it_declares() {
	let fuel = FUEL.map(f64::from);
	let passes = FUEL.map(|fuel| Pass { workgroups: GROUPS, steps: fuel.into() });
	let share = fuel[0] / (fuel[0] + fuel[1]);
	for count in [1, 4, 16] {
		let all = seeds_that_draw(&passes, count, |one| one.pass == 0);
		assert_share(all, 1.0 - (1.0 - share).powi(count.into()));
		let one = seeds_that_draw(&passes, count, |one| one == workgroup(0, 3));
		let share = share / f64::from(GROUPS);
		assert_share(one, 1.0 - (1.0 - share).powi(count.into()));
	}
}

/// The whole way: whoever is drawn is found out, whoever is not is challenged.
#[test]
fn one_lie_in_a_chain_of_jobs() {
	run(|| {
		let wrong = workgroup(1, 1);
		let (mut drawn_lies, mut challenged) = (0, 0);
		for salt in 0..60 {
			Salt::set(&salt);
			let work = drawn(&Rows::with_late_lie(3, 1), 2);
			let found = work.samples().iter().position(|one| *one == wrong);
			let opened = (0..2).take_while(|sample| work.open(*sample) == Ok(Pays::No));
			let opened = opened.count();
			match found {
				Some(at) => {
					assert_eq!(opened, at);
					let lost = Told::Refunded(work.id, RefundReason::OpeningWrong, None);
					assert_eq!(told(), Some(lost));
					drawn_lies += 1;
				}
				None => {
					assert_eq!(work.challenge(wrong), Ok(Pays::No));
					challenged += 1;
				}
			}
		}
		// 1 - (1 - 2/9)^2 of 60 is 24.
		assert!((12..36).contains(&drawn_lies), "{drawn_lies}");
		assert_eq!(drawn_lies + challenged, 60);
		assert!(Live::get().is_empty());
	});
}

#[test]
fn a_challenge_finds_a_lie_in_any_of_n_workgroups() {
	run(|| {
		for groups in [2, 5, 17] {
			for number in 0..groups {
				let wrong = workgroup(0, number);
				let work = contestable(&Rows::with_early_lie(groups, number), Some(wrong));
				assert_eq!(work.challenge(wrong), Ok(Pays::No));
			}
		}
	});
}
