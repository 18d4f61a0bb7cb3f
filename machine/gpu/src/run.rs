//! A program on a device.

use std::time::{Duration, Instant};

use mutirao_machine_core::{bytecode::Access, Program, ResolvedPass, Summary};
use mutirao_machine_wgsl::gpu::{layout, lower_kernel, Counting, GpuKernel};
use wgpu::{BindGroupLayoutEntry, BindingType, BufferBindingType, BufferUsages, ShaderStages};

use crate::{
	budget::Budget,
	device::Gpu,
	dispatch::{split, Dispatch},
	error::GpuError,
	host::{Host, InMemory},
	job::{Job, Outputs},
	pace::Pace,
	stream::Stream,
};

/// A program's kernels, compiled for a device.
pub struct Prepared<'a> {
	gpu: &'a Gpu,
	kernels: Vec<PreparedKernel>,
	counting: Counting,
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
	/// Copying the inputs that it is the first to use.
	pub upload: Duration,
	/// From the submission of its first workgroups until the device was done with the last.
	pub elapsed: Duration,
	/// Copying back what it wrote, and what the host does with that.
	pub read_back: Duration,
}

/// A pass while it runs.
struct Running<'a> {
	kernel: &'a PreparedKernel,
	pass: &'a ResolvedPass,
	/// Status words; only kernels with loops have them.
	status: Option<wgpu::Buffer>,
	budget: Budget,
}

/// Why workgroups of a slab stopped.
#[derive(Clone, Copy, Default)]
struct Stopped {
	by_fuel: bool,
	/// By the device's limit of iterations.
	by_device: bool,
}

/// The most workgroups of a slab, if each has a status word.
const MOST_COUNTED_WORKGROUPS: u32 = 1 << 22;

impl<'a> Prepared<'a> {
	/// Compiles all kernels.
	///
	/// # Errors
	///
	/// If the device lacks what a kernel needs or refuses it.
	pub fn new(gpu: &'a Gpu, program: &Program) -> Result<Self, GpuError> {
		let counting = match gpu.loop_limit() {
			Some(_) => Counting::Alone,
			None => Counting::Together,
		};
		Self::with_counting(gpu, program, counting)
	}

	/// Compiles all kernels, to count what they cost in this way whatever suits the device. If they
	/// count together, nothing tells when they exceed the device's own limit of iterations.
	///
	/// # Errors
	///
	/// As for [`Self::new`].
	pub fn with_counting(
		gpu: &'a Gpu,
		program: &Program,
		counting: Counting,
	) -> Result<Self, GpuError> {
		let mut kernels = Vec::new();
		for index in 0..program.definition().kernels.len() {
			let kernel = lower_kernel(program, index, counting).map_err(|error| {
				GpuError::Refused { what: "the kernel", reason: error.to_string() }
			})?;
			kernels.push(gpu.checked("the kernel", || prepare(gpu, kernel))?);
		}
		Ok(Self { gpu, kernels, counting })
	}

	/// Runs a job with everything in memory.
	///
	/// # Errors
	///
	/// As for [`Self::run_with`].
	pub fn run(&self, job: &Job<'_>) -> Result<(Outputs, Vec<PassTime>), GpuError> {
		let mut host = InMemory { job, outputs: Outputs::new(), bears_faults: false };
		let times = self.run_with(job.program, &job.summary, &mut host)?;
		Ok((host.outputs, times))
	}

	/// Runs a job with everything in memory, and goes on where workgroups run out of fuel. What these
	/// write is void; what the others write is right for what they read.
	///
	/// # Errors
	///
	/// As for [`Self::run_with`], but never for want of fuel.
	pub fn run_over_faults(&self, job: &Job<'_>) -> Result<Outputs, GpuError> {
		let mut host = InMemory { job, outputs: Outputs::new(), bears_faults: true };
		self.run_with(job.program, &job.summary, &mut host)?;
		Ok(host.outputs)
	}

