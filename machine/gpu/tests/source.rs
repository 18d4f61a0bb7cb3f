//! The compiler against another: random WGSL, compiled to a program and run on the VM and the device,
//! computes what the device makes of the text itself.

use mutirao_machine_gpu::{
	conformance::{check_random_source, random_source, Verdict},
	Gpu,
};

/// Sources that are compared in a test run.
const SOURCES: u64 = 300;

#[test]
fn random_sources_mean_what_the_devices_own_compiler_says() {
	let gpu = Gpu::open(None).expect("there is a Vulkan adapter, hardware or software");
	let mut too_large = 0;
	for seed in 0..SOURCES {
		match check_random_source(&gpu, seed) {
			Some(Verdict::Equal) => {}
			Some(verdict) => panic!("seed {seed}: {verdict:?}\n{}", random_source(seed)),
			None => too_large += 1,
		}
	}
	println!("{SOURCES} sources, {too_large} exceed a limit");
	assert!(too_large < SOURCES / 4);
}
