//! How often an inflated claim is drawn: by the checker's own draw, over many seeds.

use super::*;
use mutirao_traits::{Checker, Work};

const SEEDS: u32 = 4_000;

/// The share of seeds that draw one of the chains that were not computed.
fn found(claimed: u32, computed: u32, samples: u8) -> f64 {
	let parameters = benchmark().parameters(claimed, &[7; 32]);
	let program = program_id();
	let work = Work { program: &program, parameters: &parameters, inputs: &[] };
	let is_found = |number: &u32| {
		let seed = vrf(11, (*number).into());
		let drawn = <Attestations as Checker<u64>>::samples(&seed, samples, work);
		drawn.expect("the parameters fit").iter().any(|one| one.number >= computed)
	};
	f64::from((0..SEEDS).filter(is_found).count() as u32) / f64::from(SEEDS)
}

#[test]
fn inflated_claims_are_found_as_often_as_stated() {
	run(|| {
		chosen();
		for (claimed, computed) in
			[(8, 4), (10, 9), (1_000_000, 500_000), (200_000_000, 190_000_000)]
		{
			for samples in [1, 4, 16] {
				let honest = f64::from(computed) / f64::from(claimed);
				let probability = 1.0 - honest.powi(samples.into());
				let deviation =
					(probability * (1.0 - probability) / f64::from(SEEDS)).sqrt().max(1e-9);
				let found = found(claimed, computed, samples);
				let off = (found - probability).abs();
				assert!(off <= 4.0 * deviation, "{found} instead of {probability}");
			}
		}
	});
}
