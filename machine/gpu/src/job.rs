//! A program with its parameters and inputs, ready to run anywhere.

use std::collections::BTreeMap;

use mutirao_machine_core::{bytecode::Role, ParameterError, Program, Summary};
use thiserror::Error;

/// Why a job cannot run.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum JobError {
	/// The parameters are wrong.
	#[error("{0}")]
	Parameters(#[from] ParameterError),
	/// The number of inputs is wrong.
	#[error("the program takes {wanted} inputs; {found} are given")]
	InputCount {
		/// What the program takes.
		wanted: usize,
		/// What there is.
		found: usize,
	},
	/// An input has the wrong length.
	#[error("input `{name}` has {found} bytes; for these parameters it has {wanted}")]
	InputLength {
		/// The buffer's name.
		name: String,
		/// What the program takes.
		wanted: u64,
		/// What there is.
		found: u64,
	},
}

/// A program's run for given parameters and inputs.
#[derive(Clone, Debug)]
pub struct Job<'a> {
	/// The program.
	pub program: &'a Program,
	/// Its sizes for these parameters.
	pub summary: Summary,
	/// The bytes of the inputs, in the program's order of them.
	pub inputs: Vec<&'a [u8]>,
	/// For each buffer, its place among the inputs.
	input_of: Vec<Option<usize>>,
}

/// The bytes of each buffer that a pass wrote, by its index in the program.
pub type Outputs = BTreeMap<usize, Vec<u8>>;

impl<'a> Job<'a> {
	/// Puts a program, parameters and inputs together.
	///
	/// # Errors
	///
	/// If their numbers or sizes do not fit.
	pub fn new(
		program: &'a Program,
		parameters: &[u32],
		inputs: Vec<&'a [u8]>,
	) -> Result<Self, JobError> {
		let summary = program.summary(parameters)?;
		let buffers = &program.definition().buffers;
		let mut next = 0;
		let mut input_of = Vec::with_capacity(buffers.len());
		for buffer in buffers {
			input_of.push((buffer.role == Role::Input).then(|| {
				next += 1;
				next - 1
			}));
		}
		if next != inputs.len() {
			return Err(JobError::InputCount { wanted: next, found: inputs.len() });
		}
		for (index, input) in input_of.iter().enumerate() {
			let Some(input) = input else { continue };
			let wanted = 4 * u64::from(summary.buffer_words[index]);
			let found = inputs[*input].len() as u64;
			if wanted != found {
				let name = buffers[index].name.clone();
				return Err(JobError::InputLength { name, wanted, found });
			}
		}
		Ok(Self { program, summary, inputs, input_of })
	}

	/// The bytes of an input, by the buffer's index in the program.
	pub fn input(&self, buffer: usize) -> Option<&'a [u8]> {
		let input = (*self.input_of.get(buffer)?)?;
		self.inputs.get(input).copied()
	}
}
