//! One invocation.

use mutirao_machine_core::bytecode::{
	BuiltIn, Condition, Kernel, Memory, Operand, Operation, Register,
};

use super::{functions, Moment, Touch, Workgroup};

/// Why an invocation stopped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Stop {
	/// It returned.
	Finished,
	/// It waits at a barrier, in some iteration.
	Barrier(Moment),
	/// Its workgroup executed more operations than it has fuel.
	Tired,
}

pub(super) struct Invocation {
	lane: usize,
	at: usize,
	registers: Vec<u32>,
	private: Vec<Vec<u32>>,
	/// For each open loop, where it starts and how often it was repeated.
	loops: Vec<(usize, u64)>,
}

impl Invocation {
	pub(super) fn new(kernel: &Kernel, lane: usize) -> Self {
		let private = kernel.private_arrays.iter().map(|words| vec![0; usize::from(*words)]);
		Self {
			lane,
			at: 0,
			registers: vec![0; kernel.registers.into()],
			private: private.collect(),
			loops: Vec::new(),
		}
	}

	fn moment(&self) -> Moment {
		(self.at, self.loops.iter().map(|(_, repeated)| *repeated).collect())
	}

	/// Runs to the next barrier or the end.
	pub(super) fn run(&mut self, workgroup: &mut Workgroup<'_>) -> Stop {
		let code = workgroup.kernel.code.as_slice();
		while let Some(operation) = code.get(self.at) {
			// Every operation has at least one unit, so this never cuts off what may finish.
			workgroup.operations += 1;
			if workgroup.operations > workgroup.pass.fuel.saturating_mul(4).saturating_add(4096) {
				return Stop::Tired;
			}
			let free =
				matches!(operation, Operation::Else | Operation::Continuing | Operation::End);
			if !free {
				*workgroup.executed.entry(self.moment()).or_default() += 1;
			}
			if *operation == Operation::Barrier {
				let moment = self.moment();
				self.at += 1;
				return Stop::Barrier(moment);
			}
			self.execute(operation, code, workgroup);
		}
		Stop::Finished
	}

	fn execute(&mut self, operation: &Operation, code: &[Operation], group: &mut Workgroup<'_>) {
		let next = self.at + 1;
		match *operation {
			Operation::If(condition) => {
				self.at = if self.holds(condition) { next } else { closing(code, next, true) + 1 };
				return;
			}
			Operation::Else => {
				self.at = closing(code, next, false) + 1;
				return;
			}
			Operation::Loop => self.loops.push((next, 0)),
			Operation::Continuing => {}
			Operation::End => {
				if opener(code, self.at) == Operation::Loop {
					*group.executed.entry(self.moment()).or_default() += 1;
					if let Some((start, repeated)) = self.loops.last_mut() {
						*repeated += 1;
						self.at = *start;
						return;
					}
				}
			}
			Operation::Break => return self.leave(code),
			Operation::BreakIf(condition) if self.holds(condition) => return self.leave(code),
			Operation::BreakIf(_) => {}
			Operation::Continue => {
				let start = self.loops.last().map_or(0, |(start, _)| *start);
				let body = closing(code, start, false);
				self.at = body + usize::from(code[body] == Operation::Continuing);
				return;
			}
			Operation::Return => {
				self.at = code.len();
				return;
			}
			_ => self.compute(operation, group),
		}
		self.at = next;
	}

	fn leave(&mut self, code: &[Operation]) {
		if let Some((start, _)) = self.loops.pop() {
			let mut end = closing(code, start, false);
			if code[end] == Operation::Continuing {
				end = closing(code, end + 1, false);
			}
			self.at = end + 1;
		}
	}

	fn holds(&self, condition: Condition) -> bool {
		functions::compare(
			condition.compare,
			self.value(condition.left),
			self.value(condition.right),
		)
	}

	fn value(&self, operand: Operand) -> u32 {
		match operand {
			Operand::Register(register) => self.registers[usize::from(register)],
			Operand::Immediate(value) => value,
		}
	}

	fn set(&mut self, to: Register, value: u32) {
		self.registers[usize::from(to)] = value;
	}

	fn compute(&mut self, operation: &Operation, group: &mut Workgroup<'_>) {
		match *operation {
			Operation::Move { to, from } => self.set(to, self.value(from)),
			Operation::Unary { function, to, a } => {
				self.set(to, functions::unary(function, self.value(a)));
			}
			Operation::Binary { function, to, a, b } => {
				self.set(to, functions::binary(function, self.value(a), self.value(b)));
			}
			Operation::Ternary { function, to, a, b, c } => {
				let [a, b, c] = [a, b, c].map(|one| self.value(one));
				self.set(to, functions::ternary(function, a, b, c));
			}
			Operation::Quaternary { function, to, a, b, c, d } => {
				let operands = [a, b, c, d].map(|one| self.value(one));
				self.set(to, functions::quaternary(function, operands));
			}
			Operation::Unpack4xI8 { to, a } | Operation::Unpack4xU8 { to, a } => {
				let word = self.value(a);
				let is_signed = matches!(operation, Operation::Unpack4xI8 { .. });
				let byte = if is_signed { functions::byte_i8 } else { functions::byte_u8 };
				(0..4).for_each(|part| self.set(to + part, byte(word, part.into())));
			}
			Operation::BuiltIn { value, to } => {
				let value = self.built_in(value, group);
				self.set(to, value);
			}
			Operation::Load { memory, to, count, base, index, offset } => {
				let address = self.address(base, index, offset);
				for part in 0..count {
					let value = self.load(memory, address.wrapping_add(part.into()), group);
					self.set(to + part, value);
				}
			}
			Operation::Store { memory, base, index, offset, value } => {
				let address = self.address(base, index, offset);
				let value = self.value(value);
				self.update(memory, address, Touch::Write, group, |_| value);
			}
			Operation::Atomic { function, array, index, offset, value } => {
				let address = self.address(Operand::Immediate(0), index, offset);
				let value = self.value(value);
				let memory = Memory::Workgroup(array);
				self.update(memory, address, Touch::Atomic(function), group, |old| {
					functions::atomic(function, old, value)
				});
			}
			_ => unreachable!("control flow is handled before"),
		}
	}

