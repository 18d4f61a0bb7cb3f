//! Kernels of the catalogue.

use criterion::Criterion;
use mutirao_machine_guest::handwritten;
use mutirao_machine_wasm::{request, Guest};

use crate::{kernel::compiled, Samples};

struct Benchmark {
	name: &'static str,
	parameters: &'static [u32],
	workgroup: u32,
	/// The number and size of the handwritten counterpart of one workgroup.
	handwritten: (u32, u32),
}

const BENCHMARKS: [Benchmark; 3] = [
	Benchmark {
		name: "gemm_i8",
		parameters: &[16, 16, 1024],
		workgroup: 0,
		handwritten: (handwritten::GEMM, 1024),
	},
	Benchmark {
		name: "sha256",
		parameters: &[64, 64],
		workgroup: 0,
		handwritten: (handwritten::SHA256, 64),
	},
	Benchmark {
		name: "sobel",
		parameters: &[256, 16],
		workgroup: 5,
		handwritten: (handwritten::SOBEL, 256),
	},
];

/// Runs them and returns the steps of each.
pub(crate) fn run(
	criterion: &mut Criterion,
	guest: &mut Guest,
	samples: &Samples,
) -> Vec<(&'static str, u64)> {
	BENCHMARKS
		.iter()
		.map(|benchmark| {
			let name = benchmark.name;
			let program = compiled(name).program;
			let summary = program.summary(benchmark.parameters).expect("its parameters fit");
			let pass = &summary.passes[0];
			let inputs: Vec<Vec<u8>> = pass
				.slots
				.iter()
				.map(|slot| match slot.slice_words {
					None => handwritten::bytes(slot.words as usize * 4, 5),
					Some(_) => Vec::new(),
				})
				.collect();
			let slots: Vec<&[u8]> = inputs.iter().map(Vec::as_slice).collect();
			let request =
				request(&program, benchmark.parameters, pass, benchmark.workgroup, &slots);
			let steps = crate::both(criterion, guest, samples, name, &request);
			let by_hand = format!("{name}/handwritten");
			let (number, size) = benchmark.handwritten;
			criterion.bench_function(&by_hand, |bencher| {
				bencher.iter_custom(|iterations| {
					samples.time(&by_hand, iterations, || {
						guest.handwritten(number, size, iterations as u32).expect("no trap");
					})
				});
			});
			(name, steps)
		})
		.collect()
}

/// Prints their figures.
pub(crate) fn report(samples: &Samples, benchmarks: &[(&'static str, u64)]) {
	for (name, steps) in benchmarks {
		let time = |way: &str| samples.nanoseconds(&format!("{name}/{way}"));
		for way in ["native", "wasm"] {
			let rate = *steps as f64 * 1e3 / time(way);
			crate::report(&format!("machine/{name}/{way}"), rate, "million steps/s");
		}
		// For gemm_i8, a 16 x 16 tile with K = 1024.
		crate::report(&format!("machine/{name}/wasm_workgroup"), time("wasm") / 1e6, "ms");
		let ratio = time("wasm") / time("handwritten");
		crate::report(&format!("machine/{name}/wasm_to_handwritten"), ratio, "ratio");
	}
}
