//! `mutirao-worker init`.

use std::{
	fs::{self, OpenOptions},
	io::{Read as _, Write as _},
	net::SocketAddr,
	path::{Path, PathBuf},
	str::FromStr,
};

use anyhow::Context as _;
use clap::Args;
use mutirao_client::{address, AccountId};
use serde::Serialize;

use super::{
	output::{ask, can_ask, doing, print},
	Common,
};
use crate::{
	config::{
		is_url, load, template, Address, Answers, Chain, ConfigError, DeviceAnswer, Keys, Money,
		Place, KEY_VARIABLE, VM_ADAPTER,
	},
	devices,
	exit::{failed, Failure},
	gpu,
	keys::hot_key,
};

pub(crate) const EXAMPLES: &str = "Examples:\n  mutirao-worker init --new-key\n  \
	mutirao-worker init --config worker.toml --endpoint ws://127.0.0.1:9944 --new-key \\\n      \
	--key-file worker.key --provider gZRUkf7Dz9gMomMVEVhwZd7XZsyMuvqLBpyq428Yv14qyMe21 \\\n      \
	--public-url http://127.0.0.1:4400 --region BR-SP --adapter vm --data data";

/// Arguments of `init`. What is not said is asked for, if somebody is at the terminal.
#[derive(Args)]
pub(crate) struct Init {
	/// The account whose stake answers. Its key stays where it is.
	#[arg(long, value_name = "ADDRESS")]
	provider: Option<Address>,
	/// The file of the hot key, which serves jobs and can move no money.
	#[arg(long, value_name = "FILE")]
	key_file: Option<PathBuf>,
	/// Make the hot key, if its file is not there.
	#[arg(long)]
	new_key: bool,
	/// Let keys sign that everybody knows, such as //Alice. For development chains.
	#[arg(long)]
	allow_development_keys: bool,
	/// Where buyers reach this machine, such as https://gpu.example:4400.
	#[arg(long, value_name = "URL")]
	public_url: Option<String>,
	/// Where the data plane listens.
	#[arg(long, value_name = "ADDRESS:PORT", default_value = "0.0.0.0:4400")]
	listen: SocketAddr,
	/// Where metrics and status are read, on this machine.
	#[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:4401")]
	metrics: SocketAddr,
	/// Where the devices stand, as ISO 3166 spells it: BR, or BR-SP.
	#[arg(long, value_name = "PLACE")]
	region: Option<Place>,
	/// What 10^9 declared steps cost.
	#[arg(long, value_name = "MONEY", default_value = "0.000001 MUT")]
	price_per_gigastep: Money,
	/// The least that a job costs.
	#[arg(long, value_name = "MONEY", default_value = "0.001 MUT")]
	minimum_price: Money,
	/// The most that a job may cost; twice of it is the most stake that one job can lose.
	#[arg(long, value_name = "MONEY", default_value = "10 MUT")]
	maximum_price: Money,
	/// A device that serves: part of its adapter's name, or vm; several may be named. Without it, all
	/// hardware adapters.
	#[arg(long, value_name = "NAME")]
	adapter: Vec<String>,
	/// Power of each device under load; 0: not told.
	#[arg(long, default_value_t = 0)]
	watts: u16,
	/// The folder of buffers and journal.
	#[arg(long, value_name = "FOLDER", default_value = "/var/lib/mutirao")]
	data: PathBuf,
	/// How much of the disk it may take, in GiB.
	#[arg(long, default_value_t = 100)]
	quota_gib: u64,
	/// Replace a file that is there.
	#[arg(long)]
	force: bool,
}

#[derive(Serialize)]
struct Report {
	config: String,
	hot_key: String,
	adapters: Vec<Adapter>,
	devices: Vec<String>,
	next: String,
}

#[derive(Clone, Serialize)]
struct Adapter {
	name: String,
	backend: String,
	driver: String,
	is_software: bool,
}

impl Adapter {
	fn of(found: gpu::Listed) -> Self {
		let gpu::Listed { name, backend, driver, is_software, .. } = found;
		Self { name, backend, driver, is_software }
	}
}

