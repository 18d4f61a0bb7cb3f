//! The same computations as plain Rust loops: what a native pallet could at best do.

use alloc::{vec, vec::Vec};
use core::hint::black_box;

/// A 16 × 16 tile of an int8 product with rows of `size` bytes.
pub const GEMM: u32 = 0;
/// 64 SHA-256 digests of `size` bytes each.
pub const SHA256: u32 = 1;
/// The Sobel operator on 256 pixels of a row of `size` pixels.
pub const SOBEL: u32 = 2;

/// Computes one of them so many times; returns the sum of the last result's words.
pub fn repeat(kernel: u32, size: u32, times: u32) -> u32 {
	let size = size as usize;
	let [a, b] = [bytes(64 * size, 1), bytes(16 * size, 2)];
	let (rows, row) =
		(a.get(..16 * size).unwrap_or_default(), a.get(..3 * size).unwrap_or_default());
	let mut sum = 0;
	for _ in 0..times {
		let words = match kernel {
			GEMM => gemm(black_box(rows), black_box(&b), size),
			SHA256 => sha256(black_box(&a), size),
			_ => sobel(black_box(row), size),
		};
		sum = black_box(words).into_iter().fold(0, u32::wrapping_add);
	}
	sum
}

/// Some bytes.
pub fn bytes(len: usize, seed: u32) -> Vec<u8> {
	(0..len as u32).map(|at| (at.wrapping_mul(2_654_435_761) ^ seed) as u8).collect()
}

/// `c[y][x]` = the inner product of row `y` of `a` and row `x` of `b`.
pub fn gemm(a: &[u8], b: &[u8], k: usize) -> Vec<u32> {
	let mut c = Vec::with_capacity(256);
	for a in a.chunks_exact(k) {
		for b in b.chunks_exact(k) {
			let sum: i32 =
				a.iter().zip(b).map(|(a, b)| i32::from(*a as i8) * i32::from(*b as i8)).sum();
			c.push(sum as u32);
		}
	}
	c
}

/// Round constants of SHA-256 (FIPS 180-4, 4.2.2).
pub const ROUNDS: [u32; 64] = [
	0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
	0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
	0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
	0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
	0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
	0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
	0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
	0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
];

/// The hash's state before the first block (FIPS 180-4, 5.3.3).
pub const INITIAL: [u32; 8] = [
	0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
];

/// The SHA-256 digests of records of `size` bytes, in big-endian words.
pub fn sha256(records: &[u8], size: usize) -> Vec<u32> {
	records.chunks_exact(size).flat_map(digest).collect()
}

fn digest(record: &[u8]) -> [u32; 8] {
	let mut padded = record.to_vec();
	padded.push(0x80);
	padded.resize(padded.len().next_multiple_of(64), 0);
	if padded.len() - record.len() < 9 {
		padded.resize(padded.len() + 64, 0);
	}
	let end = padded.len();
	padded[end - 8..].copy_from_slice(&(record.len() as u64 * 8).to_be_bytes());
	let mut state = INITIAL;
	for block in padded.chunks_exact(64) {
		compress(&mut state, block);
	}
	state
}

fn compress(state: &mut [u32; 8], block: &[u8]) {
	let mut w = [0u32; 64];
	for (word, bytes) in w.iter_mut().zip(block.chunks_exact(4)) {
		*word = u32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
	}
	for t in 16..64 {
		let s0 = w[t - 15].rotate_right(7) ^ w[t - 15].rotate_right(18) ^ (w[t - 15] >> 3);
		let s1 = w[t - 2].rotate_right(17) ^ w[t - 2].rotate_right(19) ^ (w[t - 2] >> 10);
		w[t] = w[t - 16].wrapping_add(s0).wrapping_add(w[t - 7]).wrapping_add(s1);
	}
	let [mut a, mut b, mut c, mut d, mut e, mut f, mut g, mut h] = *state;
	for (k, w) in ROUNDS.iter().zip(&w) {
		let sum1 = e.rotate_right(6) ^ e.rotate_right(11) ^ e.rotate_right(25);
		let choice = (e & f) ^ (!e & g);
		let t1 = h.wrapping_add(sum1).wrapping_add(choice).wrapping_add(*k).wrapping_add(*w);
		let sum0 = a.rotate_right(2) ^ a.rotate_right(13) ^ a.rotate_right(22);
		let majority = (a & b) ^ (a & c) ^ (b & c);
		let t2 = sum0.wrapping_add(majority);
		(h, g, f, e) = (g, f, e, d.wrapping_add(t1));
		(d, c, b, a) = (c, b, a, t1.wrapping_add(t2));
	}
	for (state, add) in state.iter_mut().zip([a, b, c, d, e, f, g, h]) {
		*state = state.wrapping_add(add);
	}
}

/// `|Gx| + |Gy|` of the middle one of three rows, without its first and last pixel, at most 255.
pub fn sobel(rows: &[u8], width: usize) -> Vec<u32> {
	let at = |y: usize, x: usize| i32::from(rows[y * width + x]);
	let mut edges = vec![0; width];
	for (x, edge) in edges.iter_mut().enumerate().take(width.saturating_sub(1)).skip(1) {
		let gx = at(0, x + 1) + 2 * at(1, x + 1) + at(2, x + 1)
			- at(0, x - 1)
			- 2 * at(1, x - 1)
			- at(2, x - 1);
		let gy =
			at(2, x - 1) + 2 * at(2, x) + at(2, x + 1) - at(0, x - 1) - 2 * at(0, x) - at(0, x + 1);
		*edge = (gx.abs() + gy.abs()).min(255) as u32;
	}
	edges
}
