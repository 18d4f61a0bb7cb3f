//! The author's WGSL handed to the device as it is, to compare times with the lowered form.
//!
//! Its results are not checked work: bounds and slices are what the driver makes of them.

use std::time::Instant;

use mutirao_machine_core::ResolvedPass;
use mutirao_machine_wgsl::compile::SourcePass;
use wgpu::BufferUsages;

use crate::{
	device::Gpu,
	error::GpuError,
	host::InMemory,
	job::{Job, Outputs},
	run::PassTime,
	stream::Stream,
};

/// The source's entry points, compiled for a device.
pub struct Direct<'a> {
	gpu: &'a Gpu,
	passes: Vec<(SourcePass, wgpu::ComputePipeline)>,
}

impl<'a> Direct<'a> {
	/// Compiles the source.
	///
	/// # Errors
	///
	/// If the device refuses it.
	pub fn new(gpu: &'a Gpu, source: &str, passes: &[SourcePass]) -> Result<Self, GpuError> {
		let passes = gpu.checked("the source", || {
			let source = wgpu::ShaderSource::Wgsl(source.to_owned().into());
			let descriptor = wgpu::ShaderModuleDescriptor { label: None, source };
			let module = gpu.device.create_shader_module(descriptor);
			let prepare =
				|pass: &SourcePass| (pass.clone(), gpu.pipeline(&module, &pass.entry, None));
			passes.iter().map(prepare).collect()
		})?;
		Ok(Self { gpu, passes })
	}

	/// Runs a job, one dispatch a pass.
	///
	/// # Errors
	///
	/// If a pass has more workgroups in a dimension than one dispatch takes, or the device fails.
	pub fn run(&self, job: &Job<'_>) -> Result<(Outputs, Vec<PassTime>), GpuError> {
		let mut host = InMemory { job, outputs: Outputs::new(), bears_faults: false };
		let mut stream = Stream::new(self.gpu, job.program, &job.summary)?;
		let mut times = Vec::new();
		for (resolved, (pass, pipeline)) in job.summary.passes.iter().zip(&self.passes) {
			let before = Instant::now();
			stream.enter(resolved.pass, &mut host)?;
			let start = Instant::now();
			self.pass(resolved, pass, pipeline, &stream)?;
			self.gpu.wait()?;
			let done = Instant::now();
			stream.leave(resolved, &mut host)?;
			times.push(PassTime {
				pass: resolved.pass,
				upload: start - before,
				elapsed: done - start,
				read_back: done.elapsed(),
			});
		}
		Ok((host.outputs, times))
	}

	fn pass(
		&self,
		resolved: &ResolvedPass,
		pass: &SourcePass,
		pipeline: &wgpu::ComputePipeline,
		stream: &Stream<'_>,
	) -> Result<(), GpuError> {
		let most = self.gpu.limits.max_compute_workgroups_per_dimension;
		if let Some(needed) = resolved.workgroups.iter().copied().find(|needed| *needed > most) {
			let what = "workgroups in one dimension";
			return Err(GpuError::DeviceLimit { pass: resolved.pass, what, needed, most });
		}
		// A uniform struct of scalars is padded to 16 bytes.
		let mut arguments: Vec<u8> =
			resolved.arguments.iter().flat_map(|argument| argument.to_le_bytes()).collect();
		arguments.resize(arguments.len().next_multiple_of(16).max(16), 0);
		let uniform = self.gpu.buffer_with(&arguments, BufferUsages::UNIFORM);
		let mut entries: Vec<(u32, &wgpu::Buffer)> =
			pass.uniform.iter().map(|binding| (*binding, &uniform)).collect();
		for (slot, binding) in resolved.slots.iter().zip(&pass.slots) {
			entries.extend(stream.get(slot.buffer).map(|buffer| (*binding, buffer)));
		}
		self.gpu.checked("a pass of the source", || {
			self.gpu.dispatch(
				pipeline,
				&pipeline.get_bind_group_layout(0),
				&entries,
				resolved.workgroups,
			);
		})
	}
}
