// The Mandelbrot set in fixed point: for each pixel, the iteration at which it escapes.
//
// Numbers have 4 integer bits (with the sign) and 28 fractional bits. Every operation is exact, so
// the picture is the same on every GPU, down to the last pixel of the border.

struct Params {
	// In pixels.
	width: u32,
	height: u32,
	// Left and top of the picture, and the distance of two pixels, as fixed-point numbers.
	left: i32,
	top: i32,
	step: i32,
	iterations: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> escapes: array<u32>;

const FRACTION = 28u;
const TWO = 2 << FRACTION;
const FOUR = 4u << FRACTION;

// The high and low word of x · y.
fn multiply_wide(x: u32, y: u32) -> vec2<u32> {
	let x0 = x & 0xffffu;
	let x1 = x >> 16u;
	let y0 = y & 0xffffu;
	let y1 = y >> 16u;
	let low = x0 * y0;
	let middle = x1 * y0 + (low >> 16u);
	let carry = x0 * y1 + (middle & 0xffffu);
	return vec2(x1 * y1 + (middle >> 16u) + (carry >> 16u), x * y);
}

// x · y for fixed-point numbers of magnitude, rounded towards zero.
fn multiply(x: i32, y: i32) -> i32 {
	let product = multiply_wide(u32(abs(x)), u32(abs(y)));
	let magnitude = i32((product.x << (32u - FRACTION)) | (product.y >> FRACTION));
	return select(magnitude, -magnitude, (x ^ y) < 0);
}

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
	let x = id.x % params.width;
	let y = id.x / params.width;
	if y >= params.height {
		return;
	}
	let cx = params.left + i32(x) * params.step;
	let cy = params.top + i32(y) * params.step;

	var zx = 0i;
	var zy = 0i;
	var n = 0u;
	loop {
		// |z| ≥ 2. Beyond this test both squares are below 4, and their sum below 8.
		if n >= params.iterations || abs(zx) >= TWO || abs(zy) >= TWO {
			break;
		}
		let xx = multiply(zx, zx);
		let yy = multiply(zy, zy);
		if u32(xx) + u32(yy) >= FOUR {
			break;
		}
		zy = 2 * multiply(zx, zy) + cy;
		zx = xx - yy + cx;
		n++;
	}
	escapes[id.x] = n;
}
