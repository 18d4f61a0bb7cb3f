//! The operations. Every value is a 32-bit word; signedness belongs to the operation; a boolean is
//! a word that is 0 or 1.

use codec::{Decode, Encode};

use super::functions::{
	AtomicFunction, BinaryFunction, Compare, QuaternaryFunction, TernaryFunction, UnaryFunction,
};

/// A register's index.
pub type Register = u8;

/// A value that an operation takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Operand {
	/// A register's value.
	#[codec(index = 0)]
	Register(Register),
	/// A number in the code.
	#[codec(index = 1)]
	Immediate(#[codec(compact)] u32),
}

/// A comparison that a branch takes. A boolean register `r` is `r NotEqual 0`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Condition {
	/// How the operands are compared.
	pub compare: Compare,
	/// The left operand.
	pub left: Operand,
	/// The right operand.
	pub right: Operand,
}

/// A value that the machine gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub enum BuiltIn {
	/// `workgroup_id.x`
	#[codec(index = 0)]
	WorkgroupIdX,
	/// `workgroup_id.y`
	#[codec(index = 1)]
	WorkgroupIdY,
	/// `workgroup_id.z`
	#[codec(index = 2)]
	WorkgroupIdZ,
	/// `num_workgroups.x`
	#[codec(index = 3)]
	WorkgroupsX,
	/// `num_workgroups.y`
	#[codec(index = 4)]
	WorkgroupsY,
	/// `num_workgroups.z`
	#[codec(index = 5)]
	WorkgroupsZ,
	/// `local_invocation_id.x`
	#[codec(index = 6)]
	LocalIdX,
	/// `local_invocation_id.y`
	#[codec(index = 7)]
	LocalIdY,
	/// `local_invocation_id.z`
	#[codec(index = 8)]
	LocalIdZ,
	/// `local_invocation_index`: `x + size.x * (y + size.y * z)`
	#[codec(index = 9)]
	LocalIndex,
	/// The pass's argument of that index.
	#[codec(index = 10)]
	Argument(u8),
	/// The length in words of the buffer in that slot (the whole buffer, not the slice).
	#[codec(index = 11)]
	BufferWords(u8),
}

/// A memory that loads and stores name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Memory {
	/// The buffer in a slot. The index counts from the buffer's start, for written ones too.
	#[codec(index = 0)]
	Buffer(u8),
	/// A workgroup array.
	#[codec(index = 1)]
	Workgroup(u8),
	/// A private array.
	#[codec(index = 2)]
	Private(u8),
	/// A table of constants.
	#[codec(index = 3)]
	Constant(u8),
}

/// One operation. Blocks are marked in the stream: `If … [Else …] End` and
/// `Loop … [Continuing …] End`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Operation {
	/// `to = from`
	#[codec(index = 0)]
	Move {
		/// Written.
		to: Register,
		/// Read.
		from: Operand,
	},
	/// `to = function(a)`
	#[codec(index = 1)]
	Unary {
		/// What is computed.
		function: UnaryFunction,
		/// Written.
		to: Register,
		/// Read.
		a: Operand,
	},
	/// `to = function(a, b)`
	#[codec(index = 2)]
	Binary {
		/// What is computed.
		function: BinaryFunction,
		/// Written.
		to: Register,
		/// Read.
		a: Operand,
		/// Read.
		b: Operand,
	},
	/// `to = function(a, b, c)`
	#[codec(index = 3)]
	Ternary {
		/// What is computed.
		function: TernaryFunction,
		/// Written.
		to: Register,
		/// Read.
		a: Operand,
		/// Read.
		b: Operand,
		/// Read.
		c: Operand,
	},
	/// `to = function(a, b, c, d)`
	#[codec(index = 4)]
	Quaternary {
		/// What is computed.
		function: QuaternaryFunction,
		/// Written.
		to: Register,
		/// Read.
		a: Operand,
		/// Read.
		b: Operand,
		/// Read.
		c: Operand,
		/// Read.
		d: Operand,
	},
	/// `to .. to + 3` = the four signed bytes of `a`, lowest first, sign-extended. `a` is read
	/// before any is written.
	#[codec(index = 5)]
	Unpack4xI8 {
		/// The first of four registers that are written.
		to: Register,
		/// Read.
		a: Operand,
	},
	/// The same with zero extension.
	#[codec(index = 6)]
	Unpack4xU8 {
		/// The first of four registers that are written.
		to: Register,
		/// Read.
		a: Operand,
	},
	/// `to` = a value that the machine gives.
	#[codec(index = 7)]
	BuiltIn {
		/// Which.
		value: BuiltIn,
		/// Written.
		to: Register,
	},
	/// `to + i = memory[base + index + offset + i]` for `i` in `0 .. count`, sums wrapping, each
	/// word 0 if it is out of bounds. Operands are read before any register is written.
	#[codec(index = 8)]
	Load {
		/// Where from.
		memory: Memory,
		/// The first register that is written.
		to: Register,
		/// How many words, 1 to 4.
		count: u8,
		/// Read.
		base: Operand,
		/// Read.
		index: Operand,
		/// Added.
		#[codec(compact)]
		offset: u32,
	},
	/// `memory[base + index + offset] = value`, sums wrapping, dropped if out of bounds. The
	/// memory is no constant table and no [`super::Access::Read`] buffer.
	#[codec(index = 9)]
	Store {
		/// Where to.
		memory: Memory,
		/// Read.
		base: Operand,
		/// Read.
		index: Operand,
		/// Added.
		#[codec(compact)]
		offset: u32,
		/// Read.
		value: Operand,
	},
	/// `array[index + offset] = function(array[index + offset], value)` without interruption,
	/// dropped if out of bounds.
	#[codec(index = 10)]
	Atomic {
		/// What is computed.
		function: AtomicFunction,
		/// A workgroup array that is declared atomic.
		array: u8,
		/// Read.
		index: Operand,
		/// Added.
		#[codec(compact)]
		offset: u32,
		/// Read.
		value: Operand,
	},
	/// All invocations wait for one another; memory is in order before and after.
	#[codec(index = 11)]
	Barrier,
	/// Opens a block for the invocations whose condition holds.
	#[codec(index = 12)]
	If(Condition),
	/// Ends an `If`'s first block and opens one for the other invocations.
	#[codec(index = 13)]
	Else,
	/// Opens a block that repeats until every invocation has left it.
	#[codec(index = 14)]
	Loop,
	/// Ends a loop's body and opens its continuing block, where `Continue` goes to. It holds no
	/// `Break`, `Continue` or `Return`, and `BreakIf` only as its last operation.
	#[codec(index = 15)]
	Continuing,
	/// Ends an `If` or a `Loop`.
	#[codec(index = 16)]
	End,
	/// Leaves the innermost loop.
	#[codec(index = 17)]
	Break,
	/// Leaves the innermost loop if the condition holds.
	#[codec(index = 18)]
	BreakIf(Condition),
	/// Goes to the innermost loop's continuing block, or its end.
	#[codec(index = 19)]
	Continue,
	/// Ends the invocation.
	#[codec(index = 20)]
	Return,
}
