//! The optimised form to bytecode.

use mutirao_machine_core::bytecode::{
	self, limits, Access, AtomicFunction as AF, BinaryFunction as BF, BuiltIn, Compare, LineEntry,
	Operation, QuaternaryFunction as QF, TernaryFunction as TF, UnaryFunction as UF,
	WorkgroupArray,
};

use crate::{
	front::{Diagnostic, Place, Rule, SourceSpan},
	mir::{
		Address, Atomic, Binary, Builtin, Condition, Inst, Kernel, Kind, Memory, Operand, Reg,
		Unary, Wide,
	},
	optimise::registers::{allocate, Allocation},
};

/// A kernel's bytecode and where its operations come from.
pub struct Emitted {
	/// The kernel.
	pub kernel: bytecode::Kernel,
	/// Runs of operations from one line.
	pub lines: Vec<LineEntry>,
}

/// What of a kernel is not in its code.
pub struct Interface {
	/// Invocations in x, y and z.
	pub workgroup_size: [u32; 3],
	/// How many arguments a pass gives.
	pub arguments: u8,
	/// How each slot is used.
	pub slots: Vec<Access>,
}

/// Emits a kernel.
///
/// # Errors
///
/// If it needs more registers, memory or nesting than the machine has.
pub fn emit(kernel: &Kernel, interface: Interface, source: &str) -> Result<Emitted, Diagnostic> {
	let limit = |reason: &str| Diagnostic::whole(Rule::Limit, reason);
	let allocation = allocate(&kernel.body)
		.ok_or_else(|| limit("the kernel needs more than 256 registers at once"))?;
	let mut emitter = Emitter { allocation, source, code: Vec::new(), lines: Vec::new(), line: 0 };
	emitter.block(&kernel.body, 0)?;
	let mut size = [0u16; 3];
	for (to, from) in size.iter_mut().zip(interface.workgroup_size) {
		*to = u16::try_from(from).map_err(|_| limit("a workgroup of more than 256 invocations"))?;
	}
	let private = kernel.private.iter().map(|words| u16::try_from(*words));
	let kernel = bytecode::Kernel {
		workgroup_size: size,
		registers: emitter.allocation.count,
		arguments: interface.arguments,
		slots: interface.slots,
		workgroup_arrays: kernel
			.workgroup
			.iter()
			.map(|(words, atomic)| WorkgroupArray { words: *words, atomic: *atomic })
			.collect(),
		private_arrays: private
			.collect::<Result<_, _>>()
			.map_err(|_| limit("more than 512 words of private memory"))?,
		constants: kernel.tables.clone(),
		code: emitter.code,
	};
	Ok(Emitted { kernel, lines: emitter.lines })
}

struct Emitter<'a> {
	allocation: Allocation,
	source: &'a str,
	code: Vec<Operation>,
	lines: Vec<LineEntry>,
	line: u32,
}

