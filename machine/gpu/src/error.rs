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
	#[error("pass {pass} runs out of fuel; run the workgroup on the VM to see where")]
	Fuel {
		/// Index of the pass.
		pass: usize,
	},
	/// The program or its parameters do not fit together.
	#[error(transparent)]
	Job(#[from] crate::JobError),
}
