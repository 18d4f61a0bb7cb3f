//! One provider on a development chain, and jobs for it.

use anyhow::{ensure, Context, Result};
use mutirao_e2e::{program, Buyer, Provider, Sent};
use mutirao_machine_core::{bytecode::Role, Program};
use mutirao_machine_wgsl::{compile::compile, manifest::Manifest};
use std::{collections::BTreeMap, process::Command};

/// The provider's account is this name's.
pub(crate) const PROVIDER: &str = "Provider";
/// What every job computes: a product of two matrices.
pub(crate) const KERNEL: &str = "gemm_i8";
/// Sides of the matrices.
const SIDES: [u32; 3] = [1_024; 3];

/// The adapter that `MUTIRAO_ADAPTER` names, or the first of this machine; the VM if there is none.
pub(crate) fn adapter() -> Result<String> {
	if let Ok(adapter) = std::env::var("MUTIRAO_ADAPTER") {
		return Ok(adapter);
	}
	let folder = tempfile::tempdir()?;
	let mut init = Command::new(program("mutirao-worker")?);
	init.args(["init", "-o", "json", "--new-key", "--allow-development-keys", "--region", "BR"])
		.args(["--adapter", "vm", "--public-url", "http://127.0.0.1:1"])
		.args(["--provider", "5FHneW46xGXgs5mUiveU4sbTyGBzmstUspZC92UhjJM694ty", "--config"])
		.arg(folder.path().join("worker.toml"))
		.arg("--key-file")
		.arg(folder.path().join("worker.key"))
		.arg("--data")
		.arg(folder.path().join("data"));
	let listed = Sent::run(init)?.json()?;
	Ok(listed["adapters"][0]["name"].as_str().unwrap_or("vm").to_owned())
}

/// What `mutirao` is told of a job, for this offer. Writes the inputs' files.
pub(crate) fn arguments(buyer: &Buyer, offer: u64) -> Result<Vec<String>> {
	let kernel = mutirao_kernels::by_name(KERNEL).context("it is in the catalogue")?;
	let manifest = Manifest::parse(kernel.manifest)?;
	let program = Program::new(compile(&manifest, kernel.source)?.definition)?;
	let words = program.summary(&SIDES)?.buffer_words;
	let mut arguments: Vec<String> = ["job", "submit", KERNEL].map(Into::into).into();
	for (parameter, value) in program.definition().parameters.iter().zip(SIDES) {
		arguments.extend(["--param".into(), format!("{}={value}", parameter.name)]);
	}
	for (buffer, words) in program.definition().buffers.iter().zip(words) {
		if buffer.role == Role::Input {
			let bytes: Vec<u8> = (0..4 * words).map(|at| (at % 251) as u8).collect();
			let file = buyer.write(&buffer.name, &bytes)?;
			arguments.extend(["--input".into(), format!("{}=raw:{file}", buffer.name)]);
		}
	}
	let (offer, seconds) = (offer.to_string(), ["--accept-within", "240", "--contest-for", "30"]);
	arguments.extend(["--offer".into(), offer]);
	arguments.extend(seconds.map(Into::into));
	Ok(arguments)
}

/// Lets an offer take so many jobs at once: most of the time they wait.
pub(crate) fn widen(provider: &Provider, capacity: usize) -> Result<()> {
	let settings = std::fs::read_to_string(provider.settings())?;
	let is_capacity = |line: &&str| line.trim_start().starts_with("capacity = ");
	let line = settings.lines().find(is_capacity).context("no capacity in the settings")?;
	let wider = settings.replace(line, &format!("capacity = {capacity}"));
	std::fs::write(provider.settings(), wider)?;
	let mut register = provider.command("register");
	register.arg("--yes").env("MUTIRAO_WORKER_OWNER_KEY", format!("//{PROVIDER}"));
	Sent::run(register)?.success()?;
	Ok(())
}

/// What the worker's metrics say of the steps of its jobs: how often each was done, and how many
/// seconds it took in all.
#[derive(Default)]
pub(crate) struct Steps(BTreeMap<String, (usize, f64)>);

impl Steps {
	/// How often a step was done.
	pub(crate) fn count(&self, step: &str) -> usize {
		self.0.get(step).map_or(0, |(count, _)| *count)
	}

	/// How long a step took in all.
	pub(crate) fn seconds(&self, step: &str) -> f64 {
		self.0.get(step).map_or(0.0, |(_, seconds)| *seconds)
	}
}

/// Asks a running worker.
pub(crate) async fn steps_of(provider: &Provider) -> Result<Steps> {
	let settings = std::fs::read_to_string(provider.settings())?;
	let (_, metrics) = settings.split_once("[metrics]").context("no [metrics] in the settings")?;
	let listen = metrics.lines().find_map(|line| line.trim().strip_prefix("listen = "));
	let address = listen.context("no metrics.listen")?.trim_matches('"');
	let mut curl = Command::new("curl");
	curl.args(["-sf", "--max-time", "10", &format!("http://{address}/metrics")]);
	let text = tokio::task::spawn_blocking(move || Sent::run(curl)?.success()).await??.stdout;
	let mut steps = Steps::default();
	for line in text.lines() {
		let Some(rest) = line.strip_prefix("mutirao_worker_step_seconds_") else { continue };
		let Some((kind, rest)) = rest.split_once("{step=\"") else { continue };
		let Some((step, value)) = rest.split_once("\"} ") else { continue };
		if ["count", "sum"].contains(&kind) {
			let (count, seconds) = steps.0.entry(step.to_owned()).or_default();
			match kind {
				"count" => *count = value.trim().parse()?,
				_ => *seconds = value.trim().parse()?,
			}
		}
	}
	ensure!(!steps.0.is_empty(), "the worker has no metrics of steps");
	Ok(steps)
}
