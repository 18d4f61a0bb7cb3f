//! The device of this machine, hardware or software, computes what the VM computes, feature by
//! feature. Random programs are in machine/differential.

use mutirao_machine_gpu::{
	conformance::{feature_names, features, Verdict},
	Gpu,
};

#[test]
fn every_feature_is_equal_to_the_vm() {
	let gpu = Gpu::open(None).expect("there is a Vulkan adapter, hardware or software");
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
