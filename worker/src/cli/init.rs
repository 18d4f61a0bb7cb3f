//! `mutirao-worker init`.

mod report;

use std::{
	fs,
	net::SocketAddr,
	path::{Path, PathBuf},
	str::FromStr,
};

use clap::Args;
use mutirao_client::{address, money, AccountId};

use super::{
	files::{make_key, write},
	output::{ask, can_ask, doing, print},
	Common,
};
use crate::{
	config::{
		is_url, load, template, Address, Answers, Chain, ConfigError, DeviceAnswer, Keys, Money,
		Place, KEY_VARIABLE, VM_ADAPTER,
	},
	devices,
	disk::{fitting_quota, free_bytes},
	doctor::is_private,
	exit::{failed, Failure},
	keys::hot_key,
	registration::Need,
};

use self::report::{Adapter, Report};

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
	/// The least that a job costs. Its two calls cost the hot key up to 0.006 MUT.
	#[arg(long, value_name = "MONEY", default_value = "0.01 MUT")]
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
	/// How much of the disk it may take, in GiB. Without it, 100, or three quarters of what is free.
	#[arg(long)]
	quota_gib: Option<u64>,
	/// Replace a file that is there.
	#[arg(long)]
	force: bool,
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
		let devices: Vec<_> = answers.devices.iter().map(|one| one.adapter.clone()).collect();
		let config = match path == Path::new(crate::config::DEFAULT_PATH) {
			true => String::new(),
			false => format!(" --config {}", path.display()),
		};
		let need = Need::of(devices.len())?;
		let stake = money::display(need.stake);
		let report = Report {
			config: path.display().to_string(),
			hot_key: address::display(&hot),
			adapters,
			devices,
			quota_gib: answers.quota_gib,
			needs_planck: need.all.to_string(),
			private_url: answers.public_url.filter(|url| is_private(url)),
			next: format!(
				"mutirao-worker register{config} --stake '{stake}' --owner-key-file FILE"
			),
		};
		Ok(print(common.output, &report, |report| report.text(made, need.all))?)
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
				let question =
					"Where buyers reach this machine (http:// or https://; 127.0.0.1 is for \
					buyers on this machine only)";
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
			quota_gib: self.quota_gib.unwrap_or_else(|| fitting_quota(free_bytes(&self.data))),
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
