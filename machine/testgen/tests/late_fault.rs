//! The program whose second pass runs out of fuel does that where it is said to, and nowhere else.

use mutirao_machine_core::Program;
use mutirao_machine_prover::{Check, Computed};
use mutirao_machine_testgen::LateFault;
use mutirao_machine_wgsl::{compile::compile, manifest::Manifest};

#[test]
fn the_second_pass_is_at_fault_where_it_is_said_to_be() {
	let manifest = Manifest::parse(LateFault::MANIFEST).unwrap();
	let compiled = compile(&manifest, LateFault::SOURCE).unwrap();
	let program = Program::new(compiled.definition).unwrap();
	for at_fault in [&[][..], &[1], &[0, 3]] {
		let job = LateFault { words: 256, at_fault, seed: 7 };
		let buffers = job.buffers(0).to_vec();
		let computed = Computed::from_buffers(program.clone(), &[job.words], buffers).unwrap();
		let mut faults = Vec::new();
		for workgroup in computed.workgroups() {
			match computed.check(workgroup).unwrap() {
				Check::Right => {}
				Check::Fault(_) => faults.push((workgroup.pass, workgroup.number)),
				Check::Wrong { buffer, word } => panic!("{workgroup:?}: {word} of {buffer}"),
			}
		}
		let wanted: Vec<_> = at_fault.iter().map(|number| (1, *number)).collect();
		assert_eq!(faults, wanted);
	}
}
