//! A program's parts, as a compiler makes them.

use alloc::{string::String, vec::Vec};

use codec::{Decode, Encode};

use super::{Expression, Operation};

/// A program before it is checked: [`crate::Program::new`] checks it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub struct Definition {
	/// The numbers that a job gives, in this order.
	pub parameters: Vec<Parameter>,
	/// Every buffer that a pass reads or writes.
	pub buffers: Vec<Buffer>,
	/// The code. Several passes may run one kernel.
	pub kernels: Vec<Kernel>,
	/// The passes, in the order in which they run.
	pub passes: Vec<Pass>,
}

/// A number that a job gives.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Parameter {
	/// A name for people: `[A-Za-z_][A-Za-z0-9_]*`, unique among the parameters.
	pub name: String,
	/// The least value that a job may give.
	#[codec(compact)]
	pub min: u32,
	/// The greatest.
	#[codec(compact)]
	pub max: u32,
}

/// What a buffer is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Role {
	/// The job gives it; no pass writes it.
	#[codec(index = 0)]
	Input,
	/// Exactly one pass writes it, later passes may read it.
	#[codec(index = 1)]
	Intermediate,
	/// The same, and the buyer gets it.
	#[codec(index = 2)]
	Output,
}

/// An array of 32-bit little-endian words.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Buffer {
	/// A name for people: `[A-Za-z_][A-Za-z0-9_]*`, unique among the buffers.
	pub name: String,
	/// What it is for.
	pub role: Role,
	/// Its length in words: 1 to 2^32 - 1 for every job.
	pub words: Expression,
}

/// How a kernel uses the buffer in one of its slots.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Access {
	/// It reads any word.
	#[codec(index = 0)]
	Read,
	/// It reads and writes the words of its workgroup's slice, which are 0 at the start.
	#[codec(index = 1)]
	Write,
}

/// An array in workgroup memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct WorkgroupArray {
	/// Its length in words, at least 1.
	#[codec(compact)]
	pub words: u32,
	/// Whether `Atomic` operations may name it. Plain loads and stores may always.
	pub atomic: bool,
}

/// Code with the resources that it names by index.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub struct Kernel {
	/// Invocations of a workgroup in x, y and z; each at least 1.
	pub workgroup_size: [u16; 3],
	/// Registers 0 to this number less one may be used. All are 0 at the start.
	#[codec(compact)]
	pub registers: u16,
	/// How many arguments a pass gives.
	pub arguments: u8,
	/// Buffer slots.
	pub slots: Vec<Access>,
	/// Arrays that a workgroup's invocations share; 0 at the start.
	pub workgroup_arrays: Vec<WorkgroupArray>,
	/// Lengths in words of the arrays that each invocation has for itself; 0 at the start.
	pub private_arrays: Vec<u16>,
	/// Tables of constants.
	pub constants: Vec<Vec<u32>>,
	/// The operations.
	pub code: Vec<Operation>,
}

/// The buffer in one slot of a pass's kernel.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Binding {
	/// For [`Access::Read`]: the index of a buffer that is an input or was written by an earlier
	/// pass.
	#[codec(index = 0)]
	Read {
		/// Index in [`Definition::buffers`].
		buffer: u8,
	},
	/// For [`Access::Write`]: the index of a buffer that no other pass and no other slot of this
	/// pass names for writing. Workgroup `i` owns words `[i * slice, (i + 1) * slice)`; the
	/// buffer's length is the number of workgroups times the slice.
	#[codec(index = 1)]
	Write {
		/// Index in [`Definition::buffers`].
		buffer: u8,
		/// Words that one workgroup owns.
		slice: Expression,
	},
}

/// One run of a kernel over all its workgroups.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub struct Pass {
	/// Index in [`Definition::kernels`].
	pub kernel: u8,
	/// One for each of the kernel's slots.
	pub bindings: Vec<Binding>,
	/// One for each of the kernel's arguments: 0 to 2^32 - 1 for every job.
	pub arguments: Vec<Expression>,
	/// Workgroups in x, y and z, each at least 1, their product at most 2^32 - 1. The workgroup
	/// at `(x, y, z)` of `(nx, ny, nz)` has the number `x + nx * (y + ny * z)`.
	pub workgroups: [Expression; 3],
	/// The most steps that a workgroup may take, at least 1 for every job.
	pub fuel: Expression,
}
