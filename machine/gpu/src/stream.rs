//! A job's buffers on a device: made for the first pass that uses them, given back after the last,
//! filled and read in slabs, so that memory beside the device's own stays bounded.

use std::collections::BTreeMap;

use mutirao_machine_core::{bytecode::Role, Program, ResolvedPass, Summary};
use wgpu::BufferUsages;

use crate::{
	adapter::max_buffer_bytes,
	device::Gpu,
	error::GpuError,
	host::{Host, RunProgress, SLAB_BYTES},
	lifetimes::{padded, Lifetimes},
};

/// Slabs that wait to be copied to the device.
const UPLOADS_IN_FLIGHT: u64 = 2;

/// The buffers that are on the device.
pub(crate) struct Stream<'a> {
	gpu: &'a Gpu,
	lifetimes: Lifetimes,
	is_input: Vec<bool>,
	buffers: BTreeMap<usize, wgpu::Buffer>,
	pub(crate) progress: RunProgress,
}

impl<'a> Stream<'a> {
	/// Checks that everything fits; makes nothing.
	pub(crate) fn new(
		gpu: &'a Gpu,
		program: &Program,
		summary: &Summary,
	) -> Result<Self, GpuError> {
		let lifetimes = Lifetimes::new(summary);
		let most = max_buffer_bytes(&gpu.limits);
		for buffer in lifetimes.used() {
			let bytes = lifetimes.bytes(buffer);
			if padded(bytes) > most {
				return Err(GpuError::BufferTooLarge { buffer, bytes, most });
			}
		}
		let (pass, needed) = lifetimes.peak();
		if let Some(most) = gpu.adapter().memory_bytes.filter(|most| needed > *most) {
			return Err(GpuError::Memory { pass, needed, most });
		}
		let roles = program.definition().buffers.iter().map(|buffer| buffer.role);
		let is_input: Vec<bool> = roles.map(|role| role == Role::Input).collect();
		let bytes = |inputs: bool| {
			let used = lifetimes.used().into_iter().filter(|buffer| is_input[*buffer] == inputs);
			used.map(|buffer| lifetimes.bytes(buffer)).sum()
		};
		let progress = RunProgress {
			upload: bytes(true),
			results: bytes(false),
			steps: summary.declared_steps,
			..RunProgress::default()
		};
		Ok(Self { gpu, lifetimes, is_input, buffers: BTreeMap::new(), progress })
	}

	pub(crate) fn get(&self, buffer: usize) -> Option<&wgpu::Buffer> {
		self.buffers.get(&buffer)
	}

	/// Makes the buffers that this pass is the first to use, the inputs with their contents.
	pub(crate) fn enter(&mut self, pass: usize, host: &mut dyn Host) -> Result<(), GpuError> {
		let usage = BufferUsages::STORAGE | BufferUsages::COPY_SRC | BufferUsages::COPY_DST;
		for index in self.lifetimes.starting(pass) {
			let bytes = padded(self.lifetimes.bytes(index));
			// New buffers hold zeros, which is what slices start with.
			let buffer = self.gpu.checked("a buffer", || self.gpu.buffer(bytes, usage))?;
			if self.is_input[index] {
				self.upload(index, &buffer, host)?;
			}
			self.buffers.insert(index, buffer);
		}
		Ok(())
	}

	fn upload(
		&mut self,
		index: usize,
		buffer: &wgpu::Buffer,
		host: &mut dyn Host,
	) -> Result<(), GpuError> {
		let mut contents = Vec::new();
		for (slab, offset, bytes) in slabs(self.lifetimes.bytes(index)) {
			contents.resize(bytes as usize, 0);
			host.read(index, offset, &mut contents).map_err(host_error("reading", index))?;
			self.gpu.checked("an input", || {
				self.gpu.queue.write_buffer(buffer, offset, &contents);
				self.gpu.queue.submit([]);
			})?;
			if slab % UPLOADS_IN_FLIGHT == UPLOADS_IN_FLIGHT - 1 {
				self.gpu.wait()?;
			}
			self.progress.uploaded += bytes;
			host.progress(&self.progress);
		}
		Ok(())
	}

	/// Gives what this pass wrote to the host, and drops the buffers that no later pass uses.
	pub(crate) fn leave(
		&mut self,
		pass: &ResolvedPass,
		host: &mut dyn Host,
	) -> Result<(), GpuError> {
		for slot in pass.slots.iter().filter(|slot| slot.slice_words.is_some()) {
			self.read_back(slot.buffer, host)?;
		}
		for index in self.lifetimes.ending(pass.pass) {
			self.buffers.remove(&index);
		}
		Ok(())
	}

	/// Copies a buffer back. While the host has one slab, the device copies the next.
	fn read_back(&mut self, index: usize, host: &mut dyn Host) -> Result<(), GpuError> {
		let Some(buffer) = self.buffers.get(&index) else { return Ok(()) };
		let length = self.lifetimes.bytes(index);
		let usage = BufferUsages::MAP_READ | BufferUsages::COPY_DST;
		let staging = self.gpu.checked("a staging buffer", || {
			[0, 1].map(|_| self.gpu.buffer(length.min(SLAB_BYTES), usage))
		})?;
		let copy = |slab: u64, offset: u64, bytes: u64| {
			let staging = &staging[(slab % 2) as usize];
			let mut encoder = self.gpu.device.create_command_encoder(&Default::default());
			encoder.copy_buffer_to_buffer(buffer, offset, staging, 0, bytes);
			let submission = self.gpu.queue.submit([encoder.finish()]);
			// The range is asked for below, where a failed mapping is an error.
			staging.map_async(wgpu::MapMode::Read, 0..bytes, |_| {});
			submission
		};
		let mut pieces = slabs(length);
		let mut next = pieces.next().map(|piece| (piece, copy(piece.0, piece.1, piece.2)));
		while let Some(((slab, offset, bytes), submission)) = next {
			self.gpu.wait_for(submission)?;
			next = pieces.next().map(|piece| (piece, copy(piece.0, piece.1, piece.2)));
			let staging = &staging[(slab % 2) as usize];
			let lost = |error: wgpu::MapRangeError| GpuError::Lost(error.to_string());
			let range = staging.get_mapped_range(0..bytes).map_err(lost)?;
			host.write(index, offset, &range).map_err(host_error("writing", index))?;
			drop(range);
			staging.unmap();
			self.progress.read += bytes;
			host.progress(&self.progress);
		}
		Ok(())
	}
}

/// The slabs of a buffer: their numbers, offsets and lengths.
fn slabs(length: u64) -> impl Iterator<Item = (u64, u64, u64)> {
	(0..length.div_ceil(SLAB_BYTES)).map(move |slab| {
		let offset = slab * SLAB_BYTES;
		(slab, offset, SLAB_BYTES.min(length - offset))
	})
}

fn host_error(what: &'static str, buffer: usize) -> impl FnOnce(std::io::Error) -> GpuError {
	move |error| GpuError::Host { what, buffer, kind: error.kind(), reason: error.to_string() }
}
