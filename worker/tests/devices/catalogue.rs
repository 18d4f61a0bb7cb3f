//! Every kernel of the catalogue, on the adapter and on the VM: what the reference computes.

use mutirao_commitment::BufferId;
use mutirao_kernels::{bytes::bytes as le_bytes, bytes::words, Kernel, KERNELS};
use mutirao_machine_core::bytecode::Role;
use mutirao_worker::gpu::{conformance, list, Device, Progress, Records, Stage, VmDevice};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::support::{bytes, device, noise, of_kernel, run, turn, World, WORKER};

async fn check(device: &dyn Device, kernel: &Kernel, parameters: &[u32]) {
	let (world, program) = (World::new(), of_kernel(kernel));
	let finished = run(device, world.task(&program, parameters)).await.unwrap();
	let inputs: Vec<Vec<u32>> =
		noise(&program, parameters).iter().map(|input| words(input)).collect();
	let expected = (kernel.reference)(parameters, &inputs);
	let found = bytes(&finished);
	for (index, written) in &finished.buffers {
		assert_eq!(written.outboard.id(), BufferId::of(&found[index]));
	}
	let buffers = program.definition().buffers.iter().enumerate();
	let outputs: Vec<Vec<u8>> = buffers
		.filter(|(_, buffer)| buffer.role == Role::Output)
		.map(|(index, _)| found[&index].clone())
		.collect();
	let expected: Vec<Vec<u8>> = expected.iter().map(|words| le_bytes(words)).collect();
	assert!(outputs == expected, "{} {parameters:?}", kernel.name);
}

#[tokio::test]
async fn the_adapter_computes_what_the_reference_computes() {
	let _turn = turn().await;
	let device = device().await;
	for kernel in &KERNELS {
		for parameters in kernel.examples {
			check(&device, kernel, parameters).await;
		}
	}
}

#[tokio::test]
async fn the_vm_computes_what_the_reference_computes() {
	let device = VmDevice::new();
	for kernel in &KERNELS {
		for parameters in kernel.examples {
			check(&device, kernel, parameters).await;
		}
	}
}

#[tokio::test]
async fn progress_is_told_to_the_end() {
	let _turn = turn().await;
	let program = of_kernel(mutirao_kernels::by_name("mlp_i8").unwrap());
	let parameters = [70, 16, 12, 10, 7];
	let steps = program.summary(&parameters).unwrap().declared_steps;
	for device in [&device().await as &dyn Device, &VmDevice::new()] {
		let world = World::new();
		let (progress, mut seen) = watch::channel(Progress::default());
		let watching = tokio::spawn(async move {
			let mut most = 0;
			while seen.changed().await.is_ok() {
				let progress = *seen.borrow_and_update();
				if progress.stage == Stage::Gpu {
					assert!(progress.done >= most && progress.done <= progress.total);
					(most, _) = (progress.done, progress.total);
				}
			}
			most
		});
		let task = world.task(&program, &parameters);
		device.run(task, progress, CancellationToken::new()).await.unwrap();
		let most = watching.await.unwrap();
		assert!(most > 0 && most <= steps, "{most} of {steps}");
	}
}

#[tokio::test]
async fn a_device_that_conforms_serves_and_need_not_show_it_again() {
	let _turn = turn().await;
	let adapters = list(WORKER.as_ref()).await.unwrap();
	assert!(!adapters.is_empty());
	let folder = tempfile::tempdir().unwrap();
	let records = Records::open(folder.path()).unwrap();
	let mut told = (0, 0);
	let admitted = conformance::admit(device().await, &records, |done, total| {
		assert_eq!(done, told.0 + 1);
		told = (done, total);
	});
	let admitted = admitted.await.unwrap();
	assert!(told.0 > 150 && told.0 == told.1, "{told:?}");
	let info = admitted.info().clone();
	assert_eq!(info.name, adapters[0].name);
	assert!(info.steps_per_second.is_some_and(|speed| speed > 1_000_000), "{info:?}");
	assert!(info.memory_mib > 0 && info.max_buffer_bytes >= 1 << 27, "{info:?}");
	// After a restart.
	let records = Records::open(folder.path()).unwrap();
	let again = conformance::admit(device().await, &records, |_, _| panic!("it is known"));
	assert_eq!(again.await.unwrap().info(), &info);
	records.quarantine(&info.name, "a wrong word");
	let refused = conformance::admit(device().await, &records, |_, _| {}).await.unwrap_err();
	assert!(refused.to_string().contains("a wrong word"), "{refused}");
}
