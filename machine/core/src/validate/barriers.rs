//! That every barrier is reached by all invocations of a workgroup together.
//!
//! An abstract interpretation: which registers may differ between invocations, and whether control
//! flow may. Blocks are followed with an explicit stack, loops until nothing changes; both sets
//! only grow, and a budget bounds the work. A GPU may hang in a barrier that some invocations do
//! not reach, so a program that this check does not understand is refused.

use alloc::vec::Vec;

use crate::{
	bytecode::{Access, BuiltIn, Condition, Kernel, Memory, Operand, Operation, Register},
	error::{Place, Reason, ValidateError},
};

/// Operations that the check looks at, over all iterations of all kernels of a program, before it
/// gives up.
pub(super) const BUDGET: usize = 250_000;

/// A set of registers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Set([u64; 4]);

impl Set {
	fn contains(&self, register: Register) -> bool {
		self.0[usize::from(register) / 64] >> (register % 64) & 1 == 1
	}

	fn put(&mut self, register: Register, is_in: bool) {
		let (word, bit) = (&mut self.0[usize::from(register) / 64], 1 << (register % 64));
		*word = if is_in { *word | bit } else { *word & !bit };
	}

	fn join(&mut self, other: Self) {
		self.0.iter_mut().zip(other.0).for_each(|(word, other)| *word |= other);
	}
}

/// An open block.
enum Frame {
	If {
		/// Whether control flow around it may differ.
		outside: bool,
		/// Whether its condition may.
		condition: bool,
		/// What may differ before it; at its end, what may after its first block.
		other: Set,
	},
	Loop {
		outside: bool,
		body: usize,
		/// What may differ at the start of any iteration.
		head: Set,
		/// What may differ where it is left, and where it goes on.
		left: Set,
		continued: Set,
		/// Whether some invocations may leave or go on while others do not.
		splits: bool,
		/// What [`Analysis::returned`] and `splits` were when the iteration started.
		before: (bool, bool),
	},
}

struct Analysis<'a> {
	kernel: &'a Kernel,
	/// Registers whose values may differ.
	varying: Set,
	/// Whether the invocations here may be not all.
	flow: bool,
	/// Whether some invocations may have returned while others did not.
	returned: bool,
	frames: Vec<Frame>,
}

/// Checks all barriers of a kernel whose blocks nest; what it looks at is taken from the budget.
pub(super) fn barriers(
	index: usize,
	kernel: &Kernel,
	budget: &mut usize,
) -> Result<(), ValidateError> {
	if !kernel.code.contains(&Operation::Barrier) {
		return Ok(());
	}
	let mut analysis = Analysis {
		kernel,
		varying: Set::default(),
		flow: false,
		returned: false,
		frames: Vec::new(),
	};
	let mut at = 0;
	while let Some(operation) = kernel.code.get(at) {
		let entangled = ValidateError { place: Place::Kernel(index), reason: Reason::Entangled };
		*budget = budget.checked_sub(1).ok_or(entangled)?;
		if *operation == Operation::Barrier && analysis.flow {
			let place = Place::Operation(index, at);
			return Err(ValidateError { place, reason: Reason::DivergentBarrier });
		}
		at = analysis.step(at, operation);
	}
	Ok(())
}

