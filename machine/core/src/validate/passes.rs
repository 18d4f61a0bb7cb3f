//! That passes fit their kernels, and that each buffer is written once, before it is read.

use alloc::{vec, vec::Vec};

use crate::{
	bytecode::{Access, Binding, Definition, Pass, Role},
	error::{Indexed, Place, Reason, ValidateError},
};

/// Checks the passes in order.
pub(super) fn passes(definition: &Definition) -> Result<(), ValidateError> {
	let mut written: Vec<bool> =
		definition.buffers.iter().map(|buffer| buffer.role == Role::Input).collect();
	for (index, pass) in definition.passes.iter().enumerate() {
		let located = |reason| ValidateError { place: Place::Pass(index), reason };
		signature(definition, pass).map_err(located)?;
		expressions(definition, pass).map_err(located)?;
		dataflow(definition, pass, &mut written).map_err(located)?;
	}
	match written.iter().position(|written| !written) {
		Some(index) => {
			Err(ValidateError { place: Place::Buffer(index), reason: Reason::NeverWritten })
		}
		None => Ok(()),
	}
}

/// The pass against its kernel's slots and arguments.
fn signature(definition: &Definition, pass: &Pass) -> Result<(), Reason> {
	let index = usize::from(pass.kernel);
	let declared = definition.kernels.len();
	let Some(kernel) = definition.kernels.get(index) else {
		return Err(Reason::Undeclared { what: Indexed::Kernel, index, declared });
	};
	let (found, slots) = (pass.bindings.len(), kernel.slots.len());
	if found != slots {
		return Err(Reason::Bindings { found, slots });
	}
	let (found, wanted) = (pass.arguments.len(), usize::from(kernel.arguments));
	if found != wanted {
		return Err(Reason::Arguments { found, wanted });
	}
	for (slot, pair) in pass.bindings.iter().zip(&kernel.slots).enumerate() {
		match pair {
			(Binding::Read { .. }, Access::Read) | (Binding::Write { .. }, Access::Write) => {}
			_ => return Err(Reason::Access(slot)),
		}
	}
	Ok(())
}

fn expressions(definition: &Definition, pass: &Pass) -> Result<(), Reason> {
	let slices = pass.bindings.iter().filter_map(|binding| match binding {
		Binding::Write { slice, .. } => Some(slice),
		Binding::Read { .. } => None,
	});
	slices
		.chain(&pass.arguments)
		.chain(&pass.workgroups)
		.chain([&pass.fuel])
		.try_for_each(|one| super::expression::check(one, definition.parameters.len()))
}

/// Reads before this pass's writes: a pass never reads what it writes itself through another
/// slot.
fn dataflow(definition: &Definition, pass: &Pass, written: &mut [bool]) -> Result<(), Reason> {
	let declared = definition.buffers.len();
	let mut writes = vec![];
	for binding in &pass.bindings {
		let (Binding::Read { buffer } | Binding::Write { buffer, .. }) = binding;
		let index = usize::from(*buffer);
		let (Some(is_written), Some(buffer)) = (written.get(index), definition.buffers.get(index))
		else {
			return Err(Reason::Undeclared { what: Indexed::Buffer, index, declared });
		};
		match binding {
			Binding::Read { .. } if !is_written => return Err(Reason::ReadTooEarly(index)),
			Binding::Read { .. } => {}
			Binding::Write { .. } if buffer.role == Role::Input => {
				return Err(Reason::WritesInput(index));
			}
			Binding::Write { .. } if *is_written || writes.contains(&index) => {
				return Err(Reason::WrittenTwice(index));
			}
			Binding::Write { .. } => writes.push(index),
		}
	}
	for index in writes {
		written[index] = true;
	}
	Ok(())
}
