//! Buffers of a task that runs on the VM: in memory, and written to files at the end.

use mutirao_machine_core::{
	bytecode::{Buffer, Role},
	Program, Summary,
};

use crate::gpu::{
	device::{Task, Written},
	output::{bytes_path, Output},
	DeviceError,
};

/// Bytes that are hashed and written at once.
const SLAB_BYTES: usize = 16 << 20;

/// A buffer while a task runs.
pub(super) enum Bytes<'a> {
	Input(&'a [u8]),
	Written(Vec<u8>),
}

impl Bytes<'_> {
	/// What it holds; nothing until it is written.
	pub(super) fn bytes(&self) -> &[u8] {
		match self {
			Self::Input(bytes) => bytes,
			Self::Written(bytes) => bytes,
		}
	}
}

/// All buffers, of which only the inputs have bytes.
pub(super) fn given<'a>(
	program: &Program,
	summary: &Summary,
	task: &'a Task,
) -> Result<Vec<Bytes<'a>>, DeviceError> {
	let mut inputs = task.inputs.iter();
	let buffers = program.definition().buffers.iter().zip(&summary.buffer_words);
	let one = |(buffer, words): (&Buffer, &u32)| {
		if buffer.role != Role::Input {
			return Ok(Bytes::Written(Vec::new()));
		}
		let bytes = inputs.next().map(|input| input.bytes()).unwrap_or_default();
		if bytes.len() as u64 == 4 * u64::from(*words) {
			return Ok(Bytes::Input(bytes));
		}
		let (name, found) = (&buffer.name, bytes.len());
		let text =
			format!("input `{name}` has {found} bytes; it must have {}", 4 * u64::from(*words));
		Err(DeviceError::Malformed(text))
	};
	let all = buffers.map(one).collect::<Result<_, _>>()?;
	match inputs.next() {
		None => Ok(all),
		Some(_) => {
			Err(DeviceError::Malformed("there are more inputs than the program takes".into()))
		}
	}
}

/// Writes a result, and hashes it.
pub(super) fn save(task: &Task, buffer: usize, bytes: &[u8]) -> Result<Written, DeviceError> {
	let path = bytes_path(&task.folder, buffer);
	let write = || {
		let mut output = Output::create(&task.folder, buffer, bytes.len() as u64)?;
		for slab in bytes.chunks(SLAB_BYTES) {
			output.write(slab)?;
		}
		output.finish()
	};
	let outboard = write().map_err(DeviceError::local("writing a result", &path))?;
	Ok(Written { path, outboard })
}
