//! Steps per second of the VM, native and in WASM, and beside it the same computation written by
//! hand in Rust, in the same WASM module; then, on a GPU, the lowered kernels beside the WGSL that
//! they come from. `scripts/bench machine`; the last lines are JSON, one for each figure.

mod catalogue;
mod classes;
mod fixed;
mod gpu;
mod kernel;
mod worst;

use std::{
	cell::RefCell,
	collections::BTreeMap,
	time::{Duration, Instant},
};

use criterion::{Criterion, Throughput};
use mutirao_machine_guest::{prepare, Request};
use mutirao_machine_wasm::Guest;

/// Nanoseconds of one iteration, by benchmark: all samples of the run.
#[derive(Default)]
pub(crate) struct Samples(RefCell<BTreeMap<String, Vec<f64>>>);

impl Samples {
	/// Times `work`, which is given a number of iterations.
	pub(crate) fn time(&self, name: &str, iterations: u64, work: impl FnOnce()) -> Duration {
		let start = Instant::now();
		work();
		let taken = start.elapsed();
		let each = taken.as_nanos() as f64 / iterations as f64;
		self.0.borrow_mut().entry(name.into()).or_default().push(each);
		taken
	}

	/// The median.
	pub(crate) fn nanoseconds(&self, name: &str) -> f64 {
		let mut samples = self.0.borrow().get(name).cloned().unwrap_or_default();
		samples.sort_by(f64::total_cmp);
		samples.get(samples.len() / 2).copied().unwrap_or(f64::NAN)
	}
}

/// Prints a figure as a line of JSON.
pub(crate) fn report(name: &str, value: f64, unit: &str) {
	// Those that a filter left out have no value.
	if !value.is_finite() {
		return;
	}
	println!(r#"{{"name":"{name}","value":{value:.3},"unit":"{unit}"}}"#);
}

/// Benchmarks a request natively and in WASM and returns the steps of one run.
pub(crate) fn both(
	criterion: &mut Criterion,
	guest: &mut Guest,
	samples: &Samples,
	name: &str,
	request: &Request,
) -> u64 {
	let prepared = prepare(request).expect("the request fits");
	let steps = prepared.run().expect("the program runs").steps;
	let mut group = criterion.benchmark_group(name);
	group.throughput(Throughput::Elements(steps));
	let native = format!("{name}/native");
	group.bench_function("native", |bencher| {
		bencher.iter_custom(|iterations| {
			samples.time(&native, iterations, || {
				for _ in 0..iterations {
					std::hint::black_box(prepared.run().expect("runs"));
				}
			})
		});
	});
	let wasm = format!("{name}/wasm");
	group.bench_function("wasm", |bencher| {
		bencher.iter_custom(|iterations| {
			samples.time(&wasm, iterations, || {
				let done = guest.repeat(request, iterations as u32).expect("no trap");
				assert_eq!(done, steps, "the same steps as natively");
			})
		});
	});
	group.finish();
	steps
}

fn main() {
	let mut criterion = Criterion::default()
		.sample_size(12)
		.warm_up_time(Duration::from_millis(150))
		.measurement_time(Duration::from_millis(500))
		.without_plots()
		.configure_from_args();
	let samples = Samples::default();
	let mut guest = Guest::new().expect("the guest starts");
	let catalogue = catalogue::run(&mut criterion, &mut guest, &samples);
	let classes = classes::run(&mut criterion, &mut guest, &samples);
	let worst = worst::run(&mut criterion, &mut guest, &samples);
	fixed::run(&mut criterion, &mut guest, &samples);
	criterion.final_summary();
	let gpu = gpu::run();
	catalogue::report(&samples, &catalogue);
	classes::report(&samples, &classes);
	worst::report(&samples, &worst);
	fixed::report(&samples);
	gpu::report(&gpu);
}
