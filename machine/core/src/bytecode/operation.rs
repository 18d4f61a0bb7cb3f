//! The operations. Every value is a 32-bit word; signedness belongs to the operation; a boolean is
//! a word that is 0 or 1.

use codec::{Decode, Encode};

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

/// `right` compared with `left`. The greater-than forms are these with swapped operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Compare {
	/// Equal.
	#[codec(index = 0)]
	Equal,
	/// Not equal.
	#[codec(index = 1)]
	NotEqual,
	/// Less, as `i32`.
	#[codec(index = 2)]
	LessI32,
	/// Less or equal, as `i32`.
	#[codec(index = 3)]
	LessEqualI32,
	/// Less, as `u32`.
	#[codec(index = 4)]
	LessU32,
	/// Less or equal, as `u32`.
	#[codec(index = 5)]
	LessEqualU32,
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

/// A function of one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub enum UnaryFunction {
	/// `-a`, wrapping.
	#[codec(index = 0)]
	Negate,
	/// All bits flipped.
	#[codec(index = 1)]
	Not,
	/// `|a|` as `i32`; the least `i32` stays.
	#[codec(index = 2)]
	AbsI32,
	/// -1, 0 or 1 as `i32`.
	#[codec(index = 3)]
	SignI32,
	/// The number of one bits.
	#[codec(index = 4)]
	CountOneBits,
	/// The number of zero bits above the highest one bit; 32 for 0.
	#[codec(index = 5)]
	CountLeadingZeros,
	/// The number of zero bits below the lowest one bit; 32 for 0.
	#[codec(index = 6)]
	CountTrailingZeros,
	/// As `i32`: the index of the highest bit that differs from the sign; all ones for 0 and -1.
	#[codec(index = 7)]
	FirstLeadingBitI32,
	/// The index of the highest one bit; all ones for 0.
	#[codec(index = 8)]
	FirstLeadingBitU32,
	/// The index of the lowest one bit; all ones for 0.
	#[codec(index = 9)]
	FirstTrailingBit,
	/// Bits in reverse order.
	#[codec(index = 10)]
	ReverseBits,
}

/// A function of two words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub enum BinaryFunction {
	/// Wrapping sum.
	#[codec(index = 0)]
	Add,
	/// Wrapping difference.
	#[codec(index = 1)]
	Sub,
	/// Wrapping product.
	#[codec(index = 2)]
	Mul,
	/// As `i32`, toward zero; `a / 0 = a`, `MIN / -1 = MIN`.
	#[codec(index = 3)]
	DivI32,
	/// As `u32`; `a / 0 = a`.
	#[codec(index = 4)]
	DivU32,
	/// As `i32`, with the sign of `a`; `a % 0 = 0`, `MIN % -1 = 0`.
	#[codec(index = 5)]
	RemI32,
	/// As `u32`; `a % 0 = 0`.
	#[codec(index = 6)]
	RemU32,
	/// Bitwise and.
	#[codec(index = 7)]
	And,
	/// Bitwise or.
	#[codec(index = 8)]
	Or,
	/// Bitwise exclusive or.
	#[codec(index = 9)]
	Xor,
	/// `a << (b & 31)`
	#[codec(index = 10)]
	ShiftLeft,
	/// `a >> (b & 31)`, copies of the sign shifted in.
	#[codec(index = 11)]
	ShiftRightI32,
	/// `a >> (b & 31)`, zeros shifted in.
	#[codec(index = 12)]
	ShiftRightU32,
	/// Bits rotated left by `b & 31`.
	#[codec(index = 13)]
	RotateLeft,
	/// Bits rotated right by `b & 31`.
	#[codec(index = 14)]
	RotateRight,
	/// The smaller, as `i32`.
	#[codec(index = 15)]
	MinI32,
	/// The smaller, as `u32`.
	#[codec(index = 16)]
	MinU32,
	/// The greater, as `i32`.
	#[codec(index = 17)]
	MaxI32,
	/// The greater, as `u32`.
	#[codec(index = 18)]
	MaxU32,
	/// The sum of the products of the four signed bytes of each word.
	#[codec(index = 19)]
	Dot4I8Packed,
	/// The sum of the products of the four unsigned bytes of each word.
	#[codec(index = 20)]
	Dot4U8Packed,
	/// 1 if the comparison holds, else 0.
	#[codec(index = 21)]
	Compare(Compare),
}

/// A function of three words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub enum TernaryFunction {
	/// `b` if `a` is not 0, else `c`. (WGSL's `select(c, b, a)`.)
	#[codec(index = 0)]
	Select,
	/// `a * b + c`, wrapping.
	#[codec(index = 1)]
	MultiplyAdd,
	/// `dot4I8Packed(a, b) + c`, wrapping.
	#[codec(index = 2)]
	Dot4I8PackedAdd,
	/// `dot4U8Packed(a, b) + c`, wrapping.
	#[codec(index = 3)]
	Dot4U8PackedAdd,
	/// `min(max(a, b), c)` as `i32`.
	#[codec(index = 4)]
	ClampI32,
	/// `min(max(a, b), c)` as `u32`.
	#[codec(index = 5)]
	ClampU32,
	/// The `c` bits of `a` from bit `b`, sign-extended. `o = min(b, 32)`, `n = min(c, 32 - o)`;
	/// 0 if `n` is 0.
	#[codec(index = 6)]
	ExtractBitsI32,
	/// The same, zero-extended.
	#[codec(index = 7)]
	ExtractBitsU32,
	/// `a + b + c`, wrapping.
	#[codec(index = 8)]
	Add3,
	/// `a ^ b ^ c`
	#[codec(index = 9)]
	Xor3,
	/// `(a & b) | (!a & c)`
	#[codec(index = 10)]
	BitSelect,
	/// `(a << (b & 31)) + c`, wrapping.
	#[codec(index = 11)]
	ShiftLeftAdd,
}

/// A function of four words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub enum QuaternaryFunction {
	/// `a` with its `d` bits from bit `c` replaced by the low bits of `b`. `o = min(c, 32)`,
	/// `n = min(d, 32 - o)`; `a` if `n` is 0.
	#[codec(index = 0)]
	InsertBits,
	/// The low byte of each, `a` lowest. (WGSL's `pack4xI8` and `pack4xU8` alike.)
	#[codec(index = 1)]
	Pack4x8,
	/// The same after each is clamped to -128 ..= 127 as `i32`.
	#[codec(index = 2)]
	Pack4xI8Clamp,
	/// The same after each is clamped to 0 ..= 255 as `u32`.
	#[codec(index = 3)]
	Pack4xU8Clamp,
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

/// An atomic function; its result is not available.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub enum AtomicFunction {
	/// Wrapping sum.
	#[codec(index = 0)]
	Add,
	/// The smaller, as `i32`.
	#[codec(index = 1)]
	MinI32,
	/// The smaller, as `u32`.
	#[codec(index = 2)]
	MinU32,
	/// The greater, as `i32`.
	#[codec(index = 3)]
	MaxI32,
	/// The greater, as `u32`.
	#[codec(index = 4)]
	MaxU32,
	/// Bitwise and.
	#[codec(index = 5)]
	And,
	/// Bitwise or.
	#[codec(index = 6)]
	Or,
	/// Bitwise exclusive or.
	#[codec(index = 7)]
	Xor,
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
