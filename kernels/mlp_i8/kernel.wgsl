// A neural network with one hidden layer, for int8 activations and weights: a product, requantised
// with ReLU, a second product, and the class with the greatest score.
//
// Matrices are row-major with four int8 to a word; every row is a whole number of words.

struct Params {
	// Records in the batch.
	batch: u32,
	// Width of the product's input and output rows, in int8 and in sums.
	inputs: u32,
	outputs: u32,
	// Right shift of the hidden sums.
	shift: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> activations: array<u32>;
@group(0) @binding(2) var<storage, read> weights: array<u32>;
@group(0) @binding(3) var<storage, read> bias: array<i32>;
@group(0) @binding(4) var<storage, read_write> sums: array<i32>;
@group(0) @binding(5) var<storage, read> scores: array<i32>;
@group(0) @binding(6) var<storage, read_write> packed: array<u32>;
@group(0) @binding(7) var<storage, read_write> classes: array<u32>;

// sums[record][output] = bias[output] + activations[record] · weights[output]
@compute @workgroup_size(64)
fn product(@builtin(global_invocation_id) id: vec3<u32>) {
	let record = id.x / params.outputs;
	let output = id.x % params.outputs;
	if record >= params.batch {
		return;
	}
	let words = params.inputs / 4u;
	let first = record * words;
	let row = output * words;
	var sum = bias[output];
	for (var i = 0u; i < words; i++) {
		sum += dot4I8Packed(activations[first + i], weights[row + i]);
	}
	sums[id.x] = sum;
}

// Four hidden sums to four int8: negative ones to 0, the others shifted right with rounding, at
// most 127.
@compute @workgroup_size(64)
fn requantise(@builtin(global_invocation_id) id: vec3<u32>) {
	if id.x >= params.batch * params.outputs / 4u {
		return;
	}
	let half = (1i << params.shift) >> 1u;
	var hidden = vec4<i32>();
	for (var i = 0u; i < 4u; i++) {
		let sum = scores[id.x * 4u + i];
		hidden[i] = select(0, min((sum + half) >> params.shift, 127), sum > 0);
	}
	packed[id.x] = pack4xI8Clamp(hidden);
}

// The first class with the greatest score.
@compute @workgroup_size(64)
fn argmax(@builtin(global_invocation_id) id: vec3<u32>) {
	let record = id.x;
	if record >= params.batch {
		return;
	}
	let first = record * params.outputs;
	var winner = 0u;
	var best = scores[first];
	for (var i = 1u; i < params.outputs; i++) {
		let score = scores[first + i];
		if score > best {
			best = score;
			winner = i;
		}
	}
	classes[record] = winner;
}
