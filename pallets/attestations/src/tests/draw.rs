//! The draw alone. Seeds are numbered, so a run is like any other.

use super::*;
use crate::draw::{sample, samples, seed, Pass};

const SEEDS: u32 = 40_000;

fn numbered(number: u32) -> [u8; 32] {
	blake3::hash(&number.to_le_bytes()).into()
}

fn pass_of(workgroups: u32, steps: Steps) -> Pass {
	Pass { workgroups, steps }
}

/// Pearson's statistic of counts against what is expected of each.
fn chi_square(counts: &[u32], expected: &[f64]) -> f64 {
	let part = |(count, expected): (&u32, &f64)| (f64::from(*count) - expected).powi(2) / expected;
	counts.iter().zip(expected).map(part).sum()
}

/// That a statistic is what chance makes it, in 999 of 1,000 cases (Wilson and Hilferty, 1931).
#[track_caller]
fn assert_is_chance(statistic: f64, cells: usize) {
	let degrees = (cells - 1) as f64;
	let spread = 2.0 / (9.0 * degrees);
	let limit = degrees * (1.0 - spread + 3.09 * spread.sqrt()).powi(3);
	assert!(statistic < limit, "{statistic} is above {limit}");
}

#[test]
fn every_workgroup_of_a_pass_is_as_likely() {
	let passes = [pass_of(97, 1_000_003)];
	for index in [0, 1, 15] {
		let mut counts = [0; 97];
		for number in 0..SEEDS {
			let drawn = sample(&numbered(number), index, &passes).unwrap();
			assert_eq!(drawn.pass, 0);
			counts[drawn.number as usize] += 1;
		}
		let expected = [f64::from(SEEDS) / 97.0; 97];
		assert_is_chance(chi_square(&counts, &expected), 97);
	}
}

#[test]
fn workgroups_are_as_likely_as_the_steps_that_they_declare() {
	// The second pass declares nothing; the fourth as much as all others for one workgroup.
	let passes = [pass_of(3, 10), pass_of(50, 0), pass_of(10, 7), pass_of(1, 100)];
	let steps = [vec![10.0; 3], vec![7.0; 10], vec![100.0]].concat();
	let mut counts = vec![0; steps.len()];
	for number in 0..SEEDS {
		let drawn = sample(&numbered(number), 0, &passes).unwrap();
		let before = [0, 3, 3, 13][usize::from(drawn.pass)];
		assert_ne!(drawn.pass, 1);
		counts[before + drawn.number as usize] += 1;
	}
	let expected: Vec<f64> = steps.iter().map(|one| one / 200.0 * f64::from(SEEDS)).collect();
	assert_is_chance(chi_square(&counts, &expected), expected.len());
}

#[test]
fn samples_of_a_seed_do_not_depend_on_one_another() {
	let passes = [pass_of(8, 5)];
	let mut counts = [0; 64];
	for number in 0..SEEDS {
		let drawn = samples(&numbered(number), 16, &passes);
		counts[(drawn[3].number * 8 + drawn[11].number) as usize] += 1;
	}
	assert_is_chance(chi_square(&counts, &[f64::from(SEEDS) / 64.0; 64]), 64);
}

#[test]
fn nothing_is_drawn_where_nothing_declares_a_step() {
	for passes in [vec![], vec![pass_of(5, 0)], vec![pass_of(0, 5)]] {
		assert_eq!(sample(&numbered(0), 0, &passes), None);
		assert!(samples(&numbered(0), 16, &passes).is_empty());
	}
}

#[test]
fn the_largest_programs_are_drawn_to_their_ends() {
	let passes = [pass_of(u32::MAX, u64::from(u32::MAX)), pass_of(1, u64::MAX >> 1)];
	let drawn = samples(&numbered(1), 64, &passes);
	assert_eq!(drawn.len(), 64);
	assert!(drawn.iter().any(|one| one.pass == 1));
	assert!(drawn.iter().any(|one| one.number > u32::MAX / 2));
	let one = [pass_of(u32::MAX, 1)];
	assert!(samples(&numbered(1), 64, &one).iter().any(|one| one.number > u32::MAX / 10 * 9));
}

#[test]
fn each_vrf_output_the_job_and_the_root_change_the_seed() {
	let outputs: Vec<[u8; 32]> = (0..8).map(numbered).collect();
	let root = numbered(100);
	let mut seeds = vec![seed(&outputs, 7, &root)];
	for at in 0..outputs.len() {
		let mut other = outputs.clone();
		other[at][31] ^= 1;
		seeds.push(seed(&other, 7, &root));
	}
	let mut swapped = outputs.clone();
	swapped.swap(0, 1);
	seeds.push(seed(&swapped, 7, &root));
	seeds.push(seed(&outputs[..7], 7, &root));
	seeds.push(seed(&outputs, 8, &root));
	seeds.push(seed(&outputs, 7, &numbered(101)));
	let different: std::collections::BTreeSet<_> = seeds.iter().collect();
	assert_eq!(different.len(), seeds.len());
}

/// docs/protocol/attestation.md gives the recipe; this is one more cook.
#[test]
fn a_draw_follows_the_documented_recipe() {
	let (outputs, root) = ([[1; 32], [2; 32]], [3; 32]);
	let mut bytes = b"mutirao draw".to_vec();
	bytes.extend(outputs.concat());
	bytes.extend(5u64.to_le_bytes());
	bytes.extend(root);
	let expected: [u8; 32] = blake3::hash(&bytes).into();
	assert_eq!(seed(&outputs, 5, &root), expected);
	let hash = blake3::keyed_hash(&expected, &[2]);
	let position = u128::from_le_bytes(hash.as_bytes()[..16].try_into().unwrap()) % 130;
	let expected = match position {
		0..30 => workgroup(0, (position / 10) as u32),
		_ => workgroup(1, ((position - 30) / 20) as u32),
	};
	assert_eq!(
		sample(&seed(&outputs, 5, &root), 2, &[pass_of(3, 10), pass_of(5, 20)]),
		Some(expected)
	);
}

#[test]
fn one_root_attested_by_two_providers_draws_different_samples() {
	run(|| {
		let rows = Rows::new(GROUPS);
		let (first, second) = (attested(&rows, 16), attested(&rows, 16));
		pass(DRAW + 1);
		assert_eq!(first.computed.transcript(), second.computed.transcript());
		assert_ne!(first.samples(), second.samples());
	});
}
