//! Executors that crash, hang, are killed or talk nonsense; disks without room; devices that fail
//! their health check.

use std::{
	os::unix::fs::symlink,
	process::{Command, Stdio},
	time::{Duration, Instant},
};

use mutirao_worker::gpu::{
	faulty::Misbehaviour, Device, DeviceError, Pool, ProcessDevice, ProcessOptions, Progress,
	Suspicion, Task,
};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::support::{
	device, executors, looping, misbehaving, options, run, shared, turn, until, World,
};

const LONG: Duration = Duration::from_secs(60);

fn small(world: &World) -> Task {
	world.task(&looping("1000000"), &[100, 3])
}

fn suspicion(error: DeviceError) -> Suspicion {
	match error {
		DeviceError::Suspect { suspicion, .. } => suspicion,
		other => panic!("{other}"),
	}
}

#[tokio::test]
async fn a_crash_is_told_with_what_the_child_said() {
	let _turn = turn().await;
	let (world, device) = (World::new(), misbehaving(Misbehaviour::Crash, LONG).await);
	let error = run(&device, small(&world)).await.unwrap_err();
	assert!(error.is_suspicious() && error.is_retryable());
	match suspicion(error) {
		Suspicion::Crashed(text) => assert!(text.contains("signal 6"), "{text}"),
		other => panic!("{other}"),
	}
	device.check().await.expect("the device is healthy");
}

#[tokio::test]
async fn nonsense_is_refused() {
	let _turn = turn().await;
	for fault in [Misbehaviour::Garbage, Misbehaviour::LongFrame] {
		let (world, device) = (World::new(), misbehaving(fault, LONG).await);
		let found = suspicion(run(&device, small(&world)).await.unwrap_err());
		assert!(matches!(found, Suspicion::Garbage(_)), "{found}");
		assert!(executors().is_empty(), "the child was killed");
	}
}

#[tokio::test]
async fn what_hangs_is_killed_at_the_limit_or_when_nothing_is_heard_of_it() {
	let _turn = turn().await;
	let short = Duration::from_millis(400);
	let (world, start) = (World::new(), Instant::now());
	let device = misbehaving(Misbehaviour::Hang, LONG).await;
	let task = Task { limit: short, ..small(&world) };
	let found = suspicion(run(&device, task).await.unwrap_err());
	assert_eq!(found, Suspicion::Overrun(short));
	let device = misbehaving(Misbehaviour::Hang, short).await;
	let found = suspicion(run(&device, small(&world)).await.unwrap_err());
	assert_eq!(found, Suspicion::Stalled(short));
	assert!(executors().is_empty() && start.elapsed() < LONG);
}

#[tokio::test]
async fn a_child_that_is_killed_is_a_crash() {
	let _turn = turn().await;
	let (world, device) = (World::new(), misbehaving(Misbehaviour::Hang, LONG).await);
	let running = tokio::spawn(async move { run(&device, small(&world)).await });
	until(|| executors().len() == 1).await;
	let killed = Command::new("kill").args(["-9", &executors()[0].to_string()]).status();
	assert!(killed.unwrap().success());
	match suspicion(running.await.unwrap().unwrap_err()) {
		Suspicion::Crashed(text) => assert!(text.contains("signal 9"), "{text}"),
		other => panic!("{other}"),
	}
}

#[tokio::test]
async fn cancelling_or_dropping_a_task_kills_its_child() {
	let _turn = turn().await;
	let (world, device) = (World::new(), misbehaving(Misbehaviour::Hang, LONG).await);
	let progress = || watch::channel(Progress::default()).0;
	let cancel = CancellationToken::new();
	let running = device.run(small(&world), progress(), cancel.clone());
	tokio::pin!(running);
	assert!(tokio::time::timeout(Duration::from_millis(500), &mut running).await.is_err());
	assert_eq!(executors().len(), 1);
	cancel.cancel();
	assert!(matches!(running.await, Err(DeviceError::Cancelled)));
	until(|| executors().is_empty()).await;
	let dropped = device.run(small(&world), progress(), CancellationToken::new());
	assert!(tokio::time::timeout(Duration::from_millis(500), dropped).await.is_err());
	until(|| executors().is_empty()).await;
}

