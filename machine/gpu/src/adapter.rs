//! The adapters of this machine.

use wgpu::{Backends, Instance, InstanceDescriptor};

/// One adapter, for people and for choosing it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AdapterSummary {
	/// Its name.
	pub name: String,
	/// `Vulkan`, `Metal`, ...
	pub backend: String,
	/// `DiscreteGpu`, `Cpu`, ...
	pub kind: String,
	/// The driver and its version.
	pub driver: String,
}

impl AdapterSummary {
	pub(crate) fn of(adapter: &wgpu::Adapter) -> Self {
		let info = adapter.get_info();
		Self {
			name: info.name,
			backend: info.backend.to_string(),
			kind: format!("{:?}", info.device_type),
			driver: format!("{} {}", info.driver, info.driver_info).trim().to_owned(),
		}
	}
}

pub(crate) fn adapters() -> Vec<wgpu::Adapter> {
	let instance = Instance::new(InstanceDescriptor::new_without_display_handle());
	pollster::block_on(instance.enumerate_adapters(Backends::all()))
}

/// All adapters; hardware first.
pub fn list() -> Vec<AdapterSummary> {
	let mut adapters: Vec<AdapterSummary> = adapters().iter().map(AdapterSummary::of).collect();
	adapters.sort_by_key(|adapter| adapter.kind == "Cpu");
	adapters
}
