//! The adapters of this machine, and their names.

use std::collections::HashSet;

use wgpu::{Backends, Instance, InstanceDescriptor, MemoryBudgetThresholds};

use crate::{error::GpuError, memory};

/// One adapter, for people and for choosing it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AdapterSummary {
	/// What it is called on this machine: no two adapters have the same, and it stays the same while
	/// the cards stay in their places. It is the name, with the place of a card that has equals.
	pub id: String,
	/// Its name.
	pub name: String,
	/// `vulkan`, `metal`, ...
	pub backend: String,
	/// `DiscreteGpu`, `Cpu`, ...
	pub kind: String,
	/// The driver and its version.
	pub driver: String,
	/// The place of the card on the PCI bus; empty if it has none.
	pub bus: String,
	/// Its memory in bytes; `None` if that cannot be told.
	pub memory_bytes: Option<u64>,
	/// The longest buffer that it binds, in bytes.
	pub max_buffer_bytes: u64,
}

impl AdapterSummary {
	fn of(adapter: &wgpu::Adapter) -> Self {
		let info = adapter.get_info();
		Self {
			id: info.name.clone(),
			name: info.name,
			backend: info.backend.to_string(),
			kind: format!("{:?}", info.device_type),
			driver: format!("{} {}", info.driver, info.driver_info).trim().to_owned(),
			bus: info.device_pci_bus_id,
			memory_bytes: memory::device_bytes(adapter),
			max_buffer_bytes: max_buffer_bytes(&adapter.limits()),
		}
	}

	/// Whether it is no hardware, but a program that computes on the CPU.
	pub fn is_software(&self) -> bool {
		self.kind == "Cpu"
	}
}

/// The longest buffer that can be made and bound.
pub(crate) fn max_buffer_bytes(limits: &wgpu::Limits) -> u64 {
	limits.max_storage_buffer_binding_size.min(limits.max_buffer_size)
}

/// How full the device's memory may get, in percent of what the driver grants: above that a buffer
/// is refused, where otherwise the device could be lost in the middle of a job.
const MEMORY_PERCENT: u8 = 95;

/// All adapters with their summaries; hardware first, equal cards by their place.
pub(crate) fn adapters() -> Vec<(wgpu::Adapter, AdapterSummary)> {
	let mut descriptor = InstanceDescriptor::new_without_display_handle();
	descriptor.memory_budget_thresholds = MemoryBudgetThresholds {
		for_resource_creation: Some(MEMORY_PERCENT),
		for_device_loss: None,
	};
	let instance = Instance::new(descriptor);
	let found = pollster::block_on(instance.enumerate_adapters(Backends::all()));
	let mut adapters: Vec<(wgpu::Adapter, AdapterSummary)> = found
		.into_iter()
		.map(|adapter| {
			let summary = AdapterSummary::of(&adapter);
			(adapter, summary)
		})
		.collect();
	adapters.sort_by_key(|(_, summary)| (summary.is_software(), summary.bus.clone()));
	name(adapters.iter_mut().map(|(_, summary)| summary).collect());
	adapters
}

/// Gives adapters of one name different ids: by their place where they have one, by number where not.
fn name(mut adapters: Vec<&mut AdapterSummary>) {
	let mut seen = HashSet::new();
	let names: Vec<String> = adapters.iter().map(|adapter| adapter.name.clone()).collect();
	for adapter in &mut adapters {
		let equals = names.iter().filter(|name| **name == adapter.name).count();
		if equals > 1 && !adapter.bus.is_empty() {
			adapter.id = format!("{} at {}", adapter.name, adapter.bus);
		}
		let plain = adapter.id.clone();
		let mut number = 1;
		while !seen.insert(adapter.id.clone()) {
			number += 1;
			adapter.id = format!("{plain} #{number}");
		}
	}
}

/// All adapters; hardware first.
pub fn list() -> Vec<AdapterSummary> {
	adapters().into_iter().map(|(_, summary)| summary).collect()
}

/// Chooses the adapter that is called `wanted`, or whose id contains it, in any case of letters;
/// without a name the first.
pub(crate) fn choose<'a, T>(
	adapters: &'a [(T, AdapterSummary)],
	wanted: Option<&str>,
) -> Result<&'a (T, AdapterSummary), GpuError> {
	let wanted = wanted.unwrap_or_default().to_lowercase();
	let ids = || {
		let ids: Vec<&str> = adapters.iter().map(|(_, summary)| summary.id.as_str()).collect();
		ids.join(", ")
	};
	let missing = || GpuError::NoAdapter { wanted: wanted.clone(), found: ids() };
	if wanted.is_empty() {
		return adapters.first().ok_or_else(missing);
	}
	let called = |(_, summary): &&(T, AdapterSummary)| summary.id.to_lowercase() == wanted;
	if let Some(adapter) = adapters.iter().find(called) {
		return Ok(adapter);
	}
	let mut containing =
		adapters.iter().filter(|(_, summary)| summary.id.to_lowercase().contains(&wanted));
	match (containing.next(), containing.next()) {
		(Some(adapter), None) => Ok(adapter),
		(Some(_), Some(_)) => Err(GpuError::Ambiguous { wanted: wanted.clone(), found: ids() }),
		(None, _) => Err(missing()),
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	fn adapter(name: &str, bus: &str) -> AdapterSummary {
		AdapterSummary {
			id: name.to_owned(),
			name: name.to_owned(),
			backend: "vulkan".to_owned(),
			kind: "DiscreteGpu".to_owned(),
			driver: String::new(),
			bus: bus.to_owned(),
			memory_bytes: None,
			max_buffer_bytes: 0,
		}
	}

	fn ids(cards: &[(&str, &str)]) -> Vec<String> {
		let mut adapters: Vec<_> = cards.iter().map(|(name, bus)| adapter(name, bus)).collect();
		name(adapters.iter_mut().collect());
		adapters.into_iter().map(|adapter| adapter.id).collect()
	}

	#[test]
	fn equal_cards_are_told_apart_by_their_place() {
		let cards = [("H100", "0000:01:00.0"), ("H100", "0000:41:00.0"), ("L4", "0000:02:00.0")];
		assert_eq!(ids(&cards), ["H100 at 0000:01:00.0", "H100 at 0000:41:00.0", "L4"]);
		// One card under two drivers, and cards without a place.
		let cards = [("L4", "0000:01:00.0"), ("L4", "0000:01:00.0"), ("soft", ""), ("soft", "")];
		let expected = ["L4 at 0000:01:00.0", "L4 at 0000:01:00.0 #2", "soft", "soft #2"];
		assert_eq!(ids(&cards), expected);
	}

	#[test]
	fn a_name_that_several_have_chooses_none_of_them() {
		let cards = ["H100 at 0000:01:00.0", "H100 at 0000:41:00.0", "L4", "L40"];
		let adapters: Vec<_> = cards.iter().map(|id| ((), adapter(id, ""))).collect();
		let chosen = |wanted| choose(&adapters, wanted).map(|(_, summary)| summary.id.as_str());
		assert_eq!(chosen(None), Ok(cards[0]));
		assert_eq!(chosen(Some("h100 AT 0000:41:00.0")), Ok(cards[1]));
		assert_eq!(chosen(Some(":41:")), Ok(cards[1]));
		assert_eq!(chosen(Some("l4")), Ok("L4"), "an id comes before what contains it");
		assert!(matches!(chosen(Some("h100")), Err(GpuError::Ambiguous { .. })));
		assert!(matches!(chosen(Some("A100")), Err(GpuError::NoAdapter { .. })));
	}
}
