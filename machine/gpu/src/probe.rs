//! Measures how many loop iterations a device runs.
//!
//! Some drivers stop the loops of an invocation after a number of iterations, in all its loops
//! together, and go on after the loop as if it had ended: the result is wrong and nobody says so.
//! LLVM's software rasteriser stops after 65,535. So each device counts for us once, in one long
//! loop, in two, and in nested ones; what it reaches is what programs may use. A driver that stops a
//! loop must stop the ones after it too: by that kernels find out that they were stopped.

use wgpu::BufferUsages;

use crate::{device::Gpu, error::GpuError};

const SOURCE: &str = "
@group(0) @binding(0) var<storage, read_write> counts: array<u32, 6>;

@compute @workgroup_size(1)
fn main() {
	// Limits that the compiler does not know, or it would compute the counts itself.
	let turns = counts[3];
	var once = 0u;
	for (var i = 0u; i < turns; i++) {
		once += 1u + (counts[3] - turns);
	}
	counts[0] = once;
	let few = counts[4];
	var after = 0u;
	for (var i = 0u; i < few; i++) {
		after += 1u + (counts[4] - few);
	}
	counts[5] = after;
}

@compute @workgroup_size(1)
fn two() {
	let turns = counts[3] / 2u;
	var count = 0u;
	for (var i = 0u; i < turns; i++) {
		count += 1u + (counts[3] / 2u - turns);
	}
	for (var i = 0u; i < turns; i++) {
		count += 1u + (counts[3] / 2u - turns);
	}
	counts[1] = count;
}

@compute @workgroup_size(1)
fn nested() {
	let turns = counts[3] / 1024u;
	var count = 0u;
	for (var i = 0u; i < turns; i++) {
		for (var j = 0u; j < 1024u; j++) {
			count += 1u + (counts[3] / 1024u - turns);
		}
	}
	counts[2] = count;
}
";

/// Iterations that are tried.
const TURNS: u32 = 1 << 18;
/// Iterations of the loop after one that may have been stopped.
const FEW: u32 = 4;

/// The device's limit, with a margin of 1/64 for how it counts; `None` if it ran all that were
/// tried.
pub(crate) fn loop_limit(gpu: &Gpu) -> Result<Option<u32>, GpuError> {
	let usage = BufferUsages::STORAGE | BufferUsages::COPY_SRC;
	let contents: Vec<u8> =
		[0, 0, 0, TURNS, FEW, 0].iter().flat_map(|word| word.to_le_bytes()).collect();
	let counts = gpu.buffer_with(&contents, usage);
	gpu.checked("the loop measurement", || {
		let source = wgpu::ShaderSource::Wgsl(SOURCE.into());
		let descriptor = wgpu::ShaderModuleDescriptor { label: None, source };
		let module = gpu.device.create_shader_module(descriptor);
		for entry in ["main", "two", "nested"] {
			let pipeline = gpu.pipeline(&module, entry, None);
			let layout = pipeline.get_bind_group_layout(0);
			gpu.dispatch(&pipeline, &layout, &[(0, &counts)], [1, 1, 1]);
		}
	})?;
	let bytes = gpu.read(&[&counts])?.concat();
	let word = |i: usize| {
		bytes.get(4 * i..4 * i + 4).map_or(0, |b| u32::from_le_bytes([b[0], b[1], b[2], b[3]]))
	};
	limit([0, 1, 2].map(word), word(5))
}

/// What follows from the iterations that were reached, and from those of a loop after the first.
fn limit(reached: [u32; 3], after: u32) -> Result<Option<u32>, GpuError> {
	let least = reached.into_iter().min().unwrap_or(0);
	if least < TURNS && after >= FEW {
		let reason = format!("it stopped loops after {least} iterations, and ran the next ones");
		return Err(GpuError::Refused { what: "to run loops to their end", reason });
	}
	Ok((least < TURNS).then_some(least - least / 64))
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn a_device_that_stops_loops_must_stop_the_next_ones_too() {
		assert_eq!(limit([TURNS; 3], FEW), Ok(None));
		assert_eq!(limit([65_535, 65_534, 65_101], 1), Ok(Some(65_101 - 1_017)));
		assert!(matches!(limit([65_535, TURNS, TURNS], FEW), Err(GpuError::Refused { .. })));
	}
}
