//! Which arrays are of vectors: those that the code reads and writes by whole vectors only.
//!
//! Bytecode has arrays of words. Where each access to one takes two, or four, neighbouring words at a
//! multiple of as many, as a kernel with arrays of `vec2` or `vec4` does, a device gets an array of
//! vectors and moves one at once: software devices are then more than twice as fast. Bytecode stores
//! word by word, so stores that follow one another make a vector. None is written in parts, which
//! WGSL allows a device to do by writing the others back.

use std::collections::BTreeMap;

use mutirao_machine_core::bytecode::{Access, Kernel, Memory, Operand, Operation};
use naga::{BinaryOperator as Op, Expression, MathFunction as M};

use super::{builder::Value, facts::Facts, KernelLowerer};

/// How a store is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Store {
	/// As it is.
	Word,
	/// Of a vector of so many words, which this store and the next ones give.
	Vector(u32),
	/// With the first store of its vector.
	Part,
}

/// The arrays of vectors.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Vectors {
	widths: Vec<(Memory, u32)>,
	stores: BTreeMap<usize, Store>,
}

impl Vectors {
	/// Looks for arrays of vectors in a valid kernel.
	pub(super) fn find(kernel: &Kernel, facts: &Facts) -> Self {
		let read = kernel.slots.iter().zip(0..).filter(|(access, _)| **access == Access::Read);
		let slots = read.map(|(_, slot)| (Memory::Buffer(slot), 0));
		let arrays = kernel.workgroup_arrays.iter().zip(0..).filter(|(array, _)| !array.atomic);
		let arrays = arrays.map(|(array, number)| (Memory::Workgroup(number), array.words));
		let mut vectors = Self::default();
		for (memory, words) in slots.chain(arrays) {
			let fits = |width: &u32| words % width == 0;
			let found = [4, 2]
				.into_iter()
				.filter(fits)
				.find_map(|width| Some((width, vector_stores(kernel, facts, memory, width)?)));
			if let Some((width, starts)) = found {
				vectors.widths.push((memory, width));
				for start in starts {
					let parts = (start + 1..start + width as usize).map(|at| (at, Store::Part));
					vectors.stores.extend(parts);
					vectors.stores.insert(start, Store::Vector(width));
				}
			}
		}
		vectors
	}

	/// Words of one of a memory's vectors; 1 for an array of words.
	pub(super) fn width(&self, memory: Memory) -> u32 {
		self.widths.iter().find(|(one, _)| *one == memory).map_or(1, |(_, width)| *width)
	}

	/// How the store at an operation is made.
	pub(super) fn store(&self, at: usize) -> Store {
		self.stores.get(&at).copied().unwrap_or(Store::Word)
	}
}

/// Where stores of vectors of this width to a memory start; `None` if any access is no whole vector.
fn vector_stores(kernel: &Kernel, facts: &Facts, memory: Memory, width: u32) -> Option<Vec<usize>> {
	let mut starts = Vec::new();
	let mut next = 0;
	for (at, operation) in kernel.code.iter().enumerate() {
		let is_aligned = facts.alignment.get(at).is_some_and(|alignment| alignment % width == 0);
		match operation {
			Operation::Load { memory: of, count, .. } if *of == memory => {
				(is_aligned && u32::from(*count) == width).then_some(())?;
			}
			Operation::Store { memory: of, .. } if *of == memory && at >= next => {
				let stores = kernel.code.get(at..at + width as usize)?;
				(is_aligned && follow_one_another(stores)).then_some(())?;
				starts.push(at);
				next = at + width as usize;
			}
			_ => {}
		}
	}
	Some(starts)
}

/// Whether operations are stores to neighbouring words, in order.
fn follow_one_another(operations: &[Operation]) -> bool {
	operations.windows(2).all(|pair| match pair {
		[Operation::Store { memory: m, base: b, index: i, offset: o, .. }, Operation::Store { memory, base, index, offset, .. }] => {
			(m, b, i) == (memory, base, index) && o.checked_add(1) == Some(*offset)
		}
		_ => false,
	})
}

