//! Steps: what an operation costs.
//!
//! An operation that runs for `n` invocations together costs `units(operation) * max(n, MIN_LANES)`
//! steps. It depends on the program and its data only, never on who executes it. The units were
//! measured (docs/protocol/bytecode.md, "Steps"), so that a step takes about the same time in every
//! class.

use crate::bytecode::{BinaryFunction, Memory, Operation, TernaryFunction, UnaryFunction};

/// Fewer invocations than this are charged as this many: decoding an operation takes the time of
/// about so many of them.
pub const MIN_LANES: u32 = 16;

/// Steps of one operation for one invocation.
pub const fn units(operation: &Operation) -> u32 {
	match operation {
		Operation::Unary { function: UnaryFunction::ReverseBits, .. } => 2,
		Operation::Move { .. } | Operation::Unary { .. } | Operation::BuiltIn { .. } => 1,
		Operation::Binary { function, .. } => binary_units(*function),
		Operation::Ternary { function, .. } => ternary_units(*function),
		Operation::Quaternary { .. } => 4,
		Operation::Unpack4xI8 { .. } | Operation::Unpack4xU8 { .. } => 3,
		Operation::Load { memory, count, .. } => load_units(*memory) * *count as u32,
		Operation::Store { memory: Memory::Private(_), .. } => 2,
		Operation::Store { .. } | Operation::Atomic { .. } => 3,
		Operation::If(_) | Operation::BreakIf(_) => 3,
		Operation::Barrier
		| Operation::Else
		| Operation::Loop
		| Operation::Continuing
		| Operation::End
		| Operation::Break
		| Operation::Continue
		| Operation::Return => 1,
	}
}

const fn binary_units(function: BinaryFunction) -> u32 {
	match function {
		BinaryFunction::DivI32
		| BinaryFunction::DivU32
		| BinaryFunction::RemI32
		| BinaryFunction::RemU32
		| BinaryFunction::Dot4I8Packed
		| BinaryFunction::Dot4U8Packed => 2,
		_ => 1,
	}
}

const fn ternary_units(function: TernaryFunction) -> u32 {
	match function {
		TernaryFunction::Dot4I8PackedAdd | TernaryFunction::Dot4U8PackedAdd => 2,
		_ => 1,
	}
}

/// Steps of one word.
const fn load_units(memory: Memory) -> u32 {
	match memory {
		Memory::Buffer(_) | Memory::Private(_) => 2,
		Memory::Workgroup(_) => 3,
		Memory::Constant(_) => 1,
	}
}
