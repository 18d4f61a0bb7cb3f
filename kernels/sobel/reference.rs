//! The Sobel operator, pixel by pixel.

use crate::bytes::{bytes, round_up, words};

/// Parameters width, height; input and output are bytes, row by row.
pub fn run(parameters: &[u32], inputs: &[Vec<u32>]) -> Vec<Vec<u32>> {
	let [width, height] = [0, 1].map(|i| parameters[i] as usize);
	let image = bytes(&inputs[0]);
	let pixel = |x: isize, y: isize| {
		let x = x.clamp(0, width as isize - 1) as usize;
		let y = y.clamp(0, height as isize - 1) as usize;
		i32::from(image[y * width + x])
	};
	let mut edges = vec![0u8; round_up(width * height, 256)];
	for (at, edge) in edges.iter_mut().enumerate().take(width * height) {
		let (x, y) = ((at % width) as isize, (at / width) as isize);
		let mut gx = 0;
		let mut gy = 0;
		for (step, weight) in [(-1, 1), (0, 2), (1, 1)] {
			gx += weight * (pixel(x + 1, y + step) - pixel(x - 1, y + step));
			gy += weight * (pixel(x + step, y + 1) - pixel(x + step, y - 1));
		}
		*edge = (gx.abs() + gy.abs()).min(255) as u8;
	}
	vec![words(&edges)]
}
