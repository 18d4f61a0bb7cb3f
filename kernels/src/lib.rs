//! The kernel catalogue.
//!
//! Each kernel is a folder with its WGSL, its manifest, a reference in plain Rust that shares no
//! code with it, and vectors. The tests hold the three equal: reference, VM and GPU.

pub mod bytes;

#[path = "../benchmark_i8/reference.rs"]
pub mod benchmark_i8;
#[path = "../gemm_i8/reference.rs"]
pub mod gemm_i8;
#[path = "../mandelbrot/reference.rs"]
pub mod mandelbrot;
#[path = "../mlp_i8/reference.rs"]
pub mod mlp_i8;
#[path = "../nearest/reference.rs"]
pub mod nearest;
#[path = "../sha256/reference.rs"]
pub mod sha256;
#[path = "../sobel/reference.rs"]
pub mod sobel;

/// Computes the outputs, in the manifest's order, from parameters and inputs in the manifest's
/// order. Inputs must have the manifest's lengths.
pub type Reference = fn(&[u32], &[Vec<u32>]) -> Vec<Vec<u32>>;

/// One kernel of the catalogue.
#[derive(Clone, Copy)]
pub struct Kernel {
	/// Its name and folder.
	pub name: &'static str,
	/// `kernel.wgsl`.
	pub source: &'static str,
	/// `manifest.toml`.
	pub manifest: &'static str,
	/// The same computation in plain Rust.
	pub reference: Reference,
	/// Parameters of small jobs that between them reach every branch.
	pub examples: &'static [&'static [u32]],
}

macro_rules! kernel {
	($name:ident, $examples:expr) => {
		Kernel {
			name: stringify!($name),
			source: include_str!(concat!("../", stringify!($name), "/kernel.wgsl")),
			manifest: include_str!(concat!("../", stringify!($name), "/manifest.toml")),
			reference: $name::run,
			examples: $examples,
		}
	};
}

/// The catalogue.
pub const KERNELS: [Kernel; 7] = [
	kernel!(gemm_i8, &[&[16, 16, 16], &[32, 48, 64], &[64, 16, 256]]),
	kernel!(mlp_i8, &[&[1, 4, 4, 1, 0], &[70, 16, 12, 10, 7], &[3, 64, 32, 5, 24]]),
	kernel!(sobel, &[&[4, 1], &[4, 3], &[64, 40], &[100, 17]]),
	kernel!(sha256, &[&[1, 0], &[1, 4], &[65, 52], &[70, 56], &[3, 64], &[130, 200]]),
	kernel!(
		nearest,
		&[&[1, 1, 4, 1], &[1, 3, 4, 8], &[3, 300, 16, 5], &[2, 1000, 64, 16], &[1, 3000, 4, 64]]
	),
	kernel!(
		mandelbrot,
		&[
			&[1, 1, 0, 0, 1, 1],
			&[32, 16, 0, 0, 0, 100],
			&[64, 48, 0xe000_0000, 0xee00_0000, 0x00c0_0000, 100],
			&[33, 9, 0xffff_0000, 0x0fff_ffff, 0x7000_0000, 20],
		]
	),
	kernel!(
		benchmark_i8,
		&[
			&[1, 0, 0, 0, 0, 0, 0, 0, 0, 1],
			&[3, 1, 2, 3, 4, 5, 6, 7, 0xffff_ffff, 2],
			&[2, 0x8000_0000, 9, 8, 7, 6, 5, 4, 3, 17],
		]
	),
];

/// The kernel of this name.
pub fn by_name(name: &str) -> Option<&'static Kernel> {
	KERNELS.iter().find(|kernel| kernel.name == name)
}