	/// Runs the program that this was prepared for, with a summary of it; inputs come from `host` and
	/// results go there. A pass is dispatched in slabs of about a quarter of a second.
	///
	/// # Errors
	///
	/// If a buffer is too large for the device or the device too small, loops are too long for it or
	/// for the pass's fuel and the host does not bear that, the host fails, or the device does. What the
	/// host was given until then is right for passes that are complete.
	pub fn run_with(
		&self,
		program: &Program,
		summary: &Summary,
		host: &mut dyn Host,
	) -> Result<Vec<PassTime>, GpuError> {
		let mut stream = Stream::new(self.gpu, program, summary)?;
		let mut times = Vec::new();
		for pass in &summary.passes {
			let before = Instant::now();
			stream.enter(pass.pass, host)?;
			let start = Instant::now();
			self.pass(program, pass, &mut stream, host)?;
			let done = Instant::now();
			stream.leave(pass, host)?;
			times.push(PassTime {
				pass: pass.pass,
				upload: start - before,
				elapsed: done - start,
				read_back: done.elapsed(),
			});
		}
		Ok(times)
	}

	fn pass(
		&self,
		program: &Program,
		pass: &ResolvedPass,
		stream: &mut Stream<'_>,
		host: &mut dyn Host,
	) -> Result<(), GpuError> {
		let running = self.running(program, pass)?;
		let mut pace = Pace::new(pass.fuel);
		let (mut first, mut is_borne) = (0, false);
		while first < pass.workgroup_count {
			let mut count = pace.workgroups().min(pass.workgroup_count - first);
			if running.status.is_some() && self.counting == Counting::Together {
				count = count.min(MOST_COUNTED_WORKGROUPS);
			}
			let start = Instant::now();
			// Invocations stop by themselves: whatever a workgroup lacks, no other one notices.
			let stopped = self.slab(&running, stream, first, count)?;
			if stopped.by_device {
				let limit = self.gpu.loop_limit().unwrap_or(u32::MAX);
				return Err(GpuError::DeviceLoopLimit { pass: pass.pass, limit });
			}
			if stopped.by_fuel && !is_borne && !host.bears_fault(pass.pass) {
				return Err(self.too_long(&running, stream, first, count)?);
			}
			is_borne |= stopped.by_fuel;
			pace.took(count, start.elapsed());
			first += count;
			stream.progress.steps_done += u64::from(count).saturating_mul(pass.fuel);
			host.progress(&stream.progress);
		}
		Ok(())
	}

