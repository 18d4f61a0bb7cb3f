//! The machine: one workgroup's invocations in lockstep.

use alloc::vec::Vec;

use super::{
	access::Address,
	buffers::Buffers,
	fault::{Fault, FaultReason, RunError},
	mask::Mask,
	memory::{Memories, Shared},
	registers::Registers,
	shadow::Epoch,
};
use crate::{
	bytecode::{
		limits::MAX_NESTING, Access, BuiltIn, Condition, Kernel, Operand, Operation, Register,
	},
	cost,
	program::Flow,
	resolve::ResolvedPass,
};

/// What a workgroup computed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
	/// The workgroup's slice of each written slot, in the order of the slots.
	pub slices: Vec<Vec<u32>>,
	/// The steps that it took.
	pub steps: u64,
}

/// An open block.
#[derive(Clone, Copy)]
enum Frame {
	/// The lanes that wait for the others at the end, or for their turn.
	If { parked: Mask },
	/// A loop whose body starts at an operation, with the lanes that have left it, and those that
	/// wait for its continuing block.
	Loop {
		body: usize,
		left: Mask,
		continued: Mask,
	},
}

pub(super) struct Machine<'a, B: Buffers> {
	index: usize,
	pub(super) kernel: &'a Kernel,
	flow: &'a [Flow],
	pass: &'a ResolvedPass,
	workgroup: [u32; 3],
	pub(super) given: &'a B,
	/// For each slot, the buffer if it is read, and its length.
	pub(super) buffers: Vec<(Option<&'a B::Buffer>, u32)>,
	pub(super) registers: Registers,
	pub(super) memories: Memories,
	pub(super) epoch: Epoch,
	frames: Vec<Frame>,
	steps: u64,
	/// The operation that executes.
	at: usize,
}

impl<'a, B: Buffers> Machine<'a, B> {
	pub(super) fn new(
		index: usize,
		(kernel, flow): (&'a Kernel, &'a [Flow]),
		pass: &'a ResolvedPass,
		number: u32,
		given: &'a B,
	) -> Result<Self, RunError> {
		let lanes = kernel
			.workgroup_size
			.iter()
			.map(|side| usize::from(*side))
			.product();
		let mut buffers = Vec::with_capacity(pass.slots.len());
		for ((slot, access), number) in pass.slots.iter().zip(&kernel.slots).zip(0u8..) {
			let buffer = match access {
				Access::Read => Some(
					given
						.buffer(number)
						.ok_or(RunError::MissingBuffer(number))?,
				),
				Access::Write => None,
			};
			buffers.push((buffer, slot.words));
		}
		Ok(Self {
			index,
			kernel,
			flow,
			pass,
			workgroup: pass.workgroup_id(number),
			given,
			buffers,
			registers: Registers::new(kernel.registers.into(), lanes),
			memories: Memories::new(kernel, pass, number, lanes),
			epoch: Epoch::FIRST,
			frames: Vec::with_capacity(MAX_NESTING),
			steps: 0,
			at: 0,
		})
	}

	pub(super) fn run(mut self) -> Result<Run, RunError> {
		let code = self.kernel.code.as_slice();
		while let Some(operation) = code.get(self.at) {
			self.at = self.execute(operation)?;
		}
		let slices = self
			.memories
			.slices
			.into_iter()
			.flatten()
			.map(Shared::into_words);
		Ok(Run {
			slices: slices.collect(),
			steps: self.steps,
		})
	}

	pub(super) fn fault(&self, reason: FaultReason) -> RunError {
		Fault {
			kernel: self.index,
			operation: self.at,
			reason,
		}
		.into()
	}

	/// Charges an operation for the active lanes, before it has any effect.
	#[inline(always)]
	fn charge(&mut self, units: u32) -> Result<(), RunError> {
		let lanes = (self.registers.active.len() as u64).max(cost::MIN_LANES.into());
		self.steps = self.steps.saturating_add(lanes * u64::from(units));
		if self.steps > self.pass.fuel {
			return Err(self.fault(FaultReason::Fuel {
				declared: self.pass.fuel,
			}));
		}
		Ok(())
	}

