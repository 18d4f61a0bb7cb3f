//! How much memory an adapter has.

/// Vulkan's flag of a heap that is the device's own.
const DEVICE_LOCAL: u32 = 1;

/// The largest heap of the device's own memory, in bytes; `None` if it cannot be told. Memory that
/// is in use by others counts too.
#[expect(
	unsafe_code,
	reason = "wgpu tells the size of no heap; Vulkan does, through its raw handles"
)]
pub(crate) fn device_bytes(adapter: &wgpu::Adapter) -> Option<u64> {
	// SAFETY: the handle is only read from, while the guard that keeps it alive is held.
	let vulkan = unsafe { adapter.as_hal::<wgpu::hal::api::Vulkan>() }?;
	let instance = vulkan.shared_instance().raw_instance();
	// SAFETY: the physical device is of this instance; both live as long as the guard.
	let properties =
		unsafe { instance.get_physical_device_memory_properties(vulkan.raw_physical_device()) };
	let heaps = properties.memory_heaps.iter().take(properties.memory_heap_count as usize);
	heaps.filter(|heap| heap.flags.as_raw() & DEVICE_LOCAL != 0).map(|heap| heap.size).max()
}
