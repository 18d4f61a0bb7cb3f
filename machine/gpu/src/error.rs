//! What can go wrong on a GPU.

use thiserror::Error;

/// Why a program did not run on a GPU.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum GpuError {
	/// No adapter has this name.
	#[error("no adapter matches `{wanted}`; there are: {found}")]
	NoAdapter {
		/// What was asked for.
		wanted: String,
		/// The names of those that there are.
		found: String,
	},
	/// Several adapters have this in their names.
	#[error("several adapters match `{wanted}`; name one of: {found}")]
	Ambiguous {
		/// What was asked for.
		wanted: String,
		/// The names of those that there are.
		found: String,
	},
	/// The adapter gives no device.
	#[error("the adapter `{adapter}` gives no device: {reason}")]
	NoDevice {
		/// Its name.
		adapter: String,
		/// What it says.
		reason: String,
	},
	/// The device refuses something.
	#[error("the device refuses {what}: {reason}")]
	Refused {
		/// What was asked of it.
		what: &'static str,
		/// What it says.
		reason: String,
	},
	/// There is no memory left on the device, though its size would do.
	#[error(
		"the device has no memory left for {what}: {reason}. Others may be using it; close them, or \
		 run it on another device"
	)]
	OutOfMemory {
		/// What was asked of it.
		what: &'static str,
		/// What it says.
		reason: String,
	},
	/// A pass needs more memory than the device has.
	#[error(
		"pass {pass} needs {needed} bytes of buffers at once; this device has {most} bytes of memory"
	)]
	Memory {
		/// Index of the pass.
		pass: usize,
		/// Bytes of all buffers that are on the device during it.
		needed: u64,
		/// The device's memory in bytes.
		most: u64,
	},
	/// An input's bytes could not be had, or a result's not be given.
	#[error("{what} buffer {buffer} failed: {reason}")]
	Host {
		/// What was done.
		what: &'static str,
		/// Index of the buffer in the program.
		buffer: usize,
		/// Of what kind the error is.
		kind: std::io::ErrorKind,
		/// What it says.
		reason: String,
	},
	/// The device was lost, or did not answer in time.
	#[error("the device was lost: {0}")]
	Lost(String),
	/// A buffer is larger than the device binds.
	#[error("buffer {buffer} has {bytes} bytes; this device binds at most {most}")]
	BufferTooLarge {
		/// Index of the buffer in the program.
		buffer: usize,
		/// Its length.
		bytes: u64,
		/// The device's limit.
		most: u64,
	},
	/// The kernel needs more of something than the device has.
	#[error("pass {pass} needs {needed} {what}; this device has {most}")]
	DeviceLimit {
		/// Index of the pass.
		pass: usize,
		/// Of what.
		what: &'static str,
		/// How many are needed.
		needed: u32,
		/// How many there are.
		most: u32,
	},
	/// An invocation's loops ran longer than this device runs loops. The outputs are void.
	#[error(
		"pass {pass}: the loops of one invocation exceed {limit} iterations, which is all that \
		 this device runs (measured); run it on another device or on the VM, or make more passes"
	)]
	DeviceLoopLimit {
		/// Index of the pass.
		pass: usize,
		/// The measured limit.
		limit: u32,
	},
	/// An invocation's loops ran longer than the pass's fuel allows. The outputs are void.
	#[error("pass {pass}, workgroup {workgroup} runs out of fuel; run it on the VM to see where")]
	Fuel {
		/// Index of the pass.
		pass: usize,
		/// The workgroup; one of them, if there are several.
		workgroup: u32,
	},
	/// The program or its parameters do not fit together.
	#[error(transparent)]
	Job(#[from] crate::JobError),
}
