//! What an executor has taken away from itself, seen from outside.

use std::{fs, time::Duration};

use mutirao_worker::gpu::faulty::Misbehaviour;

use crate::support::{device, executors, looping, misbehaving, run, turn, until, World};

#[tokio::test]
async fn executors_have_no_environment_no_cores_and_filtered_calls() {
	let _turn = turn().await;
	std::env::set_var("MUTIRAO_WORKER_KEY", "//Secret");
	let confined = device().await.confined().clone();
	assert!(confined.is_complete(), "{confined:?}");
	let device = misbehaving(Misbehaviour::Hang, Duration::from_secs(60)).await;
	let world = World::new();
	let task = world.task(&looping("1000000"), &[100, 3]);
	let running = tokio::spawn(async move { run(&device, task).await });
	until(|| !executors().is_empty()).await;
	let id = executors()[0];
	let read = |file: &str| fs::read(format!("/proc/{id}/{file}")).unwrap();
	let text = |file: &str| String::from_utf8_lossy(&read(file)).into_owned();
	until(|| text("status").contains("Seccomp:\t2")).await;
	assert!(text("status").contains("NoNewPrivs:\t1"));
	let environment = text("environ");
	let has = |name: &str| environment.split('\0').any(|entry| entry.starts_with(name));
	assert!(!has("MUTIRAO") && !has("PATH=") && has("MESA_SHADER_CACHE_DISABLE=true"));
	let limits = text("limits");
	let limit = |name: &str| limits.lines().find(|line| line.starts_with(name)).unwrap().to_owned();
	assert!(limit("Max core file size").split_whitespace().nth(4) == Some("0"), "{limits}");
	let group =
		text("stat").rsplit(')').next().unwrap().split_whitespace().nth(2).unwrap().to_owned();
	assert_eq!(group, id.to_string(), "it is in a group of its own");
	running.abort();
	until(|| executors().is_empty()).await;
}