	fn running<'b>(
		&'b self,
		program: &Program,
		pass: &'b ResolvedPass,
	) -> Result<Running<'b>, GpuError> {
		let number = usize::from(program.definition().passes[pass.pass].kernel);
		let kernel = &self.kernels[number];
		let usage = BufferUsages::STORAGE | BufferUsages::COPY_SRC | BufferUsages::COPY_DST;
		let bytes = self.status_bytes(pass.workgroup_count.min(MOST_COUNTED_WORKGROUPS));
		let status = kernel
			.kernel
			.has_loops
			.then(|| self.gpu.checked("status words", || self.gpu.buffer(bytes, usage)))
			.transpose()?;
		let definition = &program.definition().kernels[number];
		let budget = Budget::new(definition, pass.fuel);
		Ok(Running { kernel, pass, status, budget })
	}

	/// Runs some workgroups of a pass; tells whether loops of theirs ran too long.
	fn slab(
		&self,
		running: &Running<'_>,
		stream: &Stream<'_>,
		first: u32,
		count: u32,
	) -> Result<Stopped, GpuError> {
		let most = self.gpu.limits.max_compute_workgroups_per_dimension;
		if let Some(status) = &running.status {
			let mut encoder = self.gpu.device.create_command_encoder(&Default::default());
			encoder.clear_buffer(status, 0, Some(self.status_bytes(count)));
			self.gpu.queue.submit([encoder.finish()]);
		}
		self.gpu.checked("a pass", || {
			for dispatch in split(first, count, most) {
				self.dispatch(running, stream, first, dispatch);
			}
		})?;
		let Some(status) = &running.status else {
			return self.gpu.wait().map(|()| Stopped::default());
		};
		let bytes = self.gpu.read_start(status, 4 * u64::from(layout::STATUS_WORKGROUPS))?;
		let is_set =
			|word: u32| bytes.chunks(4).nth(word as usize).is_some_and(|word| word != [0; 4]);
		let is_sure = self.counting == Counting::Together || running.budget.counts_all_alone();
		let (fuel, iterations) = (is_set(layout::STATUS_FUEL), is_set(layout::STATUS_ITERATIONS));
		Ok(Stopped { by_fuel: fuel && is_sure, by_device: iterations || (fuel && !is_sure) })
	}

	/// Finds one workgroup that exceeds its fuel among some of which one does.
	fn too_long(
		&self,
		running: &Running<'_>,
		stream: &Stream<'_>,
		mut first: u32,
		mut count: u32,
	) -> Result<GpuError, GpuError> {
		while count > 1 {
			let half = count / 2;
			self.clear(running, stream);
			if self.slab(running, stream, first, half)?.by_fuel {
				count = half;
			} else {
				first += half;
				count -= half;
			}
		}
		Ok(GpuError::Fuel { pass: running.pass.pass, workgroup: first })
	}

	/// The length of the status words of a slab of so many workgroups.
	fn status_bytes(&self, workgroups: u32) -> u64 {
		let counted = match self.counting {
			Counting::Alone => 0,
			Counting::Together => workgroups,
		};
		4 * (u64::from(layout::STATUS_WORKGROUPS) + u64::from(counted))
	}

	/// Puts back to zero what a pass has written, so that its workgroups can run again.
	fn clear(&self, running: &Running<'_>, stream: &Stream<'_>) {
		let mut encoder = self.gpu.device.create_command_encoder(&Default::default());
		let written = running.pass.slots.iter().filter(|slot| slot.slice_words.is_some());
		for buffer in written.filter_map(|slot| stream.get(slot.buffer)) {
			encoder.clear_buffer(buffer, 0, None);
		}
		self.gpu.queue.submit([encoder.finish()]);
	}

	/// Runs workgroups of a slab that starts with workgroup `first`.
	fn dispatch(&self, running: &Running<'_>, stream: &Stream<'_>, first: u32, dispatch: Dispatch) {
		let Running { kernel, pass, status, budget } = running;
		let words = job_words(pass, first, dispatch, budget);
		let job = self.gpu.buffer_with(&words, BufferUsages::UNIFORM);
		let mut entries = vec![(layout::JOB_BINDING, &job)];
		entries.extend(kernel.tables.as_ref().map(|tables| (layout::TABLES_BINDING, tables)));
		entries.extend(status.as_ref().map(|status| (layout::STATUS_BINDING, status)));
		for (slot, binding) in pass.slots.iter().zip(layout::FIRST_SLOT_BINDING..) {
			entries.extend(stream.get(slot.buffer).map(|buffer| (binding, buffer)));
		}
		let workgroups = [dispatch.x, dispatch.y, 1];
		self.gpu.dispatch(&kernel.pipeline, &kernel.layout, &entries, workgroups);
	}
}

fn job_words(pass: &ResolvedPass, first: u32, dispatch: Dispatch, budget: &Budget) -> Vec<u8> {
	let mut words = [0u32; layout::JOB_WORDS];
	words[layout::WORKGROUPS..layout::WORKGROUPS + 3].copy_from_slice(&pass.workgroups);
	words[layout::FIRST_WORKGROUP] = dispatch.first;
	words[layout::DISPATCH_X] = dispatch.x;
	words[layout::FIRST_OF_SLAB] = first;
	budget.write(&mut words);
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
