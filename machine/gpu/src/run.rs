//! A program on a device.

use std::{
	collections::BTreeMap,
	time::{Duration, Instant},
};

use mutirao_machine_core::{bytecode::Access, Program, ResolvedPass};
use mutirao_machine_wgsl::gpu::{layout, lower_kernel, GpuKernel};
use wgpu::{BindGroupLayoutEntry, BindingType, BufferBindingType, BufferUsages, ShaderStages};

use crate::{
	device::Gpu,
	dispatch::{split, Dispatch},
	error::GpuError,
	job::{Job, Outputs},
};

/// A program's kernels, compiled for a device.
pub struct Prepared<'a> {
	gpu: &'a Gpu,
	kernels: Vec<PreparedKernel>,
}

struct PreparedKernel {
	kernel: GpuKernel,
	layout: wgpu::BindGroupLayout,
	pipeline: wgpu::ComputePipeline,
	tables: Option<wgpu::Buffer>,
}

/// How long a pass took.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PassTime {
	/// Index of the pass.
	pub pass: usize,
	/// From its submission until the device was done.
	pub elapsed: Duration,
}

/// A length that is filled up with zeros to whole vectors.
const fn padded(bytes: u64) -> u64 {
	bytes.next_multiple_of(16)
}

/// A job's buffers on a device.
pub(crate) struct Buffers(BTreeMap<usize, wgpu::Buffer>);

impl Buffers {
	/// Makes all buffers, the inputs with their contents.
	pub(crate) fn new(gpu: &Gpu, job: &Job<'_>) -> Result<Self, GpuError> {
		let usage = BufferUsages::STORAGE | BufferUsages::COPY_SRC | BufferUsages::COPY_DST;
		let most = gpu.limits.max_storage_buffer_binding_size.min(gpu.limits.max_buffer_size);
		let mut buffers = BTreeMap::new();
		for (index, words) in job.summary.buffer_words.iter().enumerate() {
			let bytes = 4 * u64::from(*words);
			if padded(bytes) > most {
				return Err(GpuError::BufferTooLarge { buffer: index, bytes, most });
			}
			let buffer = gpu.checked("a buffer", || match job.input(index) {
				Some(contents) => {
					let buffer = gpu.buffer(padded(bytes), usage);
					gpu.queue.write_buffer(&buffer, 0, contents);
					buffer
				}
				// New buffers hold zeros, which is what slices start with.
				None => gpu.buffer(padded(bytes), usage),
			})?;
			buffers.insert(index, buffer);
		}
		Ok(Self(buffers))
	}

	pub(crate) fn get(&self, index: usize) -> Option<&wgpu::Buffer> {
		self.0.get(&index)
	}

	/// The contents of all buffers that passes wrote.
	pub(crate) fn read(&self, gpu: &Gpu, job: &Job<'_>) -> Result<Outputs, GpuError> {
		let written: Vec<usize> =
			self.0.keys().copied().filter(|buffer| job.input(*buffer).is_none()).collect();
		let sources: Vec<&wgpu::Buffer> = written.iter().map(|buffer| &self.0[buffer]).collect();
		let contents = gpu.read(&sources)?;
		let cut = |(buffer, mut bytes): (usize, Vec<u8>)| {
			bytes.truncate(4 * job.summary.buffer_words[buffer] as usize);
			(buffer, bytes)
		};
		Ok(written.into_iter().zip(contents).map(cut).collect())
	}
}

/// A pass whose loops may have stopped: its status word.
struct Watched {
	pass: usize,
	status: wgpu::Buffer,
	/// Whether the budget was the device's limit rather than the pass's fuel.
	by_device: bool,
}

/// An iteration costs at least one unit for at least so many invocations, whatever it does.
const LEAST_STEPS_PER_ITERATION: u64 = 16;

impl<'a> Prepared<'a> {
	/// Compiles all kernels.
	///
	/// # Errors
	///
	/// If the device lacks what a kernel needs or refuses it.
	pub fn new(gpu: &'a Gpu, program: &Program) -> Result<Self, GpuError> {
		let mut kernels = Vec::new();
		for index in 0..program.definition().kernels.len() {
			let kernel = lower_kernel(program, index).map_err(|error| GpuError::Refused {
				what: "the kernel",
				reason: error.to_string(),
			})?;
			kernels.push(gpu.checked("the kernel", || prepare(gpu, kernel))?);
		}
		Ok(Self { gpu, kernels })
	}

	/// Runs a job.
	///
	/// # Errors
	///
	/// If a buffer is too large for the device, loops are too long for it or for the pass's fuel,
	/// or the device fails.
	pub fn run(&self, job: &Job<'_>) -> Result<(Outputs, Vec<PassTime>), GpuError> {
		let buffers = Buffers::new(self.gpu, job)?;
		let mut times = Vec::new();
		let mut watched = Vec::new();
		for pass in &job.summary.passes {
			let start = Instant::now();
			self.pass(job, pass, &buffers, &mut watched)?;
			self.gpu.wait()?;
			times.push(PassTime { pass: pass.pass, elapsed: start.elapsed() });
		}
		self.check_loops(&watched)?;
		Ok((buffers.read(self.gpu, job)?, times))
	}

