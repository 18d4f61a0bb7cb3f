//! The network, one record after another.

use crate::bytes::{int8, round_up};

/// bias[o] + input · row o of the weights, for every o.
fn product(input: &[i8], weights: &[i8], bias: &[u32]) -> Vec<i32> {
	let mut sums = Vec::new();
	for (output, bias) in bias.iter().enumerate() {
		let row = &weights[output * input.len()..(output + 1) * input.len()];
		let products = input.iter().zip(row).map(|(x, w)| i32::from(*x) * i32::from(*w));
		sums.push(products.fold(*bias as i32, i32::wrapping_add));
	}
	sums
}

/// ReLU, then a rounded right shift, at most 127.
fn requantise(sum: i32, shift: u32) -> i8 {
	if sum <= 0 {
		return 0;
	}
	let rounded = sum.wrapping_add((1 << shift) >> 1) >> shift;
	// A sum near i32::MAX wraps when it is rounded; the pack clamps it like any other.
	rounded.clamp(-128, 127) as i8
}

/// Parameters batch, inputs, hidden, classes, shift; outputs class scores and classes.
pub fn run(parameters: &[u32], inputs: &[Vec<u32>]) -> Vec<Vec<u32>> {
	let [batch, width, hidden, classes] = [0, 1, 2, 3].map(|i| parameters[i] as usize);
	let (images, hidden_weights) = (int8(&inputs[0]), int8(&inputs[1]));
	let class_weights = int8(&inputs[3]);
	let mut scores = vec![0u32; round_up(batch * classes, 64)];
	let mut winners = vec![0u32; round_up(batch, 64)];
	for record in 0..batch {
		let image = &images[record * width..(record + 1) * width];
		let sums = product(image, &hidden_weights, &inputs[2][..hidden]);
		let activations: Vec<i8> =
			sums.into_iter().map(|sum| requantise(sum, parameters[4])).collect();
		let sums = product(&activations, &class_weights, &inputs[4][..classes]);
		let mut winner = 0;
		for (class, score) in sums.iter().enumerate() {
			scores[record * classes + class] = *score as u32;
			if *score > sums[winner] {
				winner = class;
			}
		}
		winners[record] = winner as u32;
	}
	vec![scores, winners]
}
