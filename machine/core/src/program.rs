//! A program that was checked: what the VM, the GPU back end and the chain work with.

use alloc::vec::Vec;

use codec::{Decode, Encode};

use crate::{
	bytecode::{
		limits::{MAX_PROGRAM_BYTES, VERSION},
		Definition, Kernel,
	},
	error::{DecodeError, ValidateError},
	validate,
};

/// A valid program. There is no other way to one than through the validator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
	definition: Definition,
	/// For each kernel, where each operation's block ends; see [`crate::validate`].
	targets: Vec<Vec<u32>>,
}

impl Program {
	/// Checks a definition.
	///
	/// # Errors
	///
	/// The first rule that it breaks, and where.
	pub fn new(definition: Definition) -> Result<Self, ValidateError> {
		let targets = validate::validate(&definition)?;
		Ok(Self {
			definition,
			targets,
		})
	}

	/// A program as a faulty validator might let it through.
	#[cfg(test)]
	pub(crate) fn unchecked(definition: Definition, targets: Vec<Vec<u32>>) -> Self {
		Self {
			definition,
			targets,
		}
	}

	/// Reads and checks an encoded program.
	///
	/// # Errors
	///
	/// If it is too long, of another version, no SCALE encoding of a definition, followed by
	/// other bytes, or breaks a rule.
	pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
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
		Ok(Self::new(definition)?)
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

	/// A kernel and, for each of its operations, where its block ends.
	pub(crate) fn kernel(&self, index: usize) -> Option<(&Kernel, &[u32])> {
		Some((
			self.definition.kernels.get(index)?,
			self.targets.get(index)?,
		))
	}
}