	fn pass(
		&self,
		job: &Job<'_>,
		pass: &ResolvedPass,
		buffers: &Buffers,
		watched: &mut Vec<Watched>,
	) -> Result<(), GpuError> {
		let number = usize::from(job.program.definition().passes[pass.pass].kernel);
		let kernel = &self.kernels[number];
		let by_fuel = (pass.fuel / LEAST_STEPS_PER_ITERATION).saturating_add(1);
		let by_device = u64::from(self.gpu.loop_limit().unwrap_or(u32::MAX));
		let budget = u32::try_from(by_fuel.min(by_device)).unwrap_or(u32::MAX);
		let status = kernel
			.kernel
			.has_loops
			.then(|| self.gpu.buffer(4, BufferUsages::STORAGE | BufferUsages::COPY_SRC));
		self.gpu.checked("a pass", || {
			for dispatch in split(pass.workgroup_count, self.most_workgroups()) {
				self.dispatch(kernel, pass, buffers, status.as_ref(), (dispatch, budget));
			}
		})?;
		if let Some(status) = status {
			watched.push(Watched { pass: pass.pass, status, by_device: by_device < by_fuel });
		}
		Ok(())
	}

	fn most_workgroups(&self) -> u32 {
		self.gpu.limits.max_compute_workgroups_per_dimension
	}

	fn dispatch(
		&self,
		kernel: &PreparedKernel,
		pass: &ResolvedPass,
		buffers: &Buffers,
		status: Option<&wgpu::Buffer>,
		(dispatch, budget): (Dispatch, u32),
	) {
		let job = self.gpu.buffer_with(&job_words(pass, dispatch, budget), BufferUsages::UNIFORM);
		let mut entries = vec![(layout::JOB_BINDING, &job)];
		entries.extend(kernel.tables.as_ref().map(|tables| (layout::TABLES_BINDING, tables)));
		entries.extend(status.map(|status| (layout::STATUS_BINDING, status)));
		for (slot, binding) in pass.slots.iter().zip(layout::FIRST_SLOT_BINDING..) {
			entries.extend(buffers.get(slot.buffer).map(|buffer| (binding, buffer)));
		}
		let workgroups = [dispatch.x, dispatch.y, 1];
		self.gpu.dispatch(&kernel.pipeline, &kernel.layout, &entries, workgroups);
	}

	fn check_loops(&self, watched: &[Watched]) -> Result<(), GpuError> {
		let buffers: Vec<&wgpu::Buffer> = watched.iter().map(|watched| &watched.status).collect();
		if buffers.is_empty() {
			return Ok(());
		}
		for (watched, status) in watched.iter().zip(self.gpu.read(&buffers)?) {
			if status.iter().any(|byte| *byte != 0) {
				let pass = watched.pass;
				let limit = self.gpu.loop_limit().unwrap_or(u32::MAX);
				return Err(match watched.by_device {
					true => GpuError::DeviceLoopLimit { pass, limit },
					false => GpuError::Fuel { pass },
				});
			}
		}
		Ok(())
	}
}

fn job_words(pass: &ResolvedPass, dispatch: Dispatch, budget: u32) -> Vec<u8> {
	let mut words = [0u32; layout::JOB_WORDS];
	words[layout::WORKGROUPS..layout::WORKGROUPS + 3].copy_from_slice(&pass.workgroups);
	words[layout::FIRST_WORKGROUP] = dispatch.first;
	words[layout::DISPATCH_X] = dispatch.x;
	words[layout::LOOP_BUDGET] = budget;
	for (number, slot) in pass.slots.iter().enumerate().take(8) {
		words[layout::SLOT_WORDS + number] = slot.words;
		words[layout::SLICE_WORDS + number] = slot.slice_words.unwrap_or(0);
	}
	for (word, argument) in words[layout::ARGUMENTS..].iter_mut().zip(&pass.arguments) {
		*word = *argument;
	}
	words.iter().flat_map(|word| word.to_le_bytes()).collect()
}

fn prepare(gpu: &Gpu, kernel: GpuKernel) -> PreparedKernel {
	let entry = |binding, ty| BindGroupLayoutEntry {
		binding,
		visibility: ShaderStages::COMPUTE,
		ty: BindingType::Buffer { ty, has_dynamic_offset: false, min_binding_size: None },
		count: None,
	};
	let storage = |read_only| BufferBindingType::Storage { read_only };
	let mut entries = vec![entry(layout::JOB_BINDING, BufferBindingType::Uniform)];
	if !kernel.tables.is_empty() {
		entries.push(entry(layout::TABLES_BINDING, BufferBindingType::Uniform));
	}
	if kernel.has_loops {
		entries.push(entry(layout::STATUS_BINDING, storage(false)));
	}
	for (access, binding) in kernel.slots.iter().zip(layout::FIRST_SLOT_BINDING..) {
		entries.push(entry(binding, storage(*access == Access::Read)));
	}
	let group_layout = gpu.device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
		label: None,
		entries: &entries,
	});
	let pipeline_layout = gpu.device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
		label: None,
		bind_group_layouts: &[Some(&group_layout)],
		immediate_size: 0,
	});
	let module = gpu.module(kernel.module.clone());
	let pipeline = gpu.pipeline(&module, "main", Some(&pipeline_layout));
	let tables = (!kernel.tables.is_empty()).then(|| {
		let bytes: Vec<u8> = kernel.tables.iter().flat_map(|word| word.to_le_bytes()).collect();
		gpu.buffer_with(&bytes, BufferUsages::UNIFORM)
	});
	PreparedKernel { kernel, layout: group_layout, pipeline, tables }
}