impl Analysis<'_> {
	/// Looks at an operation and returns the next one's index.
	fn step(&mut self, at: usize, operation: &Operation) -> usize {
		match operation {
			Operation::If(condition) => {
				let condition = self.may_differ(condition);
				let (outside, other) = (self.flow, self.varying);
				self.frames.push(Frame::If { outside, condition, other });
				self.flow |= condition;
			}
			Operation::Else => {
				if let Some(Frame::If { outside, condition, other }) = self.frames.last_mut() {
					self.flow = *outside || *condition;
					core::mem::swap(other, &mut self.varying);
				}
				self.flow |= self.is_split();
			}
			Operation::Loop => self.frames.push(Frame::Loop {
				outside: self.flow,
				body: at + 1,
				head: self.varying,
				left: Set::default(),
				continued: Set::default(),
				splits: false,
				before: (self.returned, false),
			}),
			Operation::Continuing => {
				if let Some(Frame::Loop { continued, .. }) = self.frames.last() {
					self.varying.join(*continued);
				}
			}
			Operation::End => return self.end(at),
			Operation::Break => self.exit(self.flow, true),
			Operation::BreakIf(condition) => {
				self.exit(self.flow || self.may_differ(condition), true)
			}
			Operation::Continue => self.exit(self.flow, false),
			Operation::Return => {
				self.returned |= self.flow;
			}
			_ => self.write(operation),
		}
		at + 1
	}

	fn end(&mut self, at: usize) -> usize {
		match self.frames.pop() {
			Some(Frame::If { outside, other, .. }) => {
				self.varying.join(other);
				self.flow = outside || self.is_split();
			}
			Some(Frame::Loop { outside, body, mut head, left, continued, splits, before }) => {
				let old = head;
				head.join(self.varying);
				head.join(continued);
				let now = (self.returned, splits);
				if head != old || now != before {
					self.varying = head;
					self.flow = outside || self.returned || splits;
					let before = now;
					self.frames.push(Frame::Loop {
						outside,
						body,
						head,
						left,
						continued,
						splits,
						before,
					});
					return body;
				}
				self.varying = left;
				self.flow = outside || self.is_split();
			}
			None => {}
		}
		at + 1
	}

	/// Whether some invocations may be elsewhere because they returned, or left the innermost
	/// loop's iteration.
	fn is_split(&self) -> bool {
		let innermost = self.frames.iter().rev().find_map(|frame| match frame {
			Frame::Loop { splits, .. } => Some(*splits),
			Frame::If { .. } => None,
		});
		self.returned || innermost.unwrap_or(false)
	}

	/// Invocations leave the innermost loop, or go on with its next iteration.
	fn exit(&mut self, is_split: bool, leaves: bool) {
		let varying = self.varying;
		let innermost = self.frames.iter_mut().rev().find_map(|frame| match frame {
			Frame::Loop { left, continued, splits, .. } => Some((left, continued, splits)),
			Frame::If { .. } => None,
		});
		if let Some((left, continued, splits)) = innermost {
			if leaves { left } else { continued }.join(varying);
			*splits |= is_split;
			self.flow |= is_split;
		}
	}

	fn may_differ(&self, condition: &Condition) -> bool {
		self.any(&[condition.left, condition.right])
	}

	fn any(&self, operands: &[Operand]) -> bool {
		operands.iter().any(|operand| match operand {
			Operand::Register(register) => self.varying.contains(*register),
			Operand::Immediate(_) => false,
		})
	}

	/// What an operation writes may differ if its operands may, or not all invocations write it.
	fn write(&mut self, operation: &Operation) {
		let (to, count, differs) = match *operation {
			Operation::Move { to, from } => (to, 1, self.any(&[from])),
			Operation::Unary { to, a, .. } => (to, 1, self.any(&[a])),
			Operation::Binary { to, a, b, .. } => (to, 1, self.any(&[a, b])),
			Operation::Ternary { to, a, b, c, .. } => (to, 1, self.any(&[a, b, c])),
			Operation::Quaternary { to, a, b, c, d, .. } => (to, 1, self.any(&[a, b, c, d])),
			Operation::Unpack4xI8 { to, a } | Operation::Unpack4xU8 { to, a } => {
				(to, 4, self.any(&[a]))
			}
			Operation::BuiltIn { value, to } => {
				let is_local = matches!(
					value,
					BuiltIn::LocalIdX | BuiltIn::LocalIdY | BuiltIn::LocalIdZ | BuiltIn::LocalIndex
				);
				(to, 1, is_local)
			}
			Operation::Load { memory, to, count, base, index, .. } => {
				(to, count, self.memory_differs(memory) || self.any(&[base, index]))
			}
			_ => return,
		};
		let differs = differs || self.flow;
		(0..count).for_each(|part| self.varying.put(to.wrapping_add(part), differs));
	}

	/// Whether invocations may read different values at one address.
	fn memory_differs(&self, memory: Memory) -> bool {
		match memory {
			Memory::Constant(_) => false,
			Memory::Buffer(slot) => self.kernel.slots.get(usize::from(slot)) != Some(&Access::Read),
			Memory::Workgroup(_) | Memory::Private(_) => true,
		}
	}
}
