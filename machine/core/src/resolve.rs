//! A program for one job: its parameters' values put into its expressions.

use alloc::vec::Vec;

use crate::{
	bytecode::{
		limits::MAX_SLICE_WORDS, ArithmeticError, Binding, Buffer, Expression, Parameter, Pass,
	},
	error::{ParameterError, Place},
	Program,
};

/// A buffer in one slot of a resolved pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ResolvedSlot {
	/// Index of the buffer in the program.
	pub buffer: usize,
	/// Its length in words.
	pub words: u32,
	/// For a written one, the words that one workgroup owns.
	pub slice_words: Option<u32>,
}

/// A pass with its numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResolvedPass {
	/// Index of the pass in the program.
	pub pass: usize,
	/// Workgroups in x, y and z.
	pub workgroups: [u32; 3],
	/// Their product.
	pub workgroup_count: u32,
	/// The most steps that one workgroup may take, at least 1.
	pub fuel: u64,
	/// The kernel's arguments.
	pub arguments: Vec<u32>,
	/// The kernel's buffers.
	pub slots: Vec<ResolvedSlot>,
}

impl ResolvedPass {
	/// The steps that the pass declares over all its workgroups.
	///
	/// # Errors
	///
	/// If they exceed 64 bits.
	pub fn declared_steps(&self) -> Result<u64, ParameterError> {
		self.fuel.checked_mul(self.workgroup_count.into()).ok_or(ParameterError::Steps)
	}

	/// A workgroup's place from its number.
	pub fn workgroup_id(&self, number: u32) -> [u32; 3] {
		let [nx, ny, _] = self.workgroups.map(|side| side.max(1));
		[number % nx, number / nx % ny, number / nx / ny]
	}
}

/// What a job is about to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
	/// Each buffer's length in words.
	pub buffer_words: Vec<u32>,
	/// The passes.
	pub passes: Vec<ResolvedPass>,
	/// The steps that all passes declare.
	pub declared_steps: u64,
}

impl Summary {
	/// The buffers that passes write, by pass, then by slot: what a transcript names.
	pub fn written(&self) -> impl Iterator<Item = &ResolvedSlot> {
		let slots = self.passes.iter().flat_map(|pass| &pass.slots);
		slots.filter(|slot| slot.slice_words.is_some())
	}
}

impl Program {
	/// All buffers and passes for these parameters.
	///
	/// # Errors
	///
	/// If a parameter is out of bounds, or some size that follows from them is.
	pub fn summary(&self, parameters: &[u32]) -> Result<Summary, ParameterError> {
		self.plan().summary(parameters)
	}

	/// One pass for these parameters.
	///
	/// # Errors
	///
	/// If there is no such pass, a parameter is out of bounds, or some size of the pass is.
	pub fn resolve_pass(
		&self,
		index: usize,
		parameters: &[u32],
	) -> Result<ResolvedPass, ParameterError> {
		self.plan().resolve_pass(index, parameters)
	}

	fn plan(&self) -> Plan<'_> {
		let definition = self.definition();
		Plan {
			parameters: &definition.parameters,
			buffers: &definition.buffers,
			passes: &definition.passes,
		}
	}
}

/// The parts of a valid program that sizes follow from.
#[derive(Clone, Copy)]
pub(crate) struct Plan<'a> {
	pub(crate) parameters: &'a [Parameter],
	pub(crate) buffers: &'a [Buffer],
	pub(crate) passes: &'a [Pass],
}

