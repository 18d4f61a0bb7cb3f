//! Re-execution of single workgroups, by whoever holds all bytes.

use mutirao_machine_core::{run_resolved, ByteBuffers, Fault, RunError};
use mutirao_types::Workgroup;

use crate::{Computed, Error, WORD};

/// What the VM says of a workgroup's result.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Check {
	/// The same words.
	Right,
	/// Other words.
	Wrong {
		/// Index of the buffer in the program.
		buffer: usize,
		/// Index in the buffer of the first word that differs.
		word: u32,
	},
	/// There is no result: the program is at fault.
	Fault(Fault),
}

impl Computed {
	/// Re-executes a workgroup on the VM and compares with the slices that are committed to.
	///
	/// The slices are opened, too: bytes that changed after they were hashed are an error, not right.
	///
	/// # Errors
	///
	/// If there is no such workgroup, the run cannot be made at all, or a buffer's bytes are not those
	/// of its outboard.
	pub fn check(&self, workgroup: Workgroup) -> Result<Check, Error> {
		let Workgroup { number, .. } = workgroup;
		let pass = self.pass_of(workgroup)?;
		let given = self.given(pass)?;
		let run = match run_resolved(&self.program, pass, number, &ByteBuffers::new(&given)) {
			Ok(run) => run,
			Err(RunError::Fault(fault)) => return Ok(Check::Fault(fault)),
			Err(source) => return Err(Error::Run { pass: pass.pass, number, source }),
		};
		self.slices(pass, number)?;
		let written = pass.slots.iter().filter(|slot| slot.slice_words.is_some());
		for (slot, slice) in written.zip(&run.slices) {
			let first = number as usize * slice.len();
			let committed = self.whole(slot)?[first * WORD..].chunks_exact(WORD);
			let differs = |(right, found): (&u32, &[u8])| right.to_le_bytes() != found;
			if let Some(at) = slice.iter().zip(committed).position(differs) {
				// Words have indices below 2^32.
				return Ok(Check::Wrong { buffer: slot.buffer, word: (first + at) as u32 });
			}
		}
		Ok(Check::Right)
	}
}

#[cfg(test)]
mod tests {
	use mutirao_commitment::Outboard;
	use mutirao_machine_core::Program;
	use mutirao_machine_wgsl::{compile::compile, manifest::Manifest};

	use super::*;
	use crate::Bytes;

	/// Batch, inputs, hidden, classes, shift.
	const PARAMETERS: [u32; 5] = [3, 64, 32, 5, 24];

	/// Of its four passes, the first reads inputs only.
	fn program() -> Program {
		let kernel = mutirao_kernels::by_name("mlp_i8").unwrap();
		let manifest = Manifest::parse(kernel.manifest).unwrap();
		Program::new(compile(&manifest, kernel.source).unwrap().definition).unwrap()
	}

	fn inputs(program: &Program) -> Vec<Vec<u8>> {
		let words = program.summary(&PARAMETERS).unwrap().buffer_words;
		words[..5].iter().map(|words| (0..4 * words).map(|at| (at * 37) as u8).collect()).collect()
	}

	fn at(pass: u16, number: u32) -> Workgroup {
		Workgroup { pass, number }
	}

	#[test]
	fn what_was_hashed_is_checked_against_the_vm() {
		let program = program();
		let computed = Computed::by_vm(program.clone(), &PARAMETERS, inputs(&program)).unwrap();
		let mut buffers: Vec<Vec<u8>> =
			(0..9).map(|index| computed.buffer(index).to_vec()).collect();
		assert_eq!(computed.check(at(0, 0)).unwrap(), Check::Right);
		assert_eq!(computed.check(at(3, 0)).unwrap(), Check::Right);
		let missing = computed.check(at(4, 0));
		assert!(matches!(missing, Err(Error::NoSuchWorkgroup { pass: 4, number: 0 })));
		// The second workgroup of the first pass owns the sums from word 64 on.
		buffers[5][4 * 70] ^= 1;
		let wrong = Computed::from_buffers(program.clone(), &PARAMETERS, buffers.clone()).unwrap();
		assert_eq!(wrong.check(at(0, 0)).unwrap(), Check::Right);
		assert_eq!(wrong.check(at(0, 1)).unwrap(), Check::Wrong { buffer: 5, word: 70 });
		// The same bytes under the hash of the right ones.
		let outboards = (0..9).map(|index| computed.outboard(index).unwrap().clone()).collect();
		let boxed = buffers.into_iter().map(|bytes| Box::new(bytes) as Bytes).collect();
		let changed = Computed::from_parts(program, &PARAMETERS, boxed, outboards).unwrap();
		assert!(matches!(changed.check(at(0, 1)), Err(Error::Open { buffer: 5, .. })));
	}

	#[test]
	fn what_is_not_at_hand_is_an_error_and_never_reads_as_zeros() {
		let program = program();
		let given = inputs(&program).into_iter().map(|bytes| {
			let outboard = Outboard::of(&bytes);
			(Box::new(bytes) as Bytes, outboard)
		});
		let computed = Computed::from_inputs(program, &PARAMETERS, given.collect()).unwrap();
		for workgroup in [at(0, 0), at(0, 1)] {
			assert!(computed.fault_witness(workgroup).is_ok(), "it reads inputs only");
			assert!(computed.check(workgroup).is_err(), "its slice is not there");
		}
		for workgroup in [at(1, 0), at(2, 0), at(3, 0)] {
			let read = computed.fault_witness(workgroup);
			assert!(matches!(read, Err(Error::Absent { .. })), "{workgroup:?}: {read:?}");
			assert!(matches!(computed.check(workgroup), Err(Error::Absent { .. })));
		}
	}
}
