//! The device of this machine, hardware or software, computes what the VM computes.

use std::sync::atomic::{AtomicU64, Ordering};

use mutirao_machine_gpu::{
	conformance::{feature_names, features, random_case, Verdict},
	Gpu,
};

fn open() -> Gpu {
	Gpu::open(None).expect("there is a Vulkan adapter, hardware or software")
}

#[test]
fn every_feature_is_equal_to_the_vm() {
	let gpu = open();
	let mut checked = 0;
	let mut wrong = Vec::new();
	features(&gpu, |name, verdict| {
		checked += 1;
		if *verdict != Verdict::Equal {
			wrong.push(format!("{name}: {verdict:?}"));
		}
	});
	assert!(wrong.is_empty(), "{wrong:#?}");
	assert_eq!(checked, feature_names().count());
}

/// At least 2,000 random programs; those that fault on the VM do not count.
#[test]
fn random_programs_are_equal_to_the_vm() {
	const WANTED: u64 = 2_000;
	let gpu = open();
	let (seed, equal) = (AtomicU64::new(0), AtomicU64::new(0));
	let work = || {
		while equal.load(Ordering::Relaxed) < WANTED {
			let seed = seed.fetch_add(1, Ordering::Relaxed);
			match random_case(&gpu, seed) {
				Verdict::Equal => {
					equal.fetch_add(1, Ordering::Relaxed);
				}
				Verdict::NotRun(_) => assert!(seed < 3 * WANTED, "too many programs do not run"),
				verdict => panic!("seed {seed}: {verdict:?}"),
			}
		}
	};
	std::thread::scope(|scope| {
		for _ in 0..2 {
			scope.spawn(work);
		}
	});
	println!("{} programs, {} seeds", equal.into_inner(), seed.into_inner());
}
