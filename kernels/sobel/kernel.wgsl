// Edges of a grey image: |Gx| + |Gy| of the Sobel operator, clamped to 255.
//
// Pixels are bytes, four to a word, row by row. Each invocation makes the four pixels of one word.
// Beyond the border the nearest pixel of the image counts.

struct Params {
	// In pixels, a multiple of 4.
	width: u32,
	// In pixels.
	height: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> image: array<u32>;
@group(0) @binding(2) var<storage, read_write> edges: array<u32>;

// The six pixels that the four of word `word` in row `y` need: one to the left, four, one to the
// right.
fn load_row(word: u32, y: u32) -> array<i32, 6> {
	let words = params.width / 4u;
	let row = y * words;
	let middle = unpack4xU8(image[row + word]);
	var left = middle.x;
	if word > 0u {
		left = image[row + word - 1u] >> 24u;
	}
	var right = middle.w;
	if word + 1u < words {
		right = image[row + word + 1u] & 0xffu;
	}
	return array<i32, 6>(
		i32(left), i32(middle.x), i32(middle.y), i32(middle.z), i32(middle.w), i32(right),
	);
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
	let words = params.width / 4u;
	let word = id.x % words;
	let y = id.x / words;
	if y >= params.height {
		return;
	}
	let above = load_row(word, max(y, 1u) - 1u);
	let here = load_row(word, y);
	let below = load_row(word, min(y + 1u, params.height - 1u));

	var magnitude = vec4<u32>();
	for (var i = 0u; i < 4u; i++) {
		let gx = (above[i + 2u] + 2 * here[i + 2u] + below[i + 2u])
			- (above[i] + 2 * here[i] + below[i]);
		let gy = (below[i] + 2 * below[i + 1u] + below[i + 2u])
			- (above[i] + 2 * above[i + 1u] + above[i + 2u]);
		magnitude[i] = u32(abs(gx) + abs(gy));
	}
	edges[id.x] = pack4xU8Clamp(magnitude);
}