impl Plan<'_> {
	pub(crate) fn summary(&self, parameters: &[u32]) -> Result<Summary, ParameterError> {
		self.check_parameters(parameters)?;
		let buffer_words = (0..self.buffers.len())
			.map(|index| self.buffer_words(index, parameters))
			.collect::<Result<_, _>>()?;
		let mut declared_steps = 0u64;
		let mut passes = Vec::with_capacity(self.passes.len());
		for index in 0..self.passes.len() {
			let pass = self.resolve_pass(index, parameters)?;
			declared_steps =
				declared_steps.checked_add(pass.declared_steps()?).ok_or(ParameterError::Steps)?;
			passes.push(pass);
		}
		Ok(Summary { buffer_words, passes, declared_steps })
	}

	pub(crate) fn resolve_pass(
		&self,
		index: usize,
		parameters: &[u32],
	) -> Result<ResolvedPass, ParameterError> {
		self.check_parameters(parameters)?;
		let pass = self.passes.get(index).ok_or(ParameterError::NoSuchPass(index))?;
		let place = Place::Pass(index);
		let (workgroups, workgroup_count) = workgroups(pass, place, parameters)?;
		let fuel = fuel(pass, place, parameters)?;
		let arguments = pass
			.arguments
			.iter()
			.map(|one| within(one, "argument", [0, u32::MAX], place, parameters))
			.collect::<Result<_, _>>()?;
		let slots = self.slots(index, pass, workgroup_count, parameters)?;
		Ok(ResolvedPass { pass: index, workgroups, workgroup_count, fuel, arguments, slots })
	}

	fn check_parameters(&self, parameters: &[u32]) -> Result<(), ParameterError> {
		let known = self.parameters;
		let (found, wanted) = (parameters.len(), known.len());
		if found != wanted {
			return Err(ParameterError::Count { found, wanted });
		}
		for (index, (known, value)) in known.iter().zip(parameters).enumerate() {
			let (min, max) = (known.min, known.max);
			if !(min..=max).contains(value) {
				return Err(ParameterError::OutOfRange { index, value: *value, min, max });
			}
		}
		Ok(())
	}

	fn buffer_words(&self, index: usize, parameters: &[u32]) -> Result<u32, ParameterError> {
		let words = self.buffers.get(index).map(|Buffer { words, .. }| words);
		let place = Place::Buffer(index);
		// Validation excludes a missing buffer.
		let words = words.ok_or(malformed(place))?;
		within(words, "length in words", [1, u32::MAX], place, parameters)
	}

	fn slots(
		&self,
		index: usize,
		pass: &Pass,
		workgroups: u32,
		parameters: &[u32],
	) -> Result<Vec<ResolvedSlot>, ParameterError> {
		let place = Place::Pass(index);
		let mut left = MAX_SLICE_WORDS;
		let mut slots = Vec::with_capacity(pass.bindings.len());
		for binding in &pass.bindings {
			let (Binding::Read { buffer } | Binding::Write { buffer, .. }) = binding;
			let buffer = usize::from(*buffer);
			let words = self.buffer_words(buffer, parameters)?;
			let mut slice_words = None;
			if let Binding::Write { slice, .. } = binding {
				let slice = within(slice, "slice in words", [1, left], place, parameters)?;
				left -= slice;
				if u64::from(workgroups) * u64::from(slice) != u64::from(words) {
					return Err(ParameterError::Unfilled {
						pass: index,
						buffer,
						workgroups,
						slice,
						words,
					});
				}
				slice_words = Some(slice);
			}
			slots.push(ResolvedSlot { buffer, words, slice_words });
		}
		Ok(slots)
	}
}

fn malformed(place: Place) -> ParameterError {
	ParameterError::Arithmetic { place, reason: ArithmeticError::Malformed }
}

fn value(one: &Expression, place: Place, parameters: &[u32]) -> Result<u64, ParameterError> {
	one.evaluate(parameters).map_err(|reason| ParameterError::Arithmetic { place, reason })
}

fn within(
	one: &Expression,
	what: &'static str,
	[min, max]: [u32; 2],
	place: Place,
	parameters: &[u32],
) -> Result<u32, ParameterError> {
	let value = value(one, place, parameters)?;
	match u32::try_from(value) {
		Ok(value) if (min..=max).contains(&value) => Ok(value),
		_ => {
			let (min, max) = (min.into(), max.into());
			Err(ParameterError::Bounds { place, what, value, min, max })
		}
	}
}

/// A workgroup that may take no step could do nothing, and would never be drawn.
fn fuel(pass: &Pass, place: Place, parameters: &[u32]) -> Result<u64, ParameterError> {
	match value(&pass.fuel, place, parameters)? {
		0 => Err(ParameterError::Bounds { place, what: "fuel", value: 0, min: 1, max: u64::MAX }),
		fuel => Ok(fuel),
	}
}

fn workgroups(
	pass: &Pass,
	place: Place,
	parameters: &[u32],
) -> Result<([u32; 3], u32), ParameterError> {
	let mut sides = [0; 3];
	let mut count = 1u32;
	for (side, one) in sides.iter_mut().zip(&pass.workgroups) {
		*side = within(one, "number of workgroups", [1, u32::MAX / count], place, parameters)?;
		count *= *side;
	}
	Ok((sides, count))
}