impl KernelLowerer<'_> {
	/// A whole vector. A last one that a buffer does not fill is filled with zeros, which is what the
	/// words beyond its end read as.
	pub(super) fn load_vector(
		&mut self,
		memory: Memory,
		width: u32,
		to: u8,
		(first, constant): (Value, Option<u32>),
	) {
		let zero = self.b.number(0);
		let registers = (0..width).map(|part| to.wrapping_add(part as u8));
		if self.is_outside(memory, constant) {
			registers.for_each(|register| self.set(register, zero));
			return;
		}
		let target = self.target(memory, first, constant);
		let index = match target.in_bounds {
			None => target.index,
			Some(_) => self.b.math(M::Min, &[target.index, target.last]),
		};
		let constant = constant.filter(|_| target.in_bounds.is_none());
		let index = self.vector_index(index, width, constant);
		let pointer = self.b.access(target.array, index);
		let vector = self.b.load(pointer);
		for (part, register) in (0..).zip(registers) {
			let word = self.b.access_index(vector, part);
			let word = match target.in_bounds {
				None => word,
				Some(in_bounds) => self.b.select(in_bounds, word, zero),
			};
			self.set(register, word);
		}
	}

	/// The number of the vector that starts at an address.
	fn vector_index(&mut self, address: Value, width: u32, constant: Option<u32>) -> Value {
		match constant {
			Some(constant) => self.b.number(constant / width),
			None => self.b.op_with(Op::ShiftRight, address, width.trailing_zeros()),
		}
	}

	/// Stores a vector that this store and the next ones give; it is in bounds as a whole, or not at
	/// all.
	pub(super) fn store_vector(
		&mut self,
		memory: Memory,
		(base, index, offset): (Operand, Operand, u32),
		width: u32,
	) {
		let (address, constant) = self.address(base, index, offset);
		if self.is_outside(memory, constant) {
			return;
		}
		let stores = self.kernel.code.iter().skip(self.at).take(width as usize);
		let components = stores
			.filter_map(|operation| match operation {
				Operation::Store { value, .. } => Some(self.operand(*value)),
				_ => None,
			})
			.collect();
		let ty = self.vector_type(width);
		let vector = self.b.emit(Expression::Compose { ty, components });
		let target = self.target(memory, address, constant);
		self.guarded(&target, |this| {
			let index = this.vector_index(target.index, width, constant);
			let pointer = this.b.access(target.array, index);
			this.b.store(pointer, vector);
		});
	}
}

#[cfg(test)]
mod tests {
	use mutirao_machine_core::bytecode::{BinaryFunction, BuiltIn, WorkgroupArray};

	use super::{super::facts, *};

	const SHARED: Memory = Memory::Workgroup(0);
	const INDEX: Operand = Operand::Register(0);

	fn load(count: u8, offset: u32) -> Operation {
		let base = Operand::Immediate(0);
		Operation::Load { memory: SHARED, to: 8, count, base, index: INDEX, offset }
	}

	fn store(offset: u32) -> Operation {
		let base = Operand::Immediate(0);
		Operation::Store { memory: SHARED, base, index: INDEX, offset, value: INDEX }
	}

	/// What is found in code that starts with register 0 at a multiple of `factor`.
	fn found(factor: u32, words: u32, code: &[Operation]) -> (u32, Vec<Store>) {
		let (a, b) = (INDEX, Operand::Immediate(factor));
		let mut all = vec![
			Operation::BuiltIn { value: BuiltIn::LocalIndex, to: 0 },
			Operation::Binary { function: BinaryFunction::Mul, to: 0, a, b },
		];
		all.extend_from_slice(code);
		let kernel = Kernel {
			workgroup_size: [64, 1, 1],
			workgroup_arrays: vec![WorkgroupArray { words, atomic: false }],
			code: all,
			..Kernel::default()
		};
		let vectors = Vectors::find(&kernel, &facts::gather(&kernel));
		let stores = (2..2 + code.len()).map(|at| vectors.store(at)).collect();
		(vectors.width(SHARED), stores)
	}

	fn width(factor: u32, words: u32, code: &[Operation]) -> u32 {
		found(factor, words, code).0
	}

	#[test]
	fn whole_vectors_at_multiples_of_their_width_are_found() {
		assert_eq!(width(4, 256, &[load(4, 8)]), 4);
		assert_eq!(width(2, 256, &[load(2, 6)]), 2);
		assert_eq!(width(4, 256, &[load(2, 2)]), 2);
	}

	#[test]
	fn any_other_access_makes_it_an_array_of_words() {
		assert_eq!(width(2, 256, &[load(4, 8)]), 1);
		assert_eq!(width(4, 256, &[load(4, 2)]), 1);
		assert_eq!(width(4, 256, &[load(4, 8), load(2, 0)]), 1);
		assert_eq!(width(4, 256, &[load(4, 8), load(1, 0)]), 1);
		assert_eq!(width(4, 254, &[load(4, 8)]), 1);
		assert_eq!(width(4, 256, &[load(4, 8), store(0)]), 1);
		assert_eq!(width(4, 256, &[load(4, 8), store(1), store(2), store(3), store(4)]), 1);
		assert_eq!(width(4, 256, &[load(4, 8), store(0), store(1), store(3), store(2)]), 1);
		let split = [store(0), store(1), Operation::Barrier, store(2), store(3)];
		assert_eq!(width(4, 256, &[&[load(4, 8)], &split[..]].concat()), 1);
	}

	#[test]
	fn stores_that_follow_one_another_make_vectors() {
		use Store::{Part, Vector, Word};
		let four = [store(4), store(5), store(6), store(7)];
		let two_fours = [&four[..], &[store(0), store(1), store(2), store(3)]].concat();
		let stores = [Vector(4), Part, Part, Part, Vector(4), Part, Part, Part];
		assert_eq!(found(4, 256, &two_fours), (4, stores.to_vec()));
		let pairs = [&[load(2, 0)], &four[..]].concat();
		assert_eq!(found(4, 256, &pairs), (2, vec![Word, Vector(2), Part, Vector(2), Part]));
		assert_eq!(found(1, 256, &four), (1, vec![Word; 4]));
	}
}