impl Emitter<'_> {
	fn register(&self, reg: Reg) -> bytecode::Register {
		// Every register that the code mentions is allocated.
		self.allocation.of.get(&reg).copied().unwrap_or(0)
	}

	fn operand(&self, operand: Operand) -> bytecode::Operand {
		match operand {
			Operand::Reg(reg) => bytecode::Operand::Register(self.register(reg)),
			Operand::Imm(value) => bytecode::Operand::Immediate(value),
		}
	}

	fn block(&mut self, block: &[Inst], depth: usize) -> Result<(), Diagnostic> {
		if depth > limits::MAX_NESTING {
			let at = block.first().map_or(0, |inst| inst.at);
			let span = SourceSpan { start: at, end: at + 1 };
			let reason = "blocks nest deeper than 32 here, calls and early returns included";
			return Err(Diagnostic::new(Rule::Limit, reason, self.source, span));
		}
		for inst in block {
			self.note_line(inst.at);
			self.instruction(&inst.kind, depth)?;
		}
		Ok(())
	}

	fn note_line(&mut self, at: u32) {
		if at == 0 || at == self.line {
			return;
		}
		self.line = at;
		if let Some(place) = Place::find(self.source, SourceSpan { start: at, end: at + 1 }) {
			let operation = self.code.len() as u32;
			let entry = LineEntry { operation, line: place.line, column: place.column };
			match self.lines.last_mut() {
				Some(last) if last.operation == operation => *last = entry,
				_ => self.lines.push(entry),
			}
		}
	}

	fn instruction(&mut self, kind: &Kind, depth: usize) -> Result<(), Diagnostic> {
		let operation = match kind {
			Kind::If { cond, accept, reject } => {
				return self.branch(*cond, accept, reject, depth);
			}
			Kind::Loop { body, continuing } => {
				self.code.push(Operation::Loop);
				self.block(body, depth + 1)?;
				if !continuing.is_empty() {
					self.code.push(Operation::Continuing);
					self.block(continuing, depth + 1)?;
				}
				Operation::End
			}
			Kind::Break => Operation::Break,
			Kind::BreakIf { cond } => Operation::BreakIf(self.condition(*cond)),
			Kind::Continue => Operation::Continue,
			Kind::Return => Operation::Return,
			Kind::Barrier => Operation::Barrier,
			Kind::Store { to, value } => Operation::Store {
				memory: memory(to.memory),
				base: self.operand(to.base),
				index: self.operand(to.index),
				offset: to.offset,
				value: self.operand(*value),
			},
			Kind::Atomic { op, to, value } => {
				let Memory::Workgroup(array) = to.memory else {
					return Ok(());
				};
				Operation::Atomic {
					function: atomic(*op),
					array,
					index: self.operand(to.index),
					offset: to.offset,
					value: self.operand(*value),
				}
			}
			_ => self.computation(kind),
		};
		self.code.push(operation);
		Ok(())
	}

	fn branch(
		&mut self,
		cond: Condition,
		accept: &[Inst],
		reject: &[Inst],
		depth: usize,
	) -> Result<(), Diagnostic> {
		self.code.push(Operation::If(self.condition(cond)));
		self.block(accept, depth + 1)?;
		if !reject.is_empty() {
			self.code.push(Operation::Else);
			self.block(reject, depth + 1)?;
		}
		self.code.push(Operation::End);
		Ok(())
	}

	fn condition(&self, condition: Condition) -> bytecode::Condition {
		let (op, left, right) = match condition {
			Condition::Is(operand) => (Binary::Ne, operand, Operand::Imm(0)),
			Condition::Compare(op, left, right) => (op, left, right),
		};
		bytecode::Condition {
			compare: compare(op).unwrap_or(Compare::NotEqual),
			left: self.operand(left),
			right: self.operand(right),
		}
	}

	fn computation(&self, kind: &Kind) -> Operation {
		match kind {
			Kind::Unary { op, dst, a } => {
				let (to, a) = (self.register(*dst), self.operand(*a));
				match unary(*op) {
					Some(function) => Operation::Unary { function, to, a },
					None => Operation::Move { to, from: a },
				}
			}
			Kind::Binary { op, dst, a, b } => Operation::Binary {
				function: binary(*op),
				to: self.register(*dst),
				a: self.operand(*a),
				b: self.operand(*b),
			},
			Kind::Wide { op, dst, args } => self.wide(*op, *dst, args),
			Kind::Builtin { dst, which } => {
				Operation::BuiltIn { value: builtin(*which), to: self.register(*dst) }
			}
			Kind::Load { dst, from } => self.load(*dst, 1, from),
			Kind::LoadMany { dsts, from } => {
				self.load(dsts.first().copied().unwrap_or(0), dsts.len() as u8, from)
			}
			Kind::Unpack { dsts, a, signed } => {
				let (to, a) = (self.register(dsts.first().copied().unwrap_or(0)), self.operand(*a));
				match signed {
					true => Operation::Unpack4xI8 { to, a },
					false => Operation::Unpack4xU8 { to, a },
				}
			}
			// The other kinds are handled by the caller.
			_ => Operation::Barrier,
		}
	}

	fn load(&self, dst: Reg, count: u8, from: &Address) -> Operation {
		Operation::Load {
			memory: memory(from.memory),
			to: self.register(dst),
			count,
			base: self.operand(from.base),
			index: self.operand(from.index),
			offset: from.offset,
		}
	}

	fn wide(&self, op: Wide, dst: Reg, args: &[Operand]) -> Operation {
		let to = self.register(dst);
		let arg = |i: usize| self.operand(args.get(i).copied().unwrap_or(Operand::Imm(0)));
		let (a, b, c, d) = (arg(0), arg(1), arg(2), arg(3));
		let function = match op {
			Wide::Select => TF::Select,
			Wide::ExtractS => TF::ExtractBitsI32,
			Wide::ExtractU => TF::ExtractBitsU32,
			Wide::MulAdd => TF::MultiplyAdd,
			Wide::Dot4AddS => TF::Dot4I8PackedAdd,
			Wide::Dot4AddU => TF::Dot4U8PackedAdd,
			Wide::Add3 => TF::Add3,
			Wide::Xor3 => TF::Xor3,
			Wide::ShlAdd => TF::ShiftLeftAdd,
			Wide::Choose => TF::BitSelect,
			Wide::Insert => {
				return Operation::Quaternary { function: QF::InsertBits, to, a, b, c, d }
			}
			Wide::Pack4 => return Operation::Quaternary { function: QF::Pack4x8, to, a, b, c, d },
			Wide::PackClampS => {
				return Operation::Quaternary { function: QF::Pack4xI8Clamp, to, a, b, c, d }
			}
			Wide::PackClampU => {
				return Operation::Quaternary { function: QF::Pack4xU8Clamp, to, a, b, c, d }
			}
		};
		Operation::Ternary { function, to, a, b, c }
	}
}