	/// Executes an operation and returns the next one's index.
	fn execute(&mut self, operation: &Operation) -> Result<usize, RunError> {
		let next = self.at + 1;
		self.charge(self.flow.get(self.at).map_or(0, |flow| flow.units))?;
		match *operation {
			Operation::Move { to, from } => self.registers.copy(to, from),
			Operation::Unary { function, to, a } => self.registers.unary(function, to, a),
			Operation::Binary { function, to, a, b } => {
				self.registers.binary(function, to, a, b);
			}
			Operation::Ternary {
				function,
				to,
				a,
				b,
				c,
			} => {
				self.registers.ternary(function, to, [a, b, c]);
			}
			Operation::Quaternary {
				function,
				to,
				a,
				b,
				c,
				d,
			} => {
				self.registers.quaternary(function, to, [a, b, c, d]);
			}
			Operation::Unpack4xI8 { to, a } => self.registers.unpack(to, a, true),
			Operation::Unpack4xU8 { to, a } => self.registers.unpack(to, a, false),
			Operation::BuiltIn { value, to } => self.built_in(value, to),
			Operation::Load {
				memory,
				to,
				count,
				base,
				index,
				offset,
			} => {
				self.load(
					memory,
					to,
					count,
					Address {
						base,
						index,
						offset,
					},
				)?;
			}
			Operation::Store {
				memory,
				base,
				index,
				offset,
				value,
			} => {
				self.store(
					memory,
					Address {
						base,
						index,
						offset,
					},
					value,
				)?;
			}
			Operation::Atomic {
				function,
				array,
				index,
				offset,
				value,
			} => {
				let base = Operand::Immediate(0);
				self.atomic(
					function,
					array,
					Address {
						base,
						index,
						offset,
					},
					value,
				)?;
			}
			Operation::Barrier => self.barrier()?,
			Operation::If(ref condition) => return Ok(self.branch(condition)),
			Operation::Loop => self.frames.push(Frame::Loop {
				body: next,
				left: Mask::EMPTY,
				continued: Mask::EMPTY,
			}),
			Operation::Break => return Ok(self.leave(self.registers.active.mask())),
			Operation::BreakIf(ref condition) => {
				return Ok(self.leave(self.registers.holds(condition)));
			}
			Operation::Continue => return Ok(self.go_on()),
			Operation::Return => {
				let active = self.registers.active.mask();
				self.registers.alive = self.registers.alive.without(active);
				return Ok(self.proceed(Mask::EMPTY));
			}
			Operation::Else => return Ok(self.otherwise()),
			Operation::Continuing => return Ok(self.continuing()),
			Operation::End => return self.end(),
		}
		Ok(next)
	}

	/// Goes on with these lanes: after the current operation, or, if there are none, where the
	/// block around it ends.
	fn proceed(&mut self, active: Mask) -> usize {
		self.registers.active.set(active);
		if active.is_empty() {
			self.target()
		} else {
			self.at + 1
		}
	}

	fn target(&self) -> usize {
		self.flow
			.get(self.at)
			.map_or(usize::MAX, |flow| flow.target as usize)
	}

	fn branch(&mut self, condition: &Condition) -> usize {
		let holds = self.registers.holds(condition);
		let others = self.registers.active.mask().without(holds);
		if !holds.is_empty() {
			self.frames.push(Frame::If { parked: others });
			return self.proceed(holds);
		}
		// Nobody takes the first block: straight into the second one, or past the end.
		let target = self.target();
		if matches!(self.kernel.code.get(target), Some(Operation::Else)) {
			self.frames.push(Frame::If {
				parked: Mask::EMPTY,
			});
		}
		target + 1
	}

