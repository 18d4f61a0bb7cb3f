//! Where operations come from in the author's source.
//!
//! A line table is a companion of a program, not a part of it: it is outside the program's hash,
//! never goes on chain, and changes no meaning.

use alloc::vec::Vec;

use codec::{Decode, Encode};

/// A run of operations from one place in the source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct LineEntry {
	/// Index of the run's first operation in its kernel's code.
	#[codec(compact)]
	pub operation: u32,
	/// Line in the source, from 1.
	#[codec(compact)]
	pub line: u32,
	/// Column in the source, from 1.
	#[codec(compact)]
	pub column: u32,
}

/// For each kernel of a program, its runs of operations in ascending order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub struct LineTable {
	/// One list for each kernel.
	pub kernels: Vec<Vec<LineEntry>>,
}

impl LineTable {
	/// The place that an operation of a kernel comes from.
	pub fn find(&self, kernel: usize, operation: u32) -> Option<LineEntry> {
		let entries = self.kernels.get(kernel)?;
		let after = entries.partition_point(|entry| entry.operation <= operation);
		entries.get(after.checked_sub(1)?).copied()
	}
}
