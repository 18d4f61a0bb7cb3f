//! An open device and what it can do.

use std::{
	borrow::Cow,
	sync::{Arc, Mutex},
};

use wgpu::{util::DeviceExt as _, BufferUsages, ErrorFilter, ShaderModuleDescriptor, ShaderSource};

use crate::{
	adapter::{adapters, choose, AdapterSummary},
	error::GpuError,
};

/// An open device.
pub struct Gpu {
	pub(crate) device: wgpu::Device,
	pub(crate) queue: wgpu::Queue,
	pub(crate) limits: wgpu::Limits,
	/// What was lost or went wrong outside our error scopes.
	failure: Arc<Mutex<Option<String>>>,
	summary: AdapterSummary,
	loop_limit: Option<u32>,
}

impl Gpu {
	/// Opens the adapter of this [id](AdapterSummary::id), or the only one whose id contains it, or
	/// without a name the first: hardware before software.
	///
	/// # Errors
	///
	/// If there is none, or it gives no device, or the device is lost while it is measured.
	pub fn open(name: Option<&str>) -> Result<Self, GpuError> {
		let adapters = adapters();
		let (adapter, summary) = choose(&adapters, name)?;
		let summary = summary.clone();
		let limits = adapter.limits();
		let descriptor = wgpu::DeviceDescriptor {
			label: Some("mutirao"),
			required_limits: limits.clone(),
			..Default::default()
		};
		let (device, queue) =
			pollster::block_on(adapter.request_device(&descriptor)).map_err(|error| {
				GpuError::NoDevice { adapter: summary.name.clone(), reason: error.to_string() }
			})?;
		let failure = Arc::new(Mutex::new(None));
		let note = |failure: &Arc<Mutex<Option<String>>>, text: String| {
			if let Ok(mut failure) = failure.lock() {
				failure.get_or_insert(text);
			}
		};
		let uncaptured = failure.clone();
		device.on_uncaptured_error(Arc::new(move |error| note(&uncaptured, error.to_string())));
		let lost = failure.clone();
		device.set_device_lost_callback(move |reason, text| {
			note(&lost, format!("{reason:?}: {text}"));
		});
		let mut gpu = Self { device, queue, limits, failure, summary, loop_limit: None };
		gpu.loop_limit = crate::probe::loop_limit(&gpu)?;
		Ok(gpu)
	}

	/// The adapter.
	pub fn adapter(&self) -> &AdapterSummary {
		&self.summary
	}

	/// How many iterations, over all its loops, this device runs for one invocation before it stops
	/// them without a word; `None` if it ran as many as were tried.
	pub fn loop_limit(&self) -> Option<u32> {
		self.loop_limit
	}

	/// Runs `work`, and turns what the device says about it into an error.
	pub(crate) fn checked<T>(
		&self,
		what: &'static str,
		work: impl FnOnce() -> T,
	) -> Result<T, GpuError> {
		let memory = self.device.push_error_scope(ErrorFilter::OutOfMemory);
		let validation = self.device.push_error_scope(ErrorFilter::Validation);
		let result = work();
		let errors = [validation.pop(), memory.pop()].map(pollster::block_on);
		match errors.into_iter().flatten().next() {
			Some(error @ wgpu::Error::OutOfMemory { .. }) => {
				Err(GpuError::OutOfMemory { what, reason: error.to_string() })
			}
			Some(error) => Err(GpuError::Refused { what, reason: error.to_string() }),
			None => self.failure().map_or(Ok(result), Err),
		}
	}

	fn failure(&self) -> Option<GpuError> {
		let failure = self.failure.lock().ok()?.clone();
		failure.map(GpuError::Lost)
	}

	pub(crate) fn buffer(&self, bytes: u64, usage: BufferUsages) -> wgpu::Buffer {
		self.device.create_buffer(&wgpu::BufferDescriptor {
			label: None,
			size: bytes,
			usage,
			mapped_at_creation: false,
		})
	}

	pub(crate) fn buffer_with(&self, contents: &[u8], usage: BufferUsages) -> wgpu::Buffer {
		let descriptor = wgpu::util::BufferInitDescriptor { label: None, contents, usage };
		self.device.create_buffer_init(&descriptor)
	}

