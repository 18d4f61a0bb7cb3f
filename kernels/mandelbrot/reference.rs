//! The Mandelbrot set with 64-bit products.

use crate::bytes::round_up;

const FRACTION: u32 = 28;

/// x · y, rounded towards zero, in 4.28 fixed point.
fn multiply(x: i32, y: i32) -> i32 {
	let product = u64::from(x.unsigned_abs()) * u64::from(y.unsigned_abs());
	let magnitude = (product >> FRACTION) as i32;
	if (x ^ y) < 0 {
		magnitude.wrapping_neg()
	} else {
		magnitude
	}
}

fn escape(cx: i32, cy: i32, iterations: u32) -> u32 {
	let (mut zx, mut zy) = (0i32, 0i32);
	for n in 0..iterations {
		if zx.wrapping_abs() >= 2 << FRACTION || zy.wrapping_abs() >= 2 << FRACTION {
			return n;
		}
		let (xx, yy) = (multiply(zx, zx), multiply(zy, zy));
		if (xx as u32).wrapping_add(yy as u32) >= 4 << FRACTION {
			return n;
		}
		zy = multiply(zx, zy).wrapping_mul(2).wrapping_add(cy);
		zx = xx.wrapping_sub(yy).wrapping_add(cx);
	}
	iterations
}

/// Parameters width, height, left, top, step, iterations; one word a pixel.
pub fn run(parameters: &[u32], _inputs: &[Vec<u32>]) -> Vec<Vec<u32>> {
	let [width, height, left, top, step, iterations] = [0, 1, 2, 3, 4, 5].map(|i| parameters[i]);
	let mut escapes = vec![0u32; round_up((width * height) as usize, 256)];
	for at in 0..width * height {
		let cx = left.wrapping_add((at % width).wrapping_mul(step)) as i32;
		let cy = top.wrapping_add((at / width).wrapping_mul(step)) as i32;
		escapes[at as usize] = escape(cx, cy, iterations);
	}
	vec![escapes]
}
