// C = A · B for int8 matrices, accumulated in i32.
//
// A is row-major (m rows of k bytes) and B is given transposed (n rows of k bytes), so that both
// are read along k, sixteen int8 at a time. C is tile-major: each workgroup owns one 16 × 16 tile,
// stored row by row.

struct Params {
	// Bytes in a row of A and of transposed B, a multiple of 16.
	k: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> a: array<vec4<u32>>;
@group(0) @binding(2) var<storage, read> b: array<vec4<u32>>;
@group(0) @binding(3) var<storage, read_write> c: array<i32>;

const TILE = 16u;

@compute @workgroup_size(TILE, TILE)
fn main(
	@builtin(workgroup_id) tile: vec3<u32>,
	@builtin(num_workgroups) tiles: vec3<u32>,
	@builtin(local_invocation_id) local: vec3<u32>,
	@builtin(local_invocation_index) index: u32,
) {
	let vectors = params.k / 16u;
	let a_row = (tile.y * TILE + local.y) * vectors;
	let b_row = (tile.x * TILE + local.x) * vectors;

	var sum = 0i;
	for (var i = 0u; i < vectors; i++) {
		let x = a[a_row + i];
		let y = b[b_row + i];
		sum += dot4I8Packed(x.x, y.x);
		sum += dot4I8Packed(x.y, y.y);
		sum += dot4I8Packed(x.z, y.z);
		sum += dot4I8Packed(x.w, y.w);
	}

	c[(tile.y * tiles.x + tile.x) * (TILE * TILE) + index] = sum;
}
