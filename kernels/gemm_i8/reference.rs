//! The product of two int8 matrices, the obvious way.

use crate::bytes::int8;

/// Parameters m, n, k; inputs A (m × k) and transposed B (n × k); output C in 16 × 16 tiles.
pub fn run(parameters: &[u32], inputs: &[Vec<u32>]) -> Vec<Vec<u32>> {
	let [m, n, k] = [0, 1, 2].map(|i| parameters[i] as usize);
	let (a, b) = (int8(&inputs[0]), int8(&inputs[1]));
	let mut c = vec![0u32; m * n];
	for row in 0..m {
		for column in 0..n {
			let sum: i32 = (0..k)
				.map(|i| i32::from(a[row * k + i]) * i32::from(b[column * k + i]))
				.fold(0, i32::wrapping_add);
			let tile = (row / 16) * (n / 16) + column / 16;
			c[tile * 256 + (row % 16) * 16 + column % 16] = sum as u32;
		}
	}
	vec![c]
}
