//! Small programs.

use mutirao_machine_core::{bytecode::Role, Program};
use mutirao_machine_testgen::LateFault;
use mutirao_machine_wgsl::{compile::compile, manifest::Manifest};
use mutirao_types::{BufferId, Quote};

/// A program, its parameters, and what the chain says of it with them.
#[derive(Clone)]
pub(crate) struct Sample {
	pub(crate) code: Vec<u8>,
	pub(crate) parameters: Vec<u32>,
	pub(crate) quote: Quote,
}

impl Sample {
	pub(crate) fn id(&self) -> [u8; 32] {
		BufferId::of(&self.code).hash
	}
}

const TWO_PASSES: &str = r#"
[program]
name = "two_passes"
[parameters]
n = { min = 64, max = 65536 }
[buffers]
x = { role = "input", words = "n" }
mid = { words = "n" }
y = { role = "output", words = "n" }
[[passes]]
entry = "first"
workgroups = ["n / 64"]
slice = { mid = "64" }
fuel = "64 * 64"
[[passes]]
entry = "second"
bind = { previous = "mid", y = "y" }
workgroups = ["n / 64"]
slice = { y = "64" }
fuel = "64 * 64"
"#;

const TWO_PASSES_SOURCE: &str = "
@group(0) @binding(0) var<storage, read> x: array<u32>;
@group(0) @binding(1) var<storage, read_write> mid: array<u32>;
@group(0) @binding(2) var<storage, read_write> y: array<u32>;
@compute @workgroup_size(64)
fn first(@builtin(global_invocation_id) id: vec3<u32>) { mid[id.x] = x[id.x] * 3u + 1u; }
@compute @workgroup_size(64)
fn second(@builtin(global_invocation_id) id: vec3<u32>) {
	// In WGSL a buffer has one access mode: what is read here is written above.
	y[id.x] = previous[id.x ^ 1u] + id.x;
}
@group(0) @binding(3) var<storage, read> previous: array<u32>;
";

const FAULTY: &str = r#"
[program]
name = "faulty"
[parameters]
n = { min = 64, max = 65536 }
[buffers]
x = { role = "input", words = "n" }
y = { role = "output", words = "n" }
[[passes]]
entry = "main"
workgroups = ["n / 64"]
slice = { y = "64" }
fuel = "64 * 64"
"#;

/// Takes more steps than it declares where the input says so.
const FAULTY_SOURCE: &str = "
@group(0) @binding(0) var<storage, read> x: array<u32>;
@group(0) @binding(1) var<storage, read_write> y: array<u32>;
@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
	var sum = 0u;
	for (var i = 0u; i < x[id.x]; i++) { sum += i; }
	y[id.x] = sum;
}
";

/// Two passes, of which the second reads what the first wrote; 128 words, two workgroups each.
pub(crate) fn two_passes() -> Sample {
	sample(TWO_PASSES, TWO_PASSES_SOURCE, vec![128])
}

/// A program that takes too many steps in workgroup 1 of its second pass, with [`inputs_of`] it.
pub(crate) fn late_fault() -> Sample {
	sample(LateFault::MANIFEST, LateFault::SOURCE, vec![128])
}

/// A program that takes too many steps in workgroup 1, with [`inputs_of`] it.
pub(crate) fn faulty_program() -> Sample {
	sample(FAULTY, FAULTY_SOURCE, vec![128])
}

/// Inputs of the right lengths. Only the last words are large.
pub(crate) fn inputs_of(program: &Sample) -> Vec<Vec<u8>> {
	let lengths = program.quote.input_bytes.iter();
	lengths
		.map(|bytes| {
			let words = (bytes / 4) as u32;
			(0..words).flat_map(|at| (at / 100 * 100_000 + at % 2).to_le_bytes()).collect()
		})
		.collect()
}

fn sample(manifest: &str, source: &str, parameters: Vec<u32>) -> Sample {
	let compiled = compile(&Manifest::parse(manifest).unwrap(), source).unwrap();
	let program = Program::new(compiled.definition).unwrap();
	let summary = program.summary(&parameters).unwrap();
	let lengths = |role| {
		let declared = program.definition().buffers.iter().zip(&summary.buffer_words);
		let of_role = declared.filter(|(buffer, _)| buffer.role == role);
		of_role.map(|(_, words)| u64::from(*words) * 4).collect::<Vec<_>>().try_into().unwrap()
	};
	let quote = Quote {
		declared_steps: summary.declared_steps,
		workgroup_steps: summary.passes.iter().map(|pass| pass.fuel).max().unwrap(),
		input_bytes: lengths(Role::Input),
		output_bytes: lengths(Role::Output),
		total_bytes: summary.buffer_words.iter().map(|words| u64::from(*words) * 4).sum(),
		written_buffers: summary.written().count() as u32,
	};
	Sample { code: program.encode(), parameters, quote }
}
