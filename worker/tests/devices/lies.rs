//! Self-checks find what a device computes wrong.

use std::time::Duration;

use mutirao_machine_core::Program;
use mutirao_machine_prover::{Check, Computed, Error};
use mutirao_worker::gpu::{
	faulty::{liar, Lie},
	self_check, SelfCheck, VmDevice,
};

use crate::support::{computed, of_kernel, run, World};

const PARAMETERS: [u32; 5] = [70, 16, 12, 10, 7];

fn network() -> Program {
	of_kernel(mutirao_kernels::by_name("mlp_i8").unwrap())
}

async fn made_by(device: VmDevice) -> Computed {
	let world = World::new();
	let task = world.task(&network(), &PARAMETERS);
	let finished = run(&device, task.clone()).await.unwrap();
	computed(network(), &task, &finished)
}

/// Workgroups that are wrong, as pass and number.
fn wrong(computed: &Computed) -> Vec<(u16, u32)> {
	let is_wrong = |one: &mutirao_types::Workgroup| computed.check(*one).unwrap() != Check::Right;
	computed.workgroups().filter(is_wrong).map(|one| (one.pass, one.number)).collect()
}

const THOROUGH: SelfCheck = SelfCheck { samples: 2_000, budget: Duration::from_secs(60) };

#[tokio::test]
async fn an_honest_result_is_right() {
	let honest = made_by(VmDevice::new()).await;
	assert_eq!(wrong(&honest), []);
	let checked = self_check(&honest, &SelfCheck::default(), 1).unwrap();
	assert!(checked.is_right());
	assert_eq!(checked.workgroups, u64::from(SelfCheck::default().samples));
	let hasty = SelfCheck { samples: 1_000_000, budget: Duration::ZERO };
	assert_eq!(self_check(&honest, &hasty, 1).unwrap().workgroups, 1, "one is always run");
}

#[tokio::test]
async fn lies_are_found_where_they_were_told() {
	for lie in [Lie::OneWorkgroup, Lie::EarlyPass, Lie::WholeJob] {
		let lying = made_by(liar(lie)).await;
		let wrong = wrong(&lying);
		let passes = lying.summary().passes.clone();
		let last = passes.len() as u16 - 1;
		match lie {
			Lie::OneWorkgroup => assert_eq!(wrong, [(last, passes[3].workgroup_count / 2)]),
			Lie::EarlyPass => assert_eq!(wrong, [(0, passes[0].workgroup_count / 2)]),
			Lie::WholeJob => assert_eq!(wrong.len() as u32, passes[3].workgroup_count),
		}
		let checked = self_check(&lying, &THOROUGH, 5).unwrap();
		let (workgroup, check) = checked.found.expect("it is found");
		assert!(wrong.contains(&(workgroup.pass, workgroup.number)), "{workgroup:?}");
		assert!(matches!(check, Check::Wrong { .. }), "{check:?}");
		assert!(checked.wrong().is_some_and(|text| text.contains("is not the VM's")));
	}
}

#[tokio::test]
async fn bytes_that_were_not_hashed_are_an_error() {
	let world = World::new();
	let task = world.task(&network(), &PARAMETERS);
	let finished = run(&VmDevice::new(), task.clone()).await.unwrap();
	let last = finished.buffers.values().last().unwrap();
	let mut bytes = std::fs::read(&last.path).unwrap();
	bytes[0] ^= 1;
	std::fs::write(&last.path, bytes).unwrap();
	let changed = self_check(&computed(network(), &task, &finished), &THOROUGH, 5);
	assert!(matches!(changed, Err(Error::Open { .. })), "{changed:?}");
}

#[tokio::test]
async fn draws_are_weighted_by_steps() {
	// All passes but the first two have few steps: nearly all draws fall on the first.
	let honest = made_by(VmDevice::new()).await;
	let summary = honest.summary().clone();
	let share = |pass: usize| {
		let steps = summary.passes[pass].declared_steps().unwrap();
		steps as f64 / summary.declared_steps as f64
	};
	let lying = made_by(liar(Lie::WholeJob)).await;
	let one = SelfCheck { samples: 1, budget: Duration::from_secs(60) };
	let found = (0..2_000).filter(|seed| !self_check(&lying, &one, *seed).unwrap().is_right());
	let (found, expected) = (found.count() as f64 / 2_000.0, share(3));
	assert!((found - expected).abs() < 0.04, "{found} of draws fall on a pass with {expected}");
}