impl Init {
	/// Asks, makes the key, writes the file, says what comes next.
	pub(crate) async fn run(self, common: &Common) -> anyhow::Result<()> {
		let path = &common.config;
		if path.exists() && !self.force {
			let message = format!("{} is there already: --force replaces it", path.display());
			return Err(failed(Failure::Configuration, message));
		}
		doing("looking for adapters");
		let adapters: Vec<Adapter> = devices::list().await?.into_iter().map(Adapter::of).collect();
		let answers = self.answers(common, path, &adapters)?;
		let written = template(&answers);
		check(&written)?;
		let keys = Keys {
			hot_key_file: Some(answers.hot_key_file.clone()),
			allow_development_keys: answers.allow_development_keys,
			..Keys::default()
		};
		let made = self.new_key && make_key(&answers.hot_key_file)?;
		let hot = AccountId::from(hot_key(&keys)?.public_key());
		write(path, &written, self.force)?;
		let devices = answers.devices.iter().map(|device| device.adapter.clone()).collect();
		let config = match path == Path::new(crate::config::DEFAULT_PATH) {
			true => String::new(),
			false => format!(" --config {}", path.display()),
		};
		let report = Report {
			config: path.display().to_string(),
			hot_key: address::display(&hot),
			adapters,
			devices,
			next: format!(
				"mutirao-worker register{config} --stake '100 MUT' --owner-key-file FILE"
			),
		};
		Ok(print(common.output, &report, |report| text(report, made))?)
	}

	fn answers(
		&self,
		common: &Common,
		config: &Path,
		adapters: &[Adapter],
	) -> anyhow::Result<Answers> {
		let beside = |name: &str| config.with_file_name(name).display().to_string();
		let provider = self.value(
			self.provider,
			"--provider",
			"The provider's account, whose stake answers (its address)",
			None,
		)?;
		let key_file = match (&self.key_file, std::env::var_os(KEY_VARIABLE)) {
			(Some(file), _) => file.clone(),
			(None, Some(_)) => beside("worker.key").into(),
			(None, None) => {
				let question = "The file of the hot key";
				self.value(None::<PathBuf>, "--key-file", question, Some(&beside("worker.key")))?
			}
		};
		let region =
			self.value(self.region, "--region", "Where the devices stand (BR, BR-SP)", None)?;
		let public_url = match &self.public_url {
			Some(url) => Some(url.clone()),
			None if can_ask() => {
				let question = "Where buyers reach this machine (http:// or https://)";
				let default = format!("http://127.0.0.1:{}", self.listen.port());
				let read = |answer: &str| match is_url(answer) {
					true => Ok(answer.to_owned()),
					false => Err("give http:// or https://, a host, and no spaces".to_owned()),
				};
				Some(ask(question, Some(&default), read)?)
			}
			None => return Err(missing("--public-url")),
		};
		let endpoints = match common.endpoint.is_empty() {
			true => Chain::default().endpoints,
			false => common.endpoint.clone(),
		};
		let device = |adapter: String| DeviceAnswer {
			adapter,
			price_per_gigastep: self.price_per_gigastep,
			minimum_price: self.minimum_price,
			maximum_price: self.maximum_price,
			region,
			watts: self.watts,
		};
		Ok(Answers {
			endpoints,
			provider,
			hot_key_file: key_file,
			allow_development_keys: self.allow_development_keys,
			listen: self.listen,
			public_url,
			folder: self.data.clone(),
			quota_gib: self.quota_gib,
			metrics: self.metrics,
			devices: choose(&self.adapter, adapters)?.into_iter().map(device).collect(),
		})
	}

	/// What was said, or is asked for.
	fn value<T: FromStr<Err: std::fmt::Display>>(
		&self,
		said: Option<T>,
		flag: &str,
		question: &str,
		default: Option<&str>,
	) -> anyhow::Result<T> {
		match said {
			Some(value) => Ok(value),
			None if can_ask() => ask(question, default, |answer| {
				answer.parse::<T>().map_err(|error| error.to_string())
			}),
			None => match default.map(str::parse::<T>) {
				Some(Ok(value)) => Ok(value),
				_ => Err(missing(flag)),
			},
		}
	}
}

