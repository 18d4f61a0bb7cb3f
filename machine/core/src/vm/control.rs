//! Control flow: which lanes are active, and where they go on.

use super::{
	buffers::Buffers,
	execute::Machine,
	fault::{FaultReason, RunError},
	mask::Mask,
};
use crate::{
	bytecode::{Condition, Operation},
	cost,
};

/// An open block.
#[derive(Clone, Copy)]
pub(super) enum Frame {
	/// The lanes that wait for the others at the end, or for their turn.
	If { parked: Mask },
	/// A loop whose body starts at an operation, with the lanes that have left it, and those that
	/// wait for its continuing block.
	Loop { body: usize, left: Mask, continued: Mask },
}

impl<B: Buffers> Machine<'_, B> {
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
		self.flow.get(self.at).map_or(usize::MAX, |flow| flow.target as usize)
	}

	pub(super) fn open_loop(&mut self) {
		self.frames.push(Frame::Loop {
			body: self.at + 1,
			left: Mask::EMPTY,
			continued: Mask::EMPTY,
		});
	}

	/// The active lanes return.
	pub(super) fn end_invocations(&mut self) -> usize {
		self.registers.active.retire();
		self.proceed(Mask::EMPTY)
	}

	pub(super) fn branch(&mut self, condition: &Condition) -> usize {
		let holds = self.registers.holds(condition);
		let others = self.registers.active.mask().without(holds);
		if !holds.is_empty() {
			self.frames.push(Frame::If { parked: others });
			return self.proceed(holds);
		}
		// Nobody takes the first block: straight into the second one, or past the end.
		let target = self.target();
		if matches!(self.kernel.code.get(target), Some(Operation::Else)) {
			self.frames.push(Frame::If { parked: Mask::EMPTY });
		}
		target + 1
	}

	pub(super) fn otherwise(&mut self) -> usize {
		let finished = self.registers.active.mask();
		let others = match self.frames.last_mut() {
			Some(Frame::If { parked }) => core::mem::replace(parked, finished),
			_ => Mask::EMPTY,
		};
		self.proceed(others)
	}

	pub(super) fn continuing(&mut self) -> usize {
		let mut active = self.registers.active.mask();
		if let Some(Frame::Loop { continued, .. }) = self.frames.last_mut() {
			active = active.union(core::mem::take(continued));
		}
		self.proceed(active)
	}

	pub(super) fn end(&mut self) -> Result<usize, RunError> {
		let active = self.registers.active.mask();
		match self.frames.pop() {
			Some(Frame::If { parked }) => Ok(self.proceed(active.union(parked))),
			Some(Frame::Loop { body, left, continued }) => {
				let again = active.union(continued);
				if again.is_empty() {
					return Ok(self.proceed(left));
				}
				self.frames.push(Frame::Loop { body, left, continued: Mask::EMPTY });
				self.registers.active.set(again);
				self.charge(cost::units(&Operation::End))?;
				Ok(body)
			}
			// Validation excludes an end without a block.
			None => Ok(usize::MAX),
		}
	}

	/// Takes lanes out of the innermost loop.
	pub(super) fn leave(&mut self, leaving: Mask) -> usize {
		let active = self.registers.active.mask();
		if let Some((left, _)) = self.innermost() {
			*left = left.union(leaving);
		}
		self.proceed(active.without(leaving))
	}

	/// Sends all active lanes to the innermost loop's continuing block.
	pub(super) fn go_on(&mut self) -> usize {
		let active = self.registers.active.mask();
		if let Some((_, continued)) = self.innermost() {
			*continued = continued.union(active);
		}
		self.proceed(Mask::EMPTY)
	}

	fn innermost(&mut self) -> Option<(&mut Mask, &mut Mask)> {
		self.frames.iter_mut().rev().find_map(|frame| match frame {
			Frame::Loop { left, continued, .. } => Some((left, continued)),
			Frame::If { .. } => None,
		})
	}

	pub(super) fn barrier(&mut self) -> Result<(), RunError> {
		let (arrived, expected) = (self.registers.active.len(), self.registers.lanes());
		if arrived != expected {
			return Err(self.fault(FaultReason::DivergentBarrier { arrived, expected }));
		}
		if self.epoch.advance() {
			self.memories.forget();
		}
		Ok(())
	}
}