	pub(crate) fn module(&self, module: naga::Module) -> wgpu::ShaderModule {
		let source = ShaderSource::Naga(Cow::Owned(module));
		self.device.create_shader_module(ShaderModuleDescriptor { label: None, source })
	}

	pub(crate) fn pipeline(
		&self,
		module: &wgpu::ShaderModule,
		entry_point: &str,
		layout: Option<&wgpu::PipelineLayout>,
	) -> wgpu::ComputePipeline {
		self.device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
			label: None,
			layout,
			module,
			entry_point: Some(entry_point),
			compilation_options: Default::default(),
			cache: None,
		})
	}

	/// Submits one dispatch.
	pub(crate) fn dispatch(
		&self,
		pipeline: &wgpu::ComputePipeline,
		layout: &wgpu::BindGroupLayout,
		buffers: &[(u32, &wgpu::Buffer)],
		[x, y, z]: [u32; 3],
	) {
		let entries: Vec<wgpu::BindGroupEntry<'_>> = buffers
			.iter()
			.map(|(binding, buffer)| wgpu::BindGroupEntry {
				binding: *binding,
				resource: buffer.as_entire_binding(),
			})
			.collect();
		let group = self.device.create_bind_group(&wgpu::BindGroupDescriptor {
			label: None,
			layout,
			entries: &entries,
		});
		let mut encoder = self.device.create_command_encoder(&Default::default());
		{
			let mut compute = encoder.begin_compute_pass(&Default::default());
			compute.set_pipeline(pipeline);
			compute.set_bind_group(0, &group, &[]);
			compute.dispatch_workgroups(x, y, z);
		}
		self.queue.submit([encoder.finish()]);
	}

	/// Waits until everything submitted is done.
	pub(crate) fn wait(&self) -> Result<(), GpuError> {
		let waited = self.device.poll(wgpu::PollType::wait_indefinitely());
		waited.map_err(|error| GpuError::Lost(error.to_string()))?;
		self.failure().map_or(Ok(()), Err)
	}

	/// Waits until one submission is done.
	pub(crate) fn wait_for(&self, submission: wgpu::SubmissionIndex) -> Result<(), GpuError> {
		let poll = wgpu::PollType::Wait { submission_index: Some(submission), timeout: None };
		self.device.poll(poll).map_err(|error| GpuError::Lost(error.to_string()))?;
		self.failure().map_or(Ok(()), Err)
	}

	/// Reads small buffers back.
	pub(crate) fn read(&self, buffers: &[&wgpu::Buffer]) -> Result<Vec<Vec<u8>>, GpuError> {
		let whole: Vec<_> = buffers.iter().map(|buffer| (*buffer, buffer.size())).collect();
		self.read_starts(&whole)
	}

	/// Reads the first bytes of a buffer back.
	pub(crate) fn read_start(
		&self,
		buffer: &wgpu::Buffer,
		bytes: u64,
	) -> Result<Vec<u8>, GpuError> {
		Ok(self.read_starts(&[(buffer, bytes)])?.concat())
	}

	fn read_starts(&self, buffers: &[(&wgpu::Buffer, u64)]) -> Result<Vec<Vec<u8>>, GpuError> {
		let mut encoder = self.device.create_command_encoder(&Default::default());
		let staging: Vec<wgpu::Buffer> = buffers
			.iter()
			.map(|(buffer, bytes)| {
				let usage = BufferUsages::MAP_READ | BufferUsages::COPY_DST;
				let staging = self.buffer(*bytes, usage);
				encoder.copy_buffer_to_buffer(buffer, 0, &staging, 0, *bytes);
				staging
			})
			.collect();
		self.queue.submit([encoder.finish()]);
		for buffer in &staging {
			// The range is asked for below, where a failed mapping is an error.
			buffer.map_async(wgpu::MapMode::Read, .., |_| {});
		}
		self.wait()?;
		staging
			.iter()
			.map(|buffer| match buffer.get_mapped_range(..) {
				Ok(range) => Ok(range.to_vec()),
				Err(error) => Err(GpuError::Lost(error.to_string())),
			})
			.collect()
	}
}
