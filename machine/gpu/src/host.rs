//! Where a run's inputs come from and where its results go.

use std::io;

use crate::job::{Job, Outputs};

/// Bytes that are copied to or from a device at once: two such pieces are in memory while a run
/// copies.
pub const SLAB_BYTES: u64 = 16 << 20;

/// How far a run is, over all its passes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RunProgress {
	/// Bytes of inputs on the device.
	pub uploaded: u64,
	/// Bytes of all inputs that a pass reads.
	pub upload: u64,
	/// Declared steps of the workgroups that are done.
	pub steps_done: u64,
	/// Declared steps of all workgroups.
	pub steps: u64,
	/// Bytes of results that were given to the host.
	pub read: u64,
	/// Bytes of all results.
	pub results: u64,
}

/// What a run asks of whoever wants it.
pub trait Host {
	/// Fills `into` with an input's bytes from `offset` on.
	///
	/// # Errors
	///
	/// If they cannot be had; the run ends.
	fn read(&mut self, buffer: usize, offset: u64, into: &mut [u8]) -> io::Result<()>;

	/// Takes the next bytes, at most [`SLAB_BYTES`], of a buffer that a pass wrote. Buffers come one
	/// after another, each from its first byte to its last, after its pass and before the next.
	///
	/// # Errors
	///
	/// If they cannot be taken; the run ends.
	fn write(&mut self, buffer: usize, offset: u64, bytes: &[u8]) -> io::Result<()>;

	/// Told that workgroups of a pass run out of fuel, once for each such pass. What they write is void,
	/// and what the others write is right. Tells whether the run goes on all the same; if not, it ends
	/// with [`GpuError::Fuel`](crate::GpuError::Fuel), which names one of them.
	fn bears_fault(&mut self, _pass: usize) -> bool {
		false
	}

	/// Told after every piece of work.
	fn progress(&mut self, _progress: &RunProgress) {}
}

/// Everything in memory.
pub(crate) struct InMemory<'a> {
	pub(crate) job: &'a Job<'a>,
	pub(crate) outputs: Outputs,
	/// Whether it goes on where workgroups run out of fuel.
	pub(crate) bears_faults: bool,
}

impl Host for InMemory<'_> {
	fn read(&mut self, buffer: usize, offset: u64, into: &mut [u8]) -> io::Result<()> {
		let input = self.job.input(buffer).unwrap_or_default();
		let later = usize::try_from(offset).ok().and_then(|start| input.get(start..));
		let bytes = later.and_then(|later| later.get(..into.len()));
		into.copy_from_slice(bytes.ok_or(io::ErrorKind::UnexpectedEof)?);
		Ok(())
	}

	fn write(&mut self, buffer: usize, _: u64, bytes: &[u8]) -> io::Result<()> {
		self.outputs.entry(buffer).or_default().extend_from_slice(bytes);
		Ok(())
	}
	fn bears_fault(&mut self, _: usize) -> bool {
		self.bears_faults
	}
}
