//! The WASM build, reading from a witness, against the native VM, reading whole buffers.

use mutirao_machine_guest::Reply;
use mutirao_machine_testgen::{Case, Outcome};
use mutirao_machine_wasm::{request, Guest};

/// Cases that are compared in a test run.
const CASES: u64 = 10_000;

#[test]
fn wasm_equals_native_on_generated_programs() {
	let mut guest = Guest::new().expect("the guest starts");
	let (mut finished, mut faults) = (0, 0);
	for seed in 0..CASES {
		let case = Case::generate(1_000_000 + seed);
		let program = case.program();
		let wasm = case.run_with(&program, |pass, workgroup, slots| {
			let request = request(&program, &case.parameters, pass, workgroup, slots);
			match guest.run(&request).expect("the guest does not trap") {
				Reply::Finished(slices, steps) => Some((slices, steps)),
				Reply::Fault(_) => None,
				Reply::Void(reason) => panic!("seed {}: {reason}", case.seed),
			}
		});
		assert_eq!(wasm, case.run_vm(&program), "seed {}", case.seed);
		match wasm {
			Outcome::Finished(_) => finished += 1,
			_ => faults += 1,
		}
	}
	println!("{finished} finished, {faults} faulted");
	assert!(finished > CASES * 8 / 10 && faults > 0);
}
