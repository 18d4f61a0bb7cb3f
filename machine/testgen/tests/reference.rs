//! The lockstep VM against the interpreter that runs one invocation after the other.

use mutirao_machine_testgen::{Case, Outcome};

/// Cases that are compared in a test run.
const CASES: u64 = 1_000;

#[test]
fn vm_equals_the_reference_on_generated_programs() {
	let (mut finished, mut faults) = (0, 0);
	for seed in 0..CASES {
		let case = Case::generate(seed);
		let program = case.program();
		let (vm, reference) = (case.run_vm(&program), case.run_reference(&program));
		assert_eq!(vm, reference, "seed {seed}");
		match vm {
			Outcome::Finished(_) => finished += 1,
			Outcome::Fault { .. } => faults += 1,
			Outcome::Void => panic!("seed {seed}: its parameters do not fit"),
		}
	}
	println!("{finished} finished, {faults} faulted");
	assert!(finished > CASES * 8 / 10, "{finished} finished");
	assert!(faults > CASES / 100, "{faults} faulted");
}
