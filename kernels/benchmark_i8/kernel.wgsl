// Chains of dependent int8 matrix products, to measure a device: each workgroup makes one chain.
//
// Two 64 × 64 matrices come from the seed and the chain's number. Every round multiplies the newer of
// the last two by the transposed older one and keeps bits 8 to 15 of each sum: a product of the next
// round needs all of this one, and no two chains share any. The chain's slice is a digest of its last
// matrix.
//
// A matrix is 256 vectors in workgroup memory: component i of vector 16 * c + g holds the columns
// 4 * c to 4 * c + 3 of row 4 * g + i. Each invocation makes 4 × 4 sums, which are one such vector.

struct Params {
	// 256 bits, different for each provider, offer and window.
	seed0: u32,
	seed1: u32,
	seed2: u32,
	seed3: u32,
	seed4: u32,
	seed5: u32,
	seed6: u32,
	seed7: u32,
	// Products in a chain.
	rounds: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> digests: array<u32>;

// Vectors of one matrix.
const MATRIX = 256u;

var<workgroup> matrices: array<vec4<u32>, 768>;
var<workgroup> parts: array<u32, 256>;

// A permutation of the words that spreads every bit over all (the finaliser of MurmurHash3).
fn spread(word: u32) -> u32 {
	var x = word;
	x = (x ^ (x >> 16u)) * 0x85ebca6bu;
	x = (x ^ (x >> 13u)) * 0xc2b2ae35u;
	return x ^ (x >> 16u);
}

// Adds the products of a row's four columns and those of four other rows to their sums.
fn multiply(sums: vec4<i32>, row: u32, others: vec4<u32>) -> vec4<i32> {
	return vec4(
		sums.x + dot4I8Packed(row, others.x),
		sums.y + dot4I8Packed(row, others.y),
		sums.z + dot4I8Packed(row, others.z),
		sums.w + dot4I8Packed(row, others.w),
	);
}

// Bits 8 to 15 of four sums.
fn middle(sums: vec4<i32>) -> u32 {
	return pack4xI8(vec4(sums.x >> 8u, sums.y >> 8u, sums.z >> 8u, sums.w >> 8u));
}

@compute @workgroup_size(256)
fn main(
	@builtin(workgroup_id) chain: vec3<u32>,
	@builtin(local_invocation_index) index: u32,
) {
	let place = spread(spread(chain.x) + index);
	matrices[index] = vec4(
		spread(params.seed0 ^ place),
		spread(params.seed1 ^ place),
		spread(params.seed2 ^ place),
		spread(params.seed3 ^ place),
	);
	matrices[MATRIX + index] = vec4(
		spread(params.seed4 ^ place),
		spread(params.seed5 ^ place),
		spread(params.seed6 ^ place),
		spread(params.seed7 ^ place),
	);
	workgroupBarrier();

	// Rows 4 * group of the newer matrix, and of the older one.
	let group = index % 16u;
	let other = index / 16u;
	var older = 0u;
	var newer = MATRIX;
	var next = 2u * MATRIX;
	for (var round = 0u; round < params.rounds; round++) {
		let rows = newer + group;
		let others = older + other;
		var sums0 = vec4<i32>();
		var sums1 = vec4<i32>();
		var sums2 = vec4<i32>();
		var sums3 = vec4<i32>();
		for (var c = 0u; c < 16u; c++) {
			let x = matrices[rows + c * 16u];
			let y = matrices[others + c * 16u];
			sums0 = multiply(sums0, x.x, y);
			sums1 = multiply(sums1, x.y, y);
			sums2 = multiply(sums2, x.z, y);
			sums3 = multiply(sums3, x.w, y);
		}
		// Columns 4 * other of rows 4 * group: vector 16 * other + group, which is `index`.
		matrices[next + index] = vec4(middle(sums0), middle(sums1), middle(sums2), middle(sums3));
		workgroupBarrier();
		let free = older;
		older = newer;
		newer = next;
		next = free;
	}

	let last = matrices[newer + index];
	parts[index] = spread(spread(spread(spread(last.x) ^ last.y) ^ last.z) ^ last.w);
	workgroupBarrier();
	if index < 4u {
		var digest = index;
		for (var i = 0u; i < 64u; i++) {
			digest = spread(digest ^ parts[index * 64u + i]);
		}
		digests[chain.x * 4u + index] = digest;
	}
}