	fn address(&self, base: Operand, index: Operand, offset: u32) -> u32 {
		let sum = u64::from(self.value(base)) + u64::from(self.value(index)) + u64::from(offset);
		(sum % (1 << 32)) as u32
	}

	fn load(&self, memory: Memory, address: u32, group: &mut Workgroup<'_>) -> u32 {
		let at = address as usize;
		match memory {
			Memory::Constant(table) => {
				group.kernel.constants[usize::from(table)].get(at).copied().unwrap_or(0)
			}
			Memory::Private(array) => {
				self.private[usize::from(array)].get(at).copied().unwrap_or(0)
			}
			Memory::Buffer(slot) if group.slices[usize::from(slot)].is_none() => {
				let slot = usize::from(slot);
				if address >= group.pass.slots[slot].words {
					return 0;
				}
				let bytes = &group.slots[slot][at * 4..at * 4 + 4];
				u32::from_le_bytes(bytes.try_into().unwrap_or_default())
			}
			_ => {
				let Some(word) = word(memory, address, group) else {
					return 0;
				};
				group.touch(memory, word, self.lane, Touch::Read);
				match memory {
					Memory::Workgroup(array) => group.arrays[usize::from(array)][word],
					Memory::Buffer(slot) => {
						group.slices[usize::from(slot)].as_ref().map_or(0, |slice| slice[word])
					}
					_ => 0,
				}
			}
		}
	}

	fn update(
		&mut self,
		memory: Memory,
		address: u32,
		touch: Touch,
		group: &mut Workgroup<'_>,
		f: impl Fn(u32) -> u32,
	) {
		if let Memory::Private(array) = memory {
			if let Some(word) = self.private[usize::from(array)].get_mut(address as usize) {
				*word = f(*word);
			}
			return;
		}
		let Some(word) = word(memory, address, group) else {
			return;
		};
		group.touch(memory, word, self.lane, touch);
		let words = match memory {
			Memory::Workgroup(array) => &mut group.arrays[usize::from(array)],
			Memory::Buffer(slot) => match &mut group.slices[usize::from(slot)] {
				Some(slice) => slice,
				None => return,
			},
			_ => return,
		};
		words[word] = f(words[word]);
	}

	fn built_in(&self, value: BuiltIn, group: &Workgroup<'_>) -> u32 {
		let [width, height, _] = group.kernel.workgroup_size.map(usize::from);
		let [nx, ny, nz] = group.pass.workgroups;
		let number = u64::from(group.number);
		let (wide, plane) = (u64::from(nx), u64::from(nx) * u64::from(ny));
		match value {
			BuiltIn::WorkgroupIdX => (number % plane % wide) as u32,
			BuiltIn::WorkgroupIdY => (number % plane / wide) as u32,
			BuiltIn::WorkgroupIdZ => (number / plane) as u32,
			BuiltIn::WorkgroupsX => nx,
			BuiltIn::WorkgroupsY => ny,
			BuiltIn::WorkgroupsZ => nz,
			BuiltIn::LocalIdX => (self.lane % width) as u32,
			BuiltIn::LocalIdY => (self.lane / width % height) as u32,
			BuiltIn::LocalIdZ => (self.lane / (width * height)) as u32,
			BuiltIn::LocalIndex => self.lane as u32,
			BuiltIn::Argument(index) => group.pass.arguments[usize::from(index)],
			BuiltIn::BufferWords(slot) => group.pass.slots[usize::from(slot)].words,
		}
	}
}

/// Where an address of shared memory is in its array or slice.
fn word(memory: Memory, address: u32, group: &Workgroup<'_>) -> Option<usize> {
	let (start, len) = match memory {
		Memory::Workgroup(array) => (0, group.arrays[usize::from(array)].len() as u64),
		Memory::Buffer(slot) => {
			let len = group.slices[usize::from(slot)].as_ref()?.len() as u64;
			(u64::from(group.number) * len, len)
		}
		Memory::Private(_) | Memory::Constant(_) => return None,
	};
	let at = u64::from(address).checked_sub(start)?;
	(at < len).then_some(at as usize)
}

/// The marker that closes the block that an index is in, `Else` among them only if asked for.
fn closing(code: &[Operation], from: usize, with_else: bool) -> usize {
	let mut open = 0;
	for (index, operation) in code.iter().enumerate().skip(from) {
		match operation {
			Operation::If(_) | Operation::Loop => open += 1,
			Operation::Else if open == 0 && with_else => return index,
			Operation::Continuing if open == 0 => return index,
			Operation::End if open == 0 => return index,
			Operation::End => open -= 1,
			_ => {}
		}
	}
	code.len()
}

/// What opened the block that an `End` closes.
fn opener(code: &[Operation], end: usize) -> Operation {
	let mut closed = 0;
	for operation in code[..end].iter().rev() {
		match operation {
			Operation::End => closed += 1,
			Operation::If(_) | Operation::Loop if closed == 0 => return *operation,
			Operation::If(_) | Operation::Loop => closed -= 1,
			_ => {}
		}
	}
	Operation::Return
}
