//! A program without its code: enough to price a job, and small enough to read for each one.

use alloc::vec::Vec;

use codec::{Decode, Encode};

use crate::{
	bytecode::{Binding, Buffer, Expression, Parameter, Pass},
	error::ParameterError,
	resolve::Plan,
	Program, ResolvedPass, Summary,
};

/// What sizes, passes and price of a program follow from. It comes from a valid program only: its
/// encoding is for storage that nobody else writes.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Outline {
	/// The numbers that a job gives.
	pub parameters: Vec<Parameter>,
	/// Every buffer that a pass reads or writes.
	pub buffers: Vec<Buffer>,
	/// The passes, in the order in which they run.
	pub passes: Vec<Pass>,
}

impl Outline {
	/// The outline of a program.
	pub fn of(program: &Program) -> Self {
		let definition = program.definition();
		Self {
			parameters: definition.parameters.clone(),
			buffers: definition.buffers.clone(),
			passes: definition.passes.clone(),
		}
	}

	/// As [`Program::summary`].
	///
	/// # Errors
	///
	/// As there.
	pub fn summary(&self, parameters: &[u32]) -> Result<Summary, ParameterError> {
		self.plan().summary(parameters)
	}

	/// As [`Program::resolve_pass`].
	///
	/// # Errors
	///
	/// As there.
	pub fn resolve_pass(
		&self,
		index: usize,
		parameters: &[u32],
	) -> Result<ResolvedPass, ParameterError> {
		self.plan().resolve_pass(index, parameters)
	}

	/// Terms of expressions that [`Self::summary`] evaluates at most: what it costs.
	pub fn terms(&self) -> usize {
		let terms = |one: &Expression| one.0.len();
		let buffer =
			|index: &u8| self.buffers.get(usize::from(*index)).map_or(0, |b| terms(&b.words));
		let binding = |one: &Binding| match one {
			Binding::Read { buffer: index } => buffer(index),
			Binding::Write { buffer: index, slice } => buffer(index) + terms(slice),
		};
		let pass = |one: &Pass| {
			terms(&one.fuel)
				+ one.workgroups.iter().map(terms).sum::<usize>()
				+ one.arguments.iter().map(terms).sum::<usize>()
				+ one.bindings.iter().map(binding).sum::<usize>()
		};
		self.buffers.iter().map(|one| terms(&one.words)).sum::<usize>()
			+ self.passes.iter().map(pass).sum::<usize>()
	}

	fn plan(&self) -> Plan<'_> {
		Plan { parameters: &self.parameters, buffers: &self.buffers, passes: &self.passes }
	}
}
