//! The compiler's own form of a kernel: structured control flow over scalar virtual registers.
//!
//! Most registers are assigned once. The exceptions are *homes*, the registers in which the
//! author's `var`s live.

pub mod fold;

/// A virtual register, one 32-bit word for each invocation. A bool is 0 or 1.
pub type Reg = u32;

/// What an instruction reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Operand {
	/// A register.
	Reg(Reg),
	/// A constant.
	Imm(u32),
}

impl Operand {
	/// The constant, if it is one.
	pub const fn imm(self) -> Option<u32> {
		match self {
			Self::Imm(value) => Some(value),
			Self::Reg(_) => None,
		}
	}

	/// The register, if it is one.
	pub const fn reg(self) -> Option<Reg> {
		match self {
			Self::Reg(reg) => Some(reg),
			Self::Imm(_) => None,
		}
	}
}

/// One-operand operations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Unary {
	/// The same value.
	Copy,
	/// −x, wrapping.
	Neg,
	/// !x, bit by bit.
	Not,
	/// |x|, of i32.
	AbsS,
	/// −1, 0 or 1, of i32.
	SignS,
	/// Bits that are 1.
	CountOnes,
	/// Zeros above the highest 1; 32 if there is none.
	LeadingZeros,
	/// Zeros below the lowest 1; 32 if there is none.
	TrailingZeros,
	/// The bits in reverse order.
	ReverseBits,
	/// Highest bit that differs from the sign; −1 if none.
	FirstLeadingS,
	/// Highest bit that is 1; −1 if none.
	FirstLeadingU,
	/// Lowest bit that is 1; −1 if none.
	FirstTrailing,
}

/// Two-operand operations; a suffix S or U says signed or unsigned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "each is what WGSL's operator of that name is")]
pub enum Binary {
	Add,
	Sub,
	Mul,
	DivS,
	DivU,
	RemS,
	RemU,
	And,
	Or,
	Xor,
	Shl,
	ShrS,
	ShrU,
	Eq,
	Ne,
	LtS,
	LtU,
	LeS,
	LeU,
	MinS,
	MinU,
	MaxS,
	MaxU,
	Dot4S,
	Dot4U,
	RotateRight,
}

/// Operations of three or four operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Wide {
	/// `[condition, accept, reject]`
	Select,
	/// `[x, offset, count]`
	ExtractS,
	/// `[x, offset, count]`
	ExtractU,
	/// `[x, inserted, offset, count]`
	Insert,
	/// Low bytes of four words.
	Pack4,
	/// Four words clamped to i8.
	PackClampS,
	/// Four words clamped to u8.
	PackClampU,
	/// `[x, y, z]`: x · y + z
	MulAdd,
	/// `[x, y, z]`: dot4I8Packed(x, y) + z
	Dot4AddS,
	/// `[x, y, z]`: dot4U8Packed(x, y) + z
	Dot4AddU,
	/// `[x, y, z]`: x + y + z
	Add3,
	/// `[x, y, z]`: x ^ y ^ z
	Xor3,
	/// `[x, n, z]`: (x << n) + z
	ShlAdd,
	/// `[x, y, z]`: (x & y) | (~x & z)
	Choose,
}

/// A value that the machine provides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Builtin {
	/// One component of `workgroup_id`.
	WorkgroupId(u8),
	/// One component of `num_workgroups`.
	NumWorkgroups(u8),
	/// One component of `local_invocation_id`.
	LocalId(u8),
	/// `local_invocation_index`.
	LocalIndex,
	/// The pass's argument.
	Argument(u8),
	/// A buffer's length in words.
	BufferWords(u8),
}

/// A memory of 32-bit words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Memory {
	/// A buffer, by its slot in the kernel.
	Buffer(u8),
	/// A workgroup array.
	Workgroup(u8),
	/// An array of each invocation's own.
	Private(u8),
	/// A constant table.
	Table(u8),
}

/// `memory[base + index + offset]`, wrapping.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Address {
	/// The memory.
	pub memory: Memory,
	/// A variable part, in words; 0 until addresses are fused.
	pub base: Operand,
	/// The other variable part, in words.
	pub index: Operand,
	/// The constant part, in words.
	pub offset: u32,
}

/// What a branch tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Condition {
	/// The value is not 0.
	Is(Operand),
	/// The comparison (one of [`Binary`]'s) holds.
	Compare(Binary, Operand, Operand),
}

/// Atomic operations on workgroup memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "each is what WGSL's function of that name is")]
pub enum Atomic {
	Add,
	MinS,
	MinU,
	MaxS,
	MaxU,
	And,
	Or,
	Xor,
}

/// An instruction and where in the source it comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inst {
	/// What it does.
	pub kind: Kind,
	/// The byte of the source that it comes from; 0 if none.
	pub at: u32,
}

/// What an instruction does.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the fields are the operands that the name asks for")]
pub enum Kind {
	Unary {
		op: Unary,
		dst: Reg,
		a: Operand,
	},
	Binary {
		op: Binary,
		dst: Reg,
		a: Operand,
		b: Operand,
	},
	Wide {
		op: Wide,
		dst: Reg,
		args: Vec<Operand>,
	},
	Builtin {
		dst: Reg,
		which: Builtin,
	},
	Load {
		dst: Reg,
		from: Address,
	},
	Store {
		to: Address,
		value: Operand,
	},
	Atomic {
		op: Atomic,
		to: Address,
		value: Operand,
	},
	Barrier,
	/// Up to four words from one address on; made by fusing.
	LoadMany {
		dsts: Vec<Reg>,
		from: Address,
	},
	/// The four bytes of a word; made by fusing.
	Unpack {
		dsts: Vec<Reg>,
		a: Operand,
		signed: bool,
	},
	If {
		cond: Condition,
		accept: Vec<Inst>,
		reject: Vec<Inst>,
	},
	Loop {
		body: Vec<Inst>,
		continuing: Vec<Inst>,
	},
	Break,
	BreakIf {
		cond: Condition,
	},
	Continue,
	Return,
}

