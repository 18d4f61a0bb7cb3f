//! A program with parameters and inputs, and how it ends.

use mutirao_machine_core::{
	bytecode::{Definition, Role},
	run_resolved, ByteBuffers, Program, ResolvedPass, RunError, Summary,
};

use crate::{generate, reference};

/// A program with parameters and inputs.
#[derive(Clone, Debug)]
pub struct Case {
	/// What it was made from.
	pub seed: u64,
	/// The program's parts.
	pub definition: Definition,
	/// The parameters' values.
	pub parameters: Vec<u32>,
	/// By buffer index: an input's bytes, nothing for others.
	pub inputs: Vec<Vec<u8>>,
}

/// All that a program that ran to its end made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finished {
	/// By buffer index, inputs included: the bytes.
	pub buffers: Vec<Vec<u8>>,
	/// For each pass and workgroup, the steps.
	pub steps: Vec<Vec<u64>>,
}

/// How a case ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
	/// All workgroups ran to their end.
	Finished(Finished),
	/// A workgroup faulted: the first one's pass and number.
	Fault {
		/// The pass.
		pass: usize,
		/// The workgroup.
		workgroup: u32,
	},
	/// The parameters do not fit: a mistake of the generator.
	Void,
}

impl Case {
	/// The case of a seed.
	pub fn generate(seed: u64) -> Self {
		generate::case(seed)
	}

	/// Its program.
	///
	/// # Panics
	///
	/// If the generator made something that is not valid.
	pub fn program(&self) -> Program {
		match Program::new(self.definition.clone()) {
			Ok(program) => program,
			Err(error) => panic!("seed {}: {error}", self.seed),
		}
	}

	/// Runs all workgroups on the VM.
	pub fn run_vm(&self, program: &Program) -> Outcome {
		self.run_with(program, |pass, workgroup, slots| {
			match run_resolved(program, pass, workgroup, &ByteBuffers::new(slots)) {
				Ok(run) => Some((run.slices, run.steps)),
				Err(RunError::Fault(_)) => None,
				Err(error) => panic!("seed {}: {error}", self.seed),
			}
		})
	}

	/// Runs all workgroups on the [`reference`] interpreter.
	pub fn run_reference(&self, program: &Program) -> Outcome {
		self.run_with(program, |pass, workgroup, slots| {
			reference::run_workgroup(program, pass, workgroup, slots)
		})
	}

	/// Runs all workgroups on something: given a resolved pass, a workgroup's number and each
	/// slot's bytes, it returns the slices and steps, or `None` for a fault.
	pub fn run_with(
		&self,
		program: &Program,
		mut run: impl FnMut(&ResolvedPass, u32, &[&[u8]]) -> Option<(Vec<Vec<u32>>, u64)>,
	) -> Outcome {
		let Ok(summary) = program.summary(&self.parameters) else {
			return Outcome::Void;
		};
		let mut buffers = self.empty_buffers(&summary);
		let mut steps = Vec::new();
		for (index, pass) in summary.passes.iter().enumerate() {
			let mut slices = vec![Vec::new(); pass.slots.len()];
			let mut pass_steps = Vec::new();
			for workgroup in 0..pass.workgroup_count {
				let slots: Vec<&[u8]> =
					pass.slots.iter().map(|slot| buffers[slot.buffer].as_slice()).collect();
				let Some((made, taken)) = run(pass, workgroup, &slots) else {
					return Outcome::Fault { pass: index, workgroup };
				};
				for (slice, made) in slices.iter_mut().zip(made) {
					slice.extend(made.into_iter().flat_map(u32::to_le_bytes));
				}
				pass_steps.push(taken);
			}
			let written = pass.slots.iter().filter(|slot| slot.slice_words.is_some());
			for (slot, bytes) in written.zip(slices) {
				buffers[slot.buffer] = bytes;
			}
			steps.push(pass_steps);
		}
		Outcome::Finished(Finished { buffers, steps })
	}

	fn empty_buffers(&self, summary: &Summary) -> Vec<Vec<u8>> {
		let buffers = self.definition.buffers.iter().zip(&summary.buffer_words);
		buffers
			.zip(&self.inputs)
			.map(|((buffer, words), input)| match buffer.role {
				Role::Input => input.clone(),
				_ => vec![0; *words as usize * 4],
			})
			.collect()
	}
}
