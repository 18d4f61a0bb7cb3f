//! A program that is at fault late: workgroups of its second pass run out of fuel where the first pass
//! wrote large words. What such a workgroup reads is what a provider says, not what the buyer gave.

/// Turns of a workgroup that runs out of fuel; others take up to three.
const TOO_MANY: u32 = 100_000;
/// Invocations of a workgroup, each with a word of its own.
const INVOCATIONS: u32 = 64;

/// A job of the program.
///
/// ```
/// use mutirao_machine_testgen::LateFault;
///
/// let job = LateFault { words: 128, at_fault: &[1], seed: 0 };
/// let [input, copied, sums] = job.buffers(77);
/// assert_eq!((input.len(), &input), (4 * 128, &copied));
/// // Nobody knows what is left where the program is at fault: here, 77.
/// assert_eq!(sums[4 * 64..4 * 65], 77u32.to_le_bytes());
/// ```
#[derive(Clone, Copy, Debug)]
pub struct LateFault<'a> {
	/// Words of each buffer: a multiple of 64 from 64 to 65,536. The program's only parameter.
	pub words: u32,
	/// The workgroups of the second pass that run out of fuel.
	pub at_fault: &'a [u32],
	/// Other seeds, other inputs.
	pub seed: u32,
}

impl LateFault<'_> {
	/// The program's manifest. Its buffers are the input `x`, `mid`, and the output `y`.
	pub const MANIFEST: &'static str = r#"
[program]
name = "late_fault"
source = "kernel.wgsl"

[parameters]
words = { min = 64, max = 65536 }

[buffers]
x = { role = "input", words = "words" }
mid = { words = "words" }
y = { role = "output", words = "words" }

[[passes]]
entry = "copy"
workgroups = ["words / 64"]
slice = { mid = "64" }
fuel = "64 * 64"

[[passes]]
entry = "turn"
bind = { turns = "mid", y = "y" }
workgroups = ["words / 64"]
slice = { y = "64" }
fuel = "64 * 256"
"#;

	/// The program's WGSL. In WGSL a buffer has one access mode: `turns` is `mid`, read.
	pub const SOURCE: &'static str = "
@group(0) @binding(0) var<storage, read> x: array<u32>;
@group(0) @binding(1) var<storage, read_write> mid: array<u32>;
@group(0) @binding(2) var<storage, read_write> y: array<u32>;
@group(0) @binding(3) var<storage, read> turns: array<u32>;

@compute @workgroup_size(64)
fn copy(@builtin(global_invocation_id) id: vec3<u32>) {
	mid[id.x] = x[id.x];
}

@compute @workgroup_size(64)
fn turn(@builtin(global_invocation_id) id: vec3<u32>) {
	var sum = 1u;
	for (var i = 0u; i < turns[id.x]; i++) {
		sum += i;
	}
	y[id.x] = sum;
}
";

	/// All buffers, in the program's order; `left` is what a device leaves in each word of `y` where the
	/// program is at fault.
	pub fn buffers(&self, left: u32) -> [Vec<u8>; 3] {
		let sum =
			|at| if self.is_at_fault(at) { left } else { 1 + (0..self.turns(at)).sum::<u32>() };
		[self.bytes(|at| self.turns(at)), self.bytes(|at| self.turns(at)), self.bytes(sum)]
	}

	fn is_at_fault(&self, at: u32) -> bool {
		self.at_fault.contains(&(at / INVOCATIONS))
	}

	fn turns(&self, at: u32) -> u32 {
		match self.is_at_fault(at) {
			true => TOO_MANY,
			false => at.wrapping_add(self.seed) % 4,
		}
	}

	fn bytes(&self, word: impl Fn(u32) -> u32) -> Vec<u8> {
		(0..self.words).flat_map(|at| word(at).to_le_bytes()).collect()
	}
}
