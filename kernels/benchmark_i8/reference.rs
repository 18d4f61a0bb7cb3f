//! The chains, one product after another, on rows of int8.

/// Rows and columns of a matrix.
const SIDE: usize = 64;

type Matrix = Vec<[i8; SIDE]>;

/// MurmurHash3's finaliser.
fn spread(mut word: u32) -> u32 {
	for (shift, factor) in [(16, 0x85eb_ca6b), (13, 0xc2b2_ae35u32)] {
		word = (word ^ word >> shift).wrapping_mul(factor);
	}
	word ^ word >> 16
}

/// Word `word` of row `row`, four columns, is placed at the vector and component that it has on devices.
fn place(row: usize, word: usize) -> (usize, usize) {
	(word * 16 + row / 4, row % 4)
}

/// The matrix whose vectors come from four words of the seed.
fn first(chain: u32, seed: &[u32]) -> Matrix {
	let mut matrix = vec![[0; SIDE]; SIDE];
	for (row, columns) in matrix.iter_mut().enumerate() {
		for (word, four) in columns.chunks_mut(4).enumerate() {
			let (vector, component) = place(row, word);
			let salt = spread(spread(chain).wrapping_add(vector as u32));
			let bytes = spread(seed[component] ^ salt).to_le_bytes();
			four.iter_mut().zip(bytes).for_each(|(to, from)| *to = from as i8);
		}
	}
	matrix
}

/// Bits 8 to 15 of the products of all rows of one with all rows of the other.
fn product(newer: &Matrix, older: &Matrix) -> Matrix {
	let element = |row: &[i8; SIDE], other: &[i8; SIDE]| {
		let products = row.iter().zip(other).map(|(a, b)| i32::from(*a) * i32::from(*b));
		(products.sum::<i32>() >> 8) as i8
	};
	let row = |row: &[i8; SIDE]| std::array::from_fn(|column| element(row, &older[column]));
	newer.iter().map(row).collect()
}

fn digest(matrix: &Matrix) -> [u32; 4] {
	let mut parts = vec![[0; 4]; 256];
	for (row, columns) in matrix.iter().enumerate() {
		for (word, four) in columns.chunks(4).enumerate() {
			let (vector, component) = place(row, word);
			let bytes = std::array::from_fn(|byte| four[byte] as u8);
			parts[vector][component] = u32::from_le_bytes(bytes);
		}
	}
	let part = |words: &[u32; 4]| words.iter().fold(0, |part, word| spread(part ^ word));
	std::array::from_fn(|number| {
		let quarter = parts[number * 64..(number + 1) * 64].iter().map(part);
		quarter.fold(number as u32, |digest, part| spread(digest ^ part))
	})
}

/// Parameters chains, eight words of the seed, rounds; output four words for each chain.
pub fn run(parameters: &[u32], _: &[Vec<u32>]) -> Vec<Vec<u32>> {
	let (seed, rounds) = (&parameters[1..9], parameters[9]);
	let chain = |chain| {
		let (mut older, mut newer) = (first(chain, &seed[..4]), first(chain, &seed[4..]));
		for _ in 0..rounds {
			let next = product(&newer, &older);
			(older, newer) = (newer, next);
		}
		digest(&newer)
	};
	vec![(0..parameters[0]).flat_map(chain).collect()]
}