impl Kind {
	/// The one register that this assigns; `None` if it assigns none or several.
	pub const fn dst(&self) -> Option<Reg> {
		match self {
			Self::Unary { dst, .. }
			| Self::Binary { dst, .. }
			| Self::Wide { dst, .. }
			| Self::Builtin { dst, .. }
			| Self::Load { dst, .. } => Some(*dst),
			_ => None,
		}
	}

	/// Calls `f` with each register that this instruction itself assigns.
	pub fn writes_mut(&mut self, mut f: impl FnMut(&mut Reg)) {
		match self {
			Self::Unary { dst, .. }
			| Self::Binary { dst, .. }
			| Self::Wide { dst, .. }
			| Self::Builtin { dst, .. }
			| Self::Load { dst, .. } => f(dst),
			Self::LoadMany { dsts, .. } | Self::Unpack { dsts, .. } => dsts.iter_mut().for_each(f),
			_ => {}
		}
	}

	/// Calls `f` with each register that this instruction itself assigns.
	pub fn writes(&self, mut f: impl FnMut(Reg)) {
		match self {
			Self::LoadMany { dsts, .. } | Self::Unpack { dsts, .. } => {
				dsts.iter().for_each(|dst| f(*dst));
			}
			_ => {
				if let Some(dst) = self.dst() {
					f(dst);
				}
			}
		}
	}

	/// Calls `f` with each operand of this instruction itself, not of the blocks in it.
	pub fn operands_mut(&mut self, mut f: impl FnMut(&mut Operand)) {
		match self {
			Self::Unary { a, .. } => f(a),
			Self::Binary { a, b, .. } => {
				f(a);
				f(b);
			}
			Self::Wide { args, .. } => args.iter_mut().for_each(f),
			Self::Load { from, .. } | Self::LoadMany { from, .. } => {
				f(&mut from.base);
				f(&mut from.index);
			}
			Self::Store { to, value } | Self::Atomic { to, value, .. } => {
				f(&mut to.base);
				f(&mut to.index);
				f(value);
			}
			Self::Unpack { a, .. } => f(a),
			Self::If { cond, .. } | Self::BreakIf { cond } => match cond {
				Condition::Is(a) => f(a),
				Condition::Compare(_, a, b) => {
					f(a);
					f(b);
				}
			},
			_ => {}
		}
	}

	/// Calls `f` with each register that this instruction itself reads.
	pub fn reads(&self, mut f: impl FnMut(Reg)) {
		let mut operand = |operand: &Operand| {
			if let Operand::Reg(reg) = operand {
				f(*reg);
			}
		};
		match self {
			Self::Unary { a, .. } => operand(a),
			Self::Binary { a, b, .. } => {
				operand(a);
				operand(b);
			}
			Self::Wide { args, .. } => args.iter().for_each(operand),
			Self::Load { from, .. } | Self::LoadMany { from, .. } => {
				operand(&from.base);
				operand(&from.index);
			}
			Self::Store { to, value } | Self::Atomic { to, value, .. } => {
				operand(&to.base);
				operand(&to.index);
				operand(value);
			}
			Self::Unpack { a, .. } => operand(a),
			Self::If { cond, .. } | Self::BreakIf { cond } => match cond {
				Condition::Is(a) => operand(a),
				Condition::Compare(_, a, b) => {
					operand(a);
					operand(b);
				}
			},
			_ => {}
		}
	}

	/// The blocks inside this instruction.
	pub fn blocks(&self) -> [&[Inst]; 2] {
		match self {
			Self::If { accept, reject, .. } => [accept, reject],
			Self::Loop { body, continuing } => [body, continuing],
			_ => [&[], &[]],
		}
	}

	/// The blocks inside this instruction, to change them.
	pub fn blocks_mut(&mut self) -> [Option<&mut Vec<Inst>>; 2] {
		match self {
			Self::If { accept, reject, .. } => [Some(accept), Some(reject)],
			Self::Loop { body, continuing } => [Some(body), Some(continuing)],
			_ => [None, None],
		}
	}

	/// Whether leaving it out changes nothing if nobody reads what it assigns.
	pub const fn is_pure(&self) -> bool {
		matches!(
			self,
			Self::Unary { .. }
				| Self::Binary { .. }
				| Self::Wide { .. }
				| Self::Builtin { .. }
				| Self::Load { .. }
				| Self::LoadMany { .. }
				| Self::Unpack { .. }
		)
	}
}

/// Calls `f` with each instruction of a block, those inside before those after.
pub fn walk(block: &[Inst], f: &mut impl FnMut(&Inst)) {
	for inst in block {
		f(inst);
		for inner in inst.kind.blocks() {
			walk(inner, f);
		}
	}
}

/// A kernel in this form.
#[derive(Clone, Debug, Default)]
pub struct Kernel {
	/// The code.
	pub body: Vec<Inst>,
	/// Registers in use are below this.
	pub registers: Reg,
	/// Words of each private array.
	pub private: Vec<u32>,
	/// Each workgroup array: its words, and whether atomics use it.
	pub workgroup: Vec<(u32, bool)>,
	/// Each constant table.
	pub tables: Vec<Vec<u32>>,
}