	fn otherwise(&mut self) -> usize {
		let finished = self.registers.active.mask();
		let others = match self.frames.last_mut() {
			Some(Frame::If { parked }) => core::mem::replace(parked, finished),
			_ => Mask::EMPTY,
		};
		self.proceed(others)
	}

	fn continuing(&mut self) -> usize {
		let mut active = self.registers.active.mask();
		if let Some(Frame::Loop { continued, .. }) = self.frames.last_mut() {
			active = active.union(core::mem::take(continued));
		}
		self.proceed(active)
	}

	fn end(&mut self) -> Result<usize, RunError> {
		let active = self.registers.active.mask();
		match self.frames.pop() {
			Some(Frame::If { parked }) => Ok(self.proceed(active.union(parked))),
			Some(Frame::Loop {
				body,
				left,
				continued,
			}) => {
				let again = active.union(continued);
				if again.is_empty() {
					return Ok(self.proceed(left));
				}
				self.frames.push(Frame::Loop {
					body,
					left,
					continued: Mask::EMPTY,
				});
				self.registers.active.set(again);
				self.charge(cost::units(&Operation::End))?;
				Ok(body)
			}
			// Validation excludes an end without a block.
			None => Ok(usize::MAX),
		}
	}

	/// Takes lanes out of the innermost loop.
	fn leave(&mut self, leaving: Mask) -> usize {
		let active = self.registers.active.mask();
		if let Some((left, _)) = self.innermost() {
			*left = left.union(leaving);
		}
		self.proceed(active.without(leaving))
	}

	/// Sends all active lanes to the innermost loop's continuing block.
	fn go_on(&mut self) -> usize {
		let active = self.registers.active.mask();
		if let Some((_, continued)) = self.innermost() {
			*continued = continued.union(active);
		}
		self.proceed(Mask::EMPTY)
	}

	fn innermost(&mut self) -> Option<(&mut Mask, &mut Mask)> {
		self.frames.iter_mut().rev().find_map(|frame| match frame {
			Frame::Loop {
				left, continued, ..
			} => Some((left, continued)),
			Frame::If { .. } => None,
		})
	}

	fn barrier(&mut self) -> Result<(), RunError> {
		let (arrived, expected) = (self.registers.active.len(), self.registers.lanes());
		if arrived != expected {
			return Err(self.fault(FaultReason::DivergentBarrier { arrived, expected }));
		}
		if self.epoch.advance() {
			self.memories.forget();
		}
		Ok(())
	}

	fn built_in(&self, value: BuiltIn, to: Register) {
		let [width, height, _] = self
			.kernel
			.workgroup_size
			.map(|side| usize::from(side).max(1));
		let uniform = match value {
			BuiltIn::LocalIdX => return self.local(to, |lane| lane % width),
			BuiltIn::LocalIdY => return self.local(to, |lane| lane / width % height),
			BuiltIn::LocalIdZ => return self.local(to, |lane| lane / width / height),
			BuiltIn::LocalIndex => return self.local(to, |lane| lane),
			BuiltIn::WorkgroupIdX => self.workgroup[0],
			BuiltIn::WorkgroupIdY => self.workgroup[1],
			BuiltIn::WorkgroupIdZ => self.workgroup[2],
			BuiltIn::WorkgroupsX => self.pass.workgroups[0],
			BuiltIn::WorkgroupsY => self.pass.workgroups[1],
			BuiltIn::WorkgroupsZ => self.pass.workgroups[2],
			BuiltIn::Argument(index) => self
				.pass
				.arguments
				.get(usize::from(index))
				.copied()
				.unwrap_or(0),
			BuiltIn::BufferWords(slot) => self
				.buffers
				.get(usize::from(slot))
				.map_or(0, |(_, words)| *words),
		};
		self.registers.set_uniform(to, uniform);
	}

	fn local(&self, to: Register, value: impl Fn(usize) -> usize) {
		let row = self.registers.target(to);
		self.registers.for_each_lane(|lane| {
			if let Some(cell) = row.get(lane) {
				cell.set(value(lane) as u32);
			}
		});
	}
}
