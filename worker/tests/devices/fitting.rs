//! What a device cannot run is refused, with who is at fault.

use mutirao_machine_prover::Check;
use mutirao_worker::gpu::{Device, DeviceError, Unfit, VmDevice};

use crate::support::{bytes, computed, device, looping, program, run, turn, World};

const FUEL: &str = "4000000000";

#[tokio::test]
async fn loops_beyond_the_devices_limit_do_not_fit_and_are_never_wrong() {
	let _turn = turn().await;
	let (world, device) = (World::new(), device().await);
	let program = looping(FUEL);
	for turns in [1_000, 60_000, 70_000, 200_000] {
		let (limit, on_vm) = (device.info().loop_limit, World::new());
		let expected = run(&VmDevice::new(), on_vm.task(&program, &[turns, 2])).await.unwrap();
		match run(&device, world.task(&program, &[turns, 2])).await {
			Ok(found) => assert_eq!(bytes(&found), bytes(&expected), "{turns} turns"),
			Err(DeviceError::Unfit { reason: Unfit::Loops { pass: 0, limit: told }, .. }) => {
				assert!(
					limit.is_some_and(|limit| limit == told && turns >= limit),
					"{turns} turns"
				);
			}
			Err(other) => panic!("{turns} turns: {other}"),
		}
	}
}

#[tokio::test]
async fn a_program_without_fuel_is_at_fault_on_every_device() {
	let _turn = turn().await;
	let program = looping("100000");
	for device in [&device().await as &dyn Device, &VmDevice::new()] {
		let world = World::new();
		match run(device, world.task(&program, &[50_000, 3])).await {
			// All are at fault; the VM runs several at once.
			Err(DeviceError::Program { pass: 0, workgroup: Some(0..=2), .. }) => {}
			other => panic!("{}: {other:?}", device.info().name),
		}
	}
}

/// It could not be proven, and no other workgroup's result depends on it.
#[tokio::test]
async fn a_fault_in_a_pass_that_reads_what_others_wrote_ends_no_task() {
	let _turn = turn().await;
	let manifest = "[program]\nname = \"late\"\n[parameters]\nguilty = {}\n\
		[buffers]\nx = { role = \"input\", words = \"100 * 64\" }\nmid = { words = \"100 * 64\" }\n\
		y = { role = \"output\", words = \"100 * 64\" }\n\
		[[passes]]\nentry = \"first\"\nworkgroups = [\"100\"]\nslice = { mid = \"64\" }\n\
		fuel = \"4096\"\n\
		[[passes]]\nentry = \"second\"\nbind = { previous = \"mid\", y = \"y\" }\n\
		workgroups = [\"100\"]\nslice = { y = \"64\" }\nfuel = \"20000\"\n";
	let source = "struct P { guilty: u32 }
		@group(0) @binding(0) var<uniform> p: P;
		@group(0) @binding(1) var<storage, read> x: array<u32>;
		@group(0) @binding(2) var<storage, read_write> mid: array<u32>;
		@group(0) @binding(3) var<storage, read_write> y: array<u32>;
		@group(0) @binding(4) var<storage, read> previous: array<u32>;
		@compute @workgroup_size(64)
		fn first(@builtin(workgroup_id) g: vec3<u32>, @builtin(local_invocation_index) i: u32) {
			let at = g.x * 64u + i;
			mid[at] = x[at] % 5u + select(0u, 50000u, g.x == p.guilty && i == 9u);
		}
		@compute @workgroup_size(64)
		fn second(@builtin(global_invocation_id) id: vec3<u32>) {
			var sum = 1u;
			for (var i = 0u; i < previous[id.x]; i++) { sum = sum * 3u + i; }
			y[id.x] = sum;
		}";
	let late = program(manifest, source);
	for device in [&device().await as &dyn Device, &VmDevice::new()] {
		for guilty in [0, 42, 99] {
			let world = World::new();
			let task = world.task(&late, &[guilty]);
			let finished = run(device, task.clone()).await.unwrap();
			let computed = computed(late.clone(), &task, &finished);
			for workgroup in computed.workgroups() {
				let is_guilty = (workgroup.pass, workgroup.number) == (1, guilty);
				let check = computed.check(workgroup).unwrap();
				match is_guilty {
					true => assert!(matches!(check, Check::Fault(_)), "{workgroup:?}: {check:?}"),
					false => assert_eq!(check, Check::Right, "{workgroup:?}"),
				}
			}
		}
	}
}

#[tokio::test]
async fn a_buffer_that_is_too_long_does_not_fit() {
	let _turn = turn().await;
	let (world, device) = (World::new(), device().await);
	let most = device.info().max_buffer_bytes;
	let groups = u32::try_from(most / 256 + 1).unwrap();
	match run(&device, world.task(&looping(FUEL), &[1, groups])).await {
		Err(DeviceError::Unfit {
			reason: Unfit::Buffer { buffer: 0, bytes, most: told }, ..
		}) => {
			assert_eq!((bytes, told), (u64::from(groups) * 256, most));
		}
		other => panic!("{other:?}"),
	}
	assert!(!world.results().join("0.bytes").exists(), "nothing was written");
}

#[tokio::test]
async fn what_fits_nothing_is_malformed() {
	let _turn = turn().await;
	let manifest = "[program]\nname = \"copy\"\n[parameters]\nn = { min = 1 }\n\
		[buffers]\nx = { role = \"input\", words = \"n * 64\" }\n\
		y = { role = \"output\", words = \"n * 64\" }\n\
		[[passes]]\nentry = \"main\"\nworkgroups = [\"n\"]\nslice = { y = \"64\" }\nfuel = \"4096\"\n";
	let source = "@group(0) @binding(1) var<storage, read> x: array<u32>;
		@group(0) @binding(2) var<storage, read_write> y: array<u32>;
		@compute @workgroup_size(64)
		fn main(@builtin(global_invocation_id) id: vec3<u32>) { y[id.x] = x[id.x]; }";
	let copy = program(manifest, source);
	for device in [&device().await as &dyn Device, &VmDevice::new()] {
		let world = World::new();
		let good = world.task(&copy, &[2]);
		let short = world.stored(&[7; 300]);
		let mut bad = vec![good.clone(); 6];
		bad[0].code[0] ^= 1;
		bad[1].code = vec![0xff; 100];
		bad[2].parameters = vec![0];
		bad[3].parameters = vec![2, 2];
		bad[4].inputs = vec![short];
		bad[5].inputs.clear();
		for (case, task) in bad.into_iter().enumerate() {
			let error = run(device, task).await.unwrap_err();
			assert!(matches!(error, DeviceError::Malformed(_)), "case {case}: {error}");
		}
		run(device, good).await.unwrap();
	}
}