const fn memory(memory: Memory) -> bytecode::Memory {
	match memory {
		Memory::Buffer(slot) => bytecode::Memory::Buffer(slot),
		Memory::Workgroup(array) => bytecode::Memory::Workgroup(array),
		Memory::Private(array) => bytecode::Memory::Private(array),
		Memory::Table(table) => bytecode::Memory::Constant(table),
	}
}

/// `None` for a copy, which is a move.
const fn unary(op: Unary) -> Option<UF> {
	Some(match op {
		Unary::Copy => return None,
		Unary::Neg => UF::Negate,
		Unary::Not => UF::Not,
		Unary::AbsS => UF::AbsI32,
		Unary::SignS => UF::SignI32,
		Unary::CountOnes => UF::CountOneBits,
		Unary::LeadingZeros => UF::CountLeadingZeros,
		Unary::TrailingZeros => UF::CountTrailingZeros,
		Unary::ReverseBits => UF::ReverseBits,
		Unary::FirstLeadingS => UF::FirstLeadingBitI32,
		Unary::FirstLeadingU => UF::FirstLeadingBitU32,
		Unary::FirstTrailing => UF::FirstTrailingBit,
	})
}

const fn compare(op: Binary) -> Option<Compare> {
	match op {
		Binary::Eq => Some(Compare::Equal),
		Binary::Ne => Some(Compare::NotEqual),
		Binary::LtS => Some(Compare::LessI32),
		Binary::LtU => Some(Compare::LessU32),
		Binary::LeS => Some(Compare::LessEqualI32),
		Binary::LeU => Some(Compare::LessEqualU32),
		_ => None,
	}
}

const fn binary(op: Binary) -> BF {
	if let Some(compare) = compare(op) {
		return BF::Compare(compare);
	}
	match op {
		Binary::Add => BF::Add,
		Binary::Sub => BF::Sub,
		Binary::Mul => BF::Mul,
		Binary::DivS => BF::DivI32,
		Binary::DivU => BF::DivU32,
		Binary::RemS => BF::RemI32,
		Binary::RemU => BF::RemU32,
		Binary::And => BF::And,
		Binary::Or => BF::Or,
		Binary::Xor => BF::Xor,
		Binary::Shl => BF::ShiftLeft,
		Binary::ShrS => BF::ShiftRightI32,
		Binary::ShrU => BF::ShiftRightU32,
		Binary::MinS => BF::MinI32,
		Binary::MinU => BF::MinU32,
		Binary::MaxS => BF::MaxI32,
		Binary::MaxU => BF::MaxU32,
		Binary::Dot4S => BF::Dot4I8Packed,
		Binary::Dot4U => BF::Dot4U8Packed,
		_ => BF::RotateRight,
	}
}

const fn atomic(op: Atomic) -> AF {
	match op {
		Atomic::Add => AF::Add,
		Atomic::MinS => AF::MinI32,
		Atomic::MinU => AF::MinU32,
		Atomic::MaxS => AF::MaxI32,
		Atomic::MaxU => AF::MaxU32,
		Atomic::And => AF::And,
		Atomic::Or => AF::Or,
		Atomic::Xor => AF::Xor,
	}
}

const fn builtin(which: Builtin) -> BuiltIn {
	match which {
		Builtin::WorkgroupId(0) => BuiltIn::WorkgroupIdX,
		Builtin::WorkgroupId(1) => BuiltIn::WorkgroupIdY,
		Builtin::WorkgroupId(_) => BuiltIn::WorkgroupIdZ,
		Builtin::NumWorkgroups(0) => BuiltIn::WorkgroupsX,
		Builtin::NumWorkgroups(1) => BuiltIn::WorkgroupsY,
		Builtin::NumWorkgroups(_) => BuiltIn::WorkgroupsZ,
		Builtin::LocalId(0) => BuiltIn::LocalIdX,
		Builtin::LocalId(1) => BuiltIn::LocalIdY,
		Builtin::LocalId(_) => BuiltIn::LocalIdZ,
		Builtin::LocalIndex => BuiltIn::LocalIndex,
		Builtin::Argument(argument) => BuiltIn::Argument(argument),
		Builtin::BufferWords(slot) => BuiltIn::BufferWords(slot),
	}
}
