//! Figures of benchmark windows.

use super::{base, block_micros, micros, print};
use crate::market::compiled;
use frame_support::dispatch::GetDispatchInfo;
use mutirao_machine_prover::Computed;
use mutirao_runtime::{
	configs::AuditPrice,
	constants::{
		currency::MUT,
		market::{LOST_CLAIM_PENALTY, REPORT_REWARD},
	},
	RuntimeCall,
};
use mutirao_types::Workgroup;
use sp_runtime::traits::Convert;

/// Benchmark windows with the setting that docs/protocol/benchmarks.md suggests: what their proofs take
/// of blocks, and what claims pay for them.
#[test]
fn windows() {
	const ROUNDS: u32 = 64;
	const SAMPLES: u32 = 4;
	const PROVE_BLOCKS: u32 = 200;
	// One chain, whatever the seed.
	let parameters = [1, 0, 0, 0, 0, 0, 0, 0, 0, ROUNDS];
	let work = Computed::by_vm(compiled("benchmark_i8"), &parameters, Vec::new()).unwrap();
	let (witness, steps) = work.witness(Workgroup { pass: 0, number: 0 }).unwrap();
	let proof = AuditPrice::convert(steps) as f64 / MUT as f64;
	let prove = pallet_benchmarks::Call::prove { offer: 0, sample: 0, steps, witness };
	let micros = micros(RuntimeCall::from(prove).get_dispatch_info().call_weight + base());
	let in_block = (block_micros() / micros).floor();
	let (claim, claims) =
		(proof * f64::from(SAMPLES), in_block * f64::from(PROVE_BLOCKS) / f64::from(SAMPLES));
	print("benchmark window: steps of a chain", steps as f64, "steps");
	print("benchmark window: weight of a proof", micros / 1e6, "s");
	print("benchmark window: proofs in a block", in_block, "proofs");
	print("benchmark window: claims that its proofs fit", claims, "claims");
	print("benchmark window: fee of a claim", claim, "MUT");
	print("benchmark window: fees of all claims that its proofs fit", claim * claims, "MUT");
	// Honest providers pay little beside what a lie costs, and nobody fills a window for less than
	// ten lies.
	let penalty = LOST_CLAIM_PENALTY as f64 / MUT as f64;
	assert!(claim < penalty / 10.0, "a claim pays {claim} MUT");
	assert!(proof > REPORT_REWARD as f64 / MUT as f64, "to crowd out a proof for {proof} MUT pays");
	assert!(claim * claims > 10.0 * penalty, "a window is filled for {} MUT", claim * claims);
}
