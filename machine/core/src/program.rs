//! A program that was checked: what the VM, the GPU back end and the chain work with.

use alloc::vec::Vec;

use codec::{Decode, Encode};

use crate::{
	bytecode::{
		limits::{MAX_PROGRAM_BYTES, VERSION},
		Definition, Kernel, Operation,
	},
	cost,
	error::{DecodeError, ValidateError},
	validate,
};

/// A valid program. There is no other way to one than through the validator, which has seen its bytes
/// at least once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
	definition: Definition,
	/// For each kernel, what is known beforehand of each operation.
	flow: Vec<Vec<Flow>>,
}

/// What is known of an operation beforehand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Flow {
	/// Where its block ends; see [`crate::validate`].
	pub(crate) target: u32,
	/// What it is charged for each invocation when it is reached. Markers are not; a loop's `End` is
	/// charged when it goes back.
	pub(crate) units: u32,
}

impl Flow {
	fn new(operation: &Operation, target: u32) -> Self {
		let units = match operation {
			Operation::Else | Operation::Continuing | Operation::End => 0,
			operation => cost::units(operation),
		};
		Self { target, units }
	}
}

impl Program {
	/// Checks a definition.
	///
	/// # Errors
	///
	/// The first rule that it breaks, and where.
	pub fn new(definition: Definition) -> Result<Self, ValidateError> {
		let targets = validate::validate(&definition)?;
		Ok(Self::with_targets(definition, targets))
	}

	/// A definition with the targets of its operations, which nobody checks.
	pub(crate) fn with_targets(definition: Definition, targets: Vec<Vec<u32>>) -> Self {
		let flow = |(kernel, targets): (&Kernel, Vec<u32>)| {
			let pairs = kernel.code.iter().zip(targets);
			pairs.map(|(operation, target)| Flow::new(operation, target)).collect()
		};
		let flow = definition.kernels.iter().zip(targets).map(flow).collect();
		Self { definition, flow }
	}

	/// Reads and checks an encoded program.
	///
	/// # Errors
	///
	/// If it is too long, of another version, no SCALE encoding of a definition, followed by
	/// other bytes, or breaks a rule.
	pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
		Ok(Self::new(Self::read(bytes)?)?)
	}

	/// Reads bytes that [`Self::decode`] has taken before. Whether invocations reach barriers together,
	/// which takes longest to check, is not checked again: the VM finds out whenever it runs, so that
	/// nothing worse than a fault follows from other bytes.
	///
	/// # Errors
	///
	/// As for [`Self::decode`], but for that rule.
	pub fn decode_known(bytes: &[u8]) -> Result<Self, DecodeError> {
		let definition = Self::read(bytes)?;
		let targets = validate::validate_but_barriers(&definition)?;
		Ok(Self::with_targets(definition, targets))
	}

	/// A definition from its bytes, of which nothing is checked.
	fn read(bytes: &[u8]) -> Result<Definition, DecodeError> {
		if bytes.len() > MAX_PROGRAM_BYTES {
			return Err(DecodeError::TooLong(bytes.len()));
		}
		let (version, mut rest) = match bytes.split_first() {
			Some((version, rest)) if *version == VERSION => (*version, rest),
			other => return Err(DecodeError::Version(other.map(|(version, _)| *version))),
		};
		debug_assert_eq!(version, VERSION);
		let definition = Definition::decode(&mut rest)
			.map_err(|_| DecodeError::Malformed(bytes.len() - rest.len()))?;
		if !rest.is_empty() {
			return Err(DecodeError::Trailing(rest.len()));
		}
		Ok(definition)
	}

	/// The bytes that [`Self::decode`] reads: the version, then the definition in SCALE.
	pub fn encode(&self) -> Vec<u8> {
		let mut bytes = Vec::with_capacity(1 + self.definition.size_hint());
		bytes.push(VERSION);
		self.definition.encode_to(&mut bytes);
		bytes
	}

	/// The program's parts.
	pub fn definition(&self) -> &Definition {
		&self.definition
	}

	/// A kernel and what is known of its operations.
	pub(crate) fn kernel(&self, index: usize) -> Option<(&Kernel, &[Flow])> {
		Some((self.definition.kernels.get(index)?, self.flow.get(index)?))
	}
}
