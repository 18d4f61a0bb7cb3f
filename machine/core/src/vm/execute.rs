//! The machine: one workgroup's invocations in lockstep.

use alloc::vec::Vec;

use super::{
	buffers::Buffers,
	control::Frame,
	fault::{Fault, FaultReason, RunError},
	memory::{Memories, Shared},
	registers::Registers,
	shadow::Epoch,
};
use crate::{
	bytecode::{limits::MAX_NESTING, Access, BuiltIn, Kernel, Operation, Register},
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

pub(super) struct Machine<'a, B: Buffers> {
	index: usize,
	pub(super) kernel: &'a Kernel,
	pub(super) flow: &'a [Flow],
	pass: &'a ResolvedPass,
	workgroup: [u32; 3],
	pub(super) given: &'a B,
	/// For each slot, the buffer if it is read, and its length.
	pub(super) buffers: Vec<(Option<&'a B::Buffer>, u32)>,
	pub(super) registers: Registers,
	pub(super) memories: Memories,
	pub(super) epoch: Epoch,
	pub(super) frames: Vec<Frame>,
	/// Steps that it may still take.
	left: u64,
	/// The operation that executes.
	pub(super) at: usize,
}

impl<'a, B: Buffers> Machine<'a, B> {
	pub(super) fn new(
		index: usize,
		(kernel, flow): (&'a Kernel, &'a [Flow]),
		pass: &'a ResolvedPass,
		number: u32,
		given: &'a B,
	) -> Result<Self, RunError> {
		let lanes = kernel.workgroup_size.iter().map(|side| usize::from(*side)).product();
		let private = kernel.private_arrays.iter().map(|words| usize::from(*words)).sum();
		let mut buffers = Vec::with_capacity(pass.slots.len());
		for ((slot, access), number) in pass.slots.iter().zip(&kernel.slots).zip(0u8..) {
			let buffer = match access {
				Access::Read => Some(given.buffer(number).ok_or(RunError::MissingBuffer(number))?),
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
			registers: Registers::new(kernel.registers.into(), lanes, private),
			memories: Memories::new(kernel, pass, number),
			epoch: Epoch::FIRST,
			frames: Vec::with_capacity(MAX_NESTING),
			left: pass.fuel,
			at: 0,
		})
	}

	pub(super) fn run(mut self) -> Result<Run, RunError> {
		let code = self.kernel.code.as_slice();
		while let Some(operation) = code.get(self.at) {
			self.at = self.execute(operation)?;
		}
		let slices = self.memories.slices.into_iter().flatten().map(Shared::into_words);
		Ok(Run { slices: slices.collect(), steps: self.pass.fuel - self.left })
	}

	pub(super) fn fault(&self, reason: FaultReason) -> RunError {
		Fault { kernel: self.index, operation: self.at, reason }.into()
	}

	/// Charges an operation for the active lanes, before it has any effect.
	#[inline(always)]
	pub(super) fn charge(&mut self, units: u32) -> Result<(), RunError> {
		let steps = self.registers.active.charged() * u64::from(units);
		match self.left.checked_sub(steps) {
			Some(left) => {
				self.left = left;
				Ok(())
			}
			None => Err(self.fault(FaultReason::Fuel { declared: self.pass.fuel })),
		}
	}

	/// Executes an operation and returns the next one's index.
	fn execute(&mut self, operation: &Operation) -> Result<usize, RunError> {
		self.charge(self.flow.get(self.at).map_or(0, |flow| flow.units))?;
		match operation {
			Operation::Barrier => self.barrier()?,
			Operation::If(condition) => return Ok(self.branch(condition)),
			Operation::Else => return Ok(self.otherwise()),
			Operation::Loop => self.open_loop(),
			Operation::Continuing => return Ok(self.continuing()),
			Operation::End => return self.end(),
			Operation::Break => return Ok(self.leave(self.registers.active.mask())),
			Operation::BreakIf(condition) => {
				return Ok(self.leave(self.registers.holds(condition)));
			}
			Operation::Continue => return Ok(self.go_on()),
			Operation::Return => return Ok(self.end_invocations()),
			operation => self.compute(operation)?,
		}
		Ok(self.at + 1)
	}

	/// Executes an operation that does not change where execution goes on.
	#[inline(always)]
	fn compute(&mut self, operation: &Operation) -> Result<(), RunError> {
		match *operation {
			Operation::Move { to, from } => self.registers.copy(to, from),
			Operation::Unary { .. } => self.registers.unary(operation),
			Operation::Binary { .. } => self.registers.binary(operation),
			Operation::Ternary { .. } => self.registers.ternary(operation),
			Operation::Quaternary { .. } => self.registers.quaternary(operation),
			Operation::Unpack4xI8 { .. } | Operation::Unpack4xU8 { .. } => {
				self.registers.unpack(operation);
			}
			Operation::BuiltIn { value, to } => self.built_in(value, to),
			Operation::Load { .. } => self.load(operation)?,
			Operation::Store { .. } => self.store(operation)?,
			Operation::Atomic { .. } => self.atomic(operation)?,
			// Control flow is not computed here.
			_ => {}
		}
		Ok(())
	}

	fn built_in(&self, value: BuiltIn, to: Register) {
		let [width, height, _] = self.kernel.workgroup_size.map(|side| usize::from(side).max(1));
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
			BuiltIn::Argument(index) => {
				self.pass.arguments.get(usize::from(index)).copied().unwrap_or(0)
			}
			BuiltIn::BufferWords(slot) => {
				self.buffers.get(usize::from(slot)).map_or(0, |(_, words)| *words)
			}
		};
		self.registers.set_uniform(to, uniform);
	}

	fn local(&self, to: Register, value: impl Fn(usize) -> usize) {
		let row = self.registers.target(to);
		self.registers.for_each_lane(|lane| {
			if let Some(cell) = self.registers.cell(row, lane) {
				cell.set(value(lane) as u32);
			}
		});
	}
}
