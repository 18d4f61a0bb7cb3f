//! That every index in a kernel's code names something that the kernel declares.

use crate::{
	bytecode::{Access, BuiltIn, Condition, Kernel, Memory, Operand, Operation, Register},
	error::{Indexed, Limited, Place, Reason, ValidateError},
};

/// Most words of one load.
const MAX_LOAD_WORDS: usize = 4;

/// Checks the registers, memories and built-ins that each operation names.
pub(super) fn operands(index: usize, kernel: &Kernel) -> Result<(), ValidateError> {
	for (at, operation) in kernel.code.iter().enumerate() {
		check(kernel, operation)
			.map_err(|reason| ValidateError { place: Place::Operation(index, at), reason })?;
	}
	Ok(())
}

fn check(kernel: &Kernel, operation: &Operation) -> Result<(), Reason> {
	let reads = |operands: &[Operand]| {
		operands.iter().try_for_each(|operand| match operand {
			Operand::Register(register) => writes(kernel, *register, 1),
			Operand::Immediate(_) => Ok(()),
		})
	};
	let compares = |condition: &Condition| reads(&[condition.left, condition.right]);
	match *operation {
		Operation::Move { to, from } => writes(kernel, to, 1).and(reads(&[from])),
		Operation::Unary { to, a, .. } => writes(kernel, to, 1).and(reads(&[a])),
		Operation::Binary { to, a, b, .. } => writes(kernel, to, 1).and(reads(&[a, b])),
		Operation::Ternary { to, a, b, c, .. } => writes(kernel, to, 1).and(reads(&[a, b, c])),
		Operation::Quaternary { to, a, b, c, d, .. } => {
			writes(kernel, to, 1).and(reads(&[a, b, c, d]))
		}
		Operation::Unpack4xI8 { to, a } | Operation::Unpack4xU8 { to, a } => {
			writes(kernel, to, 4).and(reads(&[a]))
		}
		Operation::BuiltIn { value, to } => writes(kernel, to, 1).and(built_in(kernel, value)),
		Operation::Load { memory, to, count, base, index, .. } => {
			let count = usize::from(count);
			if count == 0 {
				return Err(Reason::EmptyLoad);
			}
			super::at_most(count, MAX_LOAD_WORDS, Limited::LoadWords)?;
			writes(kernel, to, count)?;
			reads(&[base, index])?;
			names(kernel, memory)
		}
		Operation::Store { memory, base, index, value, .. } => {
			reads(&[base, index, value])?;
			names(kernel, memory)?;
			stores(kernel, memory)
		}
		Operation::Atomic { array, index, value, .. } => {
			reads(&[index, value])?;
			let arrays = &kernel.workgroup_arrays;
			declared(Indexed::WorkgroupArray, array.into(), arrays.len())?;
			match arrays.get(usize::from(array)) {
				Some(array) if array.atomic => Ok(()),
				_ => Err(Reason::NotAtomic),
			}
		}
		Operation::If(ref condition) | Operation::BreakIf(ref condition) => compares(condition),
		Operation::Barrier
		| Operation::Else
		| Operation::Loop
		| Operation::Continuing
		| Operation::End
		| Operation::Break
		| Operation::Continue
		| Operation::Return => Ok(()),
	}
}

fn declared(what: Indexed, index: usize, declared: usize) -> Result<(), Reason> {
	if index >= declared {
		return Err(Reason::Undeclared { what, index, declared });
	}
	Ok(())
}

/// Whether `count` registers from `first` exist.
fn writes(kernel: &Kernel, first: Register, count: usize) -> Result<(), Reason> {
	declared(Indexed::Register, usize::from(first) + count - 1, kernel.registers.into())
}

fn built_in(kernel: &Kernel, value: BuiltIn) -> Result<(), Reason> {
	match value {
		BuiltIn::Argument(index) => {
			declared(Indexed::Argument, index.into(), kernel.arguments.into())
		}
		BuiltIn::BufferWords(slot) => declared(Indexed::Slot, slot.into(), kernel.slots.len()),
		_ => Ok(()),
	}
}

fn names(kernel: &Kernel, memory: Memory) -> Result<(), Reason> {
	let (what, index, count) = match memory {
		Memory::Buffer(slot) => (Indexed::Slot, slot, kernel.slots.len()),
		Memory::Workgroup(array) => (Indexed::WorkgroupArray, array, kernel.workgroup_arrays.len()),
		Memory::Private(array) => (Indexed::PrivateArray, array, kernel.private_arrays.len()),
		Memory::Constant(table) => (Indexed::Constants, table, kernel.constants.len()),
	};
	declared(what, index.into(), count)
}

fn stores(kernel: &Kernel, memory: Memory) -> Result<(), Reason> {
	match memory {
		Memory::Constant(_) => Err(Reason::ReadOnly),
		Memory::Buffer(slot) if kernel.slots.get(usize::from(slot)) == Some(&Access::Read) => {
			Err(Reason::ReadOnly)
		}
		_ => Ok(()),
	}
}
