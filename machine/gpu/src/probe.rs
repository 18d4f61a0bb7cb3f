//! Measures how many loop iterations a device runs.
//!
//! Some drivers stop the loops of an invocation after a number of iterations, in all its loops
//! together, and go on after the loop as if it had ended: the result is wrong and nobody says so.
//! LLVM's software rasteriser stops after 65,535. So each device counts for us once, in one long
//! loop, in two, and in nested ones; what it reaches is what programs may use.

use wgpu::BufferUsages;

use crate::{device::Gpu, error::GpuError};

const SOURCE: &str = "
@group(0) @binding(0) var<storage, read_write> counts: array<u32, 4>;

@compute @workgroup_size(1)
fn main() {
	// Limits that the compiler does not know, or it would compute the counts itself.
	let turns = counts[3];
	var once = 0u;
	for (var i = 0u; i < turns; i++) {
		once += 1u + (counts[3] - turns);
	}
	counts[0] = once;
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

/// The device's limit, with a margin of 1/64 for how it counts; `None` if it ran all that were
/// tried.
pub(crate) fn loop_limit(gpu: &Gpu) -> Result<Option<u32>, GpuError> {
	let usage = BufferUsages::STORAGE | BufferUsages::COPY_SRC;
	let contents: Vec<u8> = [0, 0, 0, TURNS].iter().flat_map(|word| word.to_le_bytes()).collect();
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
	let reached = (0..3).map(word).min().unwrap_or(0);
	Ok((reached < TURNS).then_some(reached - reached / 64))
}