/// Whether `run` will take what is about to be written.
fn check(text: &str) -> anyhow::Result<()> {
	let folder = tempfile::tempdir()?;
	let draft = folder.path().join("worker.toml");
	fs::write(&draft, text)?;
	match load(Some(&draft), &[]) {
		Ok(_) => Ok(()),
		Err(ConfigError::Invalid(problems)) => {
			let lines = problems.iter().map(|one| format!("{}: {}", one.path, one.message));
			Err(failed(Failure::Configuration, lines.collect::<Vec<_>>().join("\n")))
		}
		Err(error) => Err(error.into()),
	}
}

fn missing(flag: &str) -> anyhow::Error {
	failed(Failure::Usage, format!("{flag} is needed: nobody is at the terminal to ask"))
}

/// The devices that serve: those that are named, or all hardware, or else the machine's processor.
fn choose(named: &[String], adapters: &[Adapter]) -> anyhow::Result<Vec<String>> {
	if named.is_empty() {
		let hardware = adapters.iter().filter(|adapter| !adapter.is_software);
		let names: Vec<_> = hardware.map(|adapter| adapter.name.clone()).collect();
		return match names.is_empty() {
			true => Ok(vec![VM_ADAPTER.into()]),
			false => Ok(names),
		};
	}
	let is_there = |name: &str| {
		let wanted = name.to_lowercase();
		name == VM_ADAPTER
			|| adapters.iter().any(|found| found.name.to_lowercase().contains(&wanted))
	};
	match named.iter().find(|name| !is_there(name)) {
		None => Ok(named.to_vec()),
		Some(name) => {
			let found: Vec<_> = adapters.iter().map(|adapter| adapter.name.as_str()).collect();
			let message = format!(
				"no adapter matches `{name}`; there are: {}; and {VM_ADAPTER}, this machine's processor",
				found.join(", ")
			);
			Err(failed(Failure::Device, message))
		}
	}
}

/// Makes a key of the system's randomness, readable by its owner alone; false if the file is there.
fn make_key(path: &Path) -> anyhow::Result<bool> {
	if path.exists() {
		return Ok(false);
	}
	let mut seed = [0; 32];
	let mut random = fs::File::open("/dev/urandom").context("no randomness")?;
	random.read_exact(&mut seed).context("no randomness")?;
	write(path, &format!("0x{}\n", hex::encode(seed)), false)?;
	Ok(true)
}

/// Writes a file that its owner alone can read. A file that is there is replaced whole, or not at all.
pub(crate) fn write(path: &Path, text: &str, replace: bool) -> anyhow::Result<()> {
	let context = || format!("cannot write {}", path.display());
	let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
	fs::create_dir_all(folder.unwrap_or(Path::new("."))).with_context(context)?;
	let temporary = path.with_extension(format!("new-{}", std::process::id()));
	let target = if replace { &temporary } else { path };
	let mut options = OpenOptions::new();
	options.write(true).create_new(true);
	#[cfg(unix)]
	std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
	let mut file = options.open(target).with_context(context)?;
	file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).with_context(context)?;
	match replace {
		true => fs::rename(&temporary, path).with_context(context),
		false => Ok(()),
	}
}

fn text(report: &Report, made: bool) -> String {
	let mut text = String::from("adapters:\n");
	for adapter in &report.adapters {
		let Adapter { name, backend, driver, is_software } = adapter;
		let kind = if *is_software { "software" } else { "hardware" };
		text += &format!("  {name} ({backend}, {kind}, {driver})\n");
	}
	if report.adapters.is_empty() {
		text += "  none: is a Vulkan driver installed?\n";
	}
	let made = if made { " (new)" } else { "" };
	text += &format!(
		"devices that serve: {}\nhot key: {}{made}\nwrote {}\n\nnext, with the provider's own key and \
		 at least 100 MUT:\n  {}\n",
		report.devices.join(", "),
		report.hot_key,
		report.config,
		report.next
	);
	text
}
