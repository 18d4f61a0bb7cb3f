//! Decoded means valid: every rule that does not depend on a job's parameters is checked here,
//! without recursion and in time linear in the program's length but for the barrier check, which
//! has a budget.

mod barriers;
mod code;
mod expression;
mod passes;
mod structure;

use alloc::{collections::BTreeSet, vec::Vec};

use crate::{
	bytecode::{limits::*, Definition, Kernel},
	error::{Limited, Place, Reason, ValidateError},
};

/// Checks all rules and returns, for each kernel, each operation's target (see
/// [`structure::targets`]).
pub(crate) fn validate(definition: &Definition) -> Result<Vec<Vec<u32>>, ValidateError> {
	let targets = validate_but_barriers(definition)?;
	let mut budget = barriers::BUDGET;
	for (index, kernel) in definition.kernels.iter().enumerate() {
		barriers::barriers(index, kernel, &mut budget)?;
	}
	Ok(targets)
}

/// The same, in linear time, for a definition of which it is known that barriers are reached together.
pub(crate) fn validate_but_barriers(
	definition: &Definition,
) -> Result<Vec<Vec<u32>>, ValidateError> {
	let program = |reason| ValidateError { place: Place::Program, reason };
	let count = |found, most, what| at_most(found, most, what).map_err(program);
	count(definition.parameters.len(), MAX_PARAMETERS, Limited::Parameters)?;
	count(definition.buffers.len(), MAX_BUFFERS, Limited::Buffers)?;
	count(definition.kernels.len(), MAX_KERNELS, Limited::Kernels)?;
	count(definition.passes.len(), MAX_PASSES, Limited::Passes)?;
	if definition.passes.is_empty() {
		return Err(program(Reason::Empty(Limited::Passes)));
	}
	parameters(definition)?;
	buffers(definition)?;
	let mut targets = Vec::with_capacity(definition.kernels.len());
	for (index, kernel) in definition.kernels.iter().enumerate() {
		resources(kernel)
			.map_err(|reason| ValidateError { place: Place::Kernel(index), reason })?;
		code::operands(index, kernel)?;
		targets.push(structure::targets(index, &kernel.code)?);
	}
	passes::passes(definition)?;
	Ok(targets)
}

fn at_most(found: usize, most: usize, what: Limited) -> Result<(), Reason> {
	if found > most {
		return Err(Reason::TooMany { what, found, most });
	}
	Ok(())
}

fn name<'a>(name: &'a str, taken: &mut BTreeSet<&'a str>) -> Result<(), Reason> {
	at_most(name.len(), MAX_NAME_BYTES, Limited::NameBytes)?;
	let starts = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
	if !starts || !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
		return Err(Reason::Name);
	}
	if !taken.insert(name) {
		return Err(Reason::NameTaken);
	}
	Ok(())
}

fn parameters(definition: &Definition) -> Result<(), ValidateError> {
	let mut taken = BTreeSet::new();
	for (index, parameter) in definition.parameters.iter().enumerate() {
		let located = |reason| ValidateError { place: Place::Parameter(index), reason };
		name(&parameter.name, &mut taken).map_err(located)?;
		if parameter.min > parameter.max {
			return Err(located(Reason::EmptyRange));
		}
	}
	Ok(())
}

fn buffers(definition: &Definition) -> Result<(), ValidateError> {
	let mut taken = BTreeSet::new();
	for (index, buffer) in definition.buffers.iter().enumerate() {
		let located = |reason| ValidateError { place: Place::Buffer(index), reason };
		name(&buffer.name, &mut taken).map_err(located)?;
		expression::check(&buffer.words, definition.parameters.len()).map_err(located)?;
	}
	Ok(())
}

/// The limits of one kernel's declarations.
fn resources(kernel: &Kernel) -> Result<(), Reason> {
	let invocations: u64 = kernel.workgroup_size.iter().map(|side| u64::from(*side)).product();
	if invocations == 0 {
		return Err(Reason::Empty(Limited::Invocations));
	}
	let saturated = usize::try_from(invocations).unwrap_or(usize::MAX);
	at_most(saturated, MAX_INVOCATIONS as usize, Limited::Invocations)?;
	at_most(kernel.registers.into(), MAX_REGISTERS.into(), Limited::Registers)?;
	at_most(kernel.arguments.into(), MAX_ARGUMENTS, Limited::Arguments)?;
	at_most(kernel.slots.len(), MAX_BINDINGS, Limited::Slots)?;
	at_most(kernel.workgroup_arrays.len(), MAX_ARRAYS, Limited::Arrays)?;
	at_most(kernel.private_arrays.len(), MAX_ARRAYS, Limited::Arrays)?;
	at_most(kernel.constants.len(), MAX_ARRAYS, Limited::Arrays)?;
	if kernel.workgroup_arrays.iter().any(|array| array.words == 0) {
		return Err(Reason::Empty(Limited::WorkgroupWords));
	}
	if kernel.private_arrays.contains(&0) {
		return Err(Reason::Empty(Limited::PrivateWords));
	}
	let words: u64 = kernel.workgroup_arrays.iter().map(|array| u64::from(array.words)).sum();
	let words = usize::try_from(words).unwrap_or(usize::MAX);
	at_most(words, MAX_WORKGROUP_WORDS as usize, Limited::WorkgroupWords)?;
	let words = kernel.private_arrays.iter().map(|words| usize::from(*words)).sum();
	at_most(words, MAX_PRIVATE_WORDS as usize, Limited::PrivateWords)
}