#[tokio::test]
async fn a_full_disk_is_not_the_devices_fault() {
	let _turn = turn().await;
	let (world, device) = (World::new(), device().await);
	std::fs::create_dir_all(world.results()).unwrap();
	symlink("/dev/full", world.results().join("0.bytes")).unwrap();
	match run(&device, small(&world)).await.unwrap_err() {
		DeviceError::Local { path, source, .. } => {
			assert_eq!(source.kind(), std::io::ErrorKind::StorageFull);
			assert!(path.ends_with("0.bytes"), "{}", path.display());
		}
		other => panic!("{other}"),
	}
	// A folder that cannot be made.
	let file = world.folder.path().join("file");
	std::fs::write(&file, "").unwrap();
	let task = Task { folder: file.join("work"), ..small(&world) };
	assert!(matches!(run(&device, task).await, Err(DeviceError::Local { .. })));
	// With room, the same device computes.
	std::fs::remove_file(world.results().join("0.bytes")).unwrap();
	run(&device, small(&world)).await.unwrap();
}

#[tokio::test]
async fn an_adapter_that_is_not_there_is_told_with_those_that_are() {
	let _turn = turn().await;
	let options = ProcessOptions { adapter: "Voodoo2".into(), ..options() };
	let error = ProcessDevice::open(options).await.unwrap_err();
	let known = device().await.info().name.clone();
	assert!(error.to_string().contains(&known), "{error}");
	assert!(matches!(suspicion(error), Suspicion::Missing(_)));
}

#[tokio::test]
async fn a_device_whose_executors_fail_their_health_check_is_quarantined() {
	let _turn = turn().await;
	for (program, quarantined) in [(None, false), (Some("/bin/false"), true)] {
		let world = World::new();
		let mut device = misbehaving(Misbehaviour::Crash, LONG).await;
		if let Some(program) = program {
			device = device.driven_by(ProcessOptions { program: program.into(), ..options() });
		}
		let name = device.info().name.clone();
		let pool = Pool::new(vec![shared(device)]);
		let lease = pool.acquire(&name).await.unwrap();
		let progress = watch::channel(Progress::default()).0;
		let ran = lease.run(small(&world), progress, CancellationToken::new()).await;
		assert!(ran.unwrap_err().is_suspicious());
		assert_eq!(pool.is_quarantined(&name), quarantined, "{program:?}");
	}
}

#[tokio::test]
async fn an_executor_ends_with_its_parent() {
	use codec::Encode as _;
	use std::io::{Read as _, Write as _};
	let _turn = turn().await;
	let mut child = Command::new(crate::support::WORKER)
		.arg("executor")
		.stdin(Stdio::piped())
		.stdout(Stdio::piped())
		.stderr(Stdio::null())
		.spawn()
		.unwrap();
	// A task for an executor that hangs: see Request::Run in worker/src/gpu/wire.rs.
	let nothing: Vec<u8> = Vec::new();
	let task = (nothing.clone(), Vec::<u32>::new(), Vec::<Vec<u8>>::new(), nothing);
	let request = (4u8, "any", task, None::<u64>, Some(1u8)).encode();
	let mut stdin = child.stdin.take().unwrap();
	stdin.write_all(&(request.len() as u32).to_le_bytes()).unwrap();
	stdin.write_all(&request).unwrap();
	// It has understood, and hangs.
	let mut head = [0; 5];
	child.stdout.as_mut().unwrap().read_exact(&mut head).unwrap();
	assert_eq!(head[4], 0, "it tells how it is confined");
	tokio::time::sleep(Duration::from_millis(200)).await;
	assert!(child.try_wait().unwrap().is_none(), "it hangs");
	drop(stdin);
	until(|| child.try_wait().unwrap().is_some()).await;
}
