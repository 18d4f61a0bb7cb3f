//! Registers keep words of their own, however the VM stores them: moved ones share a row until one
//! is written, and there are as many rows as registers.

mod support;

use mutirao_machine_core::bytecode::{BinaryFunction, Compare, Operation};
use support::*;

const LANES: usize = 4;
/// Registers that the test moves about: all but those that `one_pass` and the sum use.
const FREE: std::ops::RangeInclusive<u8> = 16..=255;

/// Numbers that look random, from the constants of Numerical Recipes.
struct Noise(u32);

impl Noise {
	fn below(&mut self, bound: u32) -> u32 {
		self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
		(self.0 >> 8) % bound
	}

	fn register(&mut self) -> u8 {
		FREE.start() + self.below(FREE.len() as u32) as u8
	}
}

/// Moves and additions between all registers, some of them by odd lanes only, and the words that
/// the registers then have.
fn shuffle(seed: u32) -> (Vec<Operation>, Vec<[u32; LANES]>) {
	let mut noise = Noise(seed);
	let mut words = vec![[0u32; LANES]; 256];
	words[15] = [0, 1, 2, 3];
	let mut code = vec![binary(BinaryFunction::And, 1, register(15), number(1))];
	for _ in 0..1_500 {
		let (to, from) = match noise.below(8) {
			0 => (noise.register(), 15),
			_ => (noise.register(), noise.register()),
		};
		let only_odd = noise.below(4) == 0;
		let added = noise.below(2) * noise.below(1 << 20);
		let operation = match added {
			0 => put(to, register(from)),
			added => binary(BinaryFunction::Add, to, register(from), number(added)),
		};
		if only_odd {
			let odd = when(Compare::NotEqual, register(1), number(0));
			code.extend([Operation::If(odd), operation, Operation::End]);
		} else {
			code.push(operation);
		}
		for lane in (0..LANES).filter(|lane| !only_odd || lane % 2 == 1) {
			words[usize::from(to)][lane] = words[usize::from(from)][lane].wrapping_add(added);
		}
	}
	(code, words)
}

#[test]
fn moved_registers_keep_words_of_their_own() {
	for seed in 0..40 {
		let (mut code, words) = shuffle(seed);
		let mut expected = [0u32; LANES];
		for of in FREE {
			code.push(binary(BinaryFunction::Mul, 0, register(0), number(31)));
			code.push(binary(BinaryFunction::Add, 0, register(0), register(of)));
			for (sum, word) in expected.iter_mut().zip(words[usize::from(of)]) {
				*sum = sum.wrapping_mul(31).wrapping_add(word);
			}
		}
		code.push(store(OUTPUT, register(14), register(0)));
		let mut definition = one_pass(LANES as u16, &code);
		definition.kernels[0].registers = 256;
		let run = run_with_fuel(definition, 1, 10_000_000).expect("runs");
		assert_eq!(run.slices, [expected], "seed {seed}");
	}
}
