//! `mutirao-worker`'s commands.

mod bench;
mod config;
mod connect;
mod doctor;
mod files;
mod http;
mod init;
mod leave;
mod output;
mod register;
mod run;
mod status;
#[cfg(test)]
mod tests;
mod watch;

use std::{path::PathBuf, process::ExitCode};

use clap::{error::ErrorKind, Args, Parser, Subcommand};

#[cfg(test)]
pub(crate) use self::http::get;
use self::output::Format;
use crate::{
	config::{
		from_environment, load, ConfigError, Loaded, Origin, Override, CONFIG_VARIABLE,
		DEFAULT_PATH,
	},
	exit,
};

/// Runs jobs of the Mutirão market on this machine's devices.
#[derive(Parser)]
#[command(
	name = "mutirao-worker",
	version,
	about,
	propagate_version = true,
	after_help = "Examples, from nothing to earning:\n  mutirao-worker init --new-key\n  mutirao-worker register --stake \
	              '100 MUT' --owner-key-file owner.key\n  mutirao-worker doctor\n  mutirao-worker run\n\n\
	              Exit codes: 0 done, 1 other, 2 usage, 3 configuration, 4 chain, 5 device, 6 refused \
	              by the chain, 7 too little money or stake"
)]
pub struct Cli {
	#[command(flatten)]
	common: Common,
	#[command(subcommand)]
	command: Command,
}

/// What all commands take.
#[derive(Args, Clone)]
pub(crate) struct Common {
	/// How results are printed.
	#[arg(short, long, global = true, value_enum, default_value_t = Format::Text)]
	pub(crate) output: Format,
	/// The file of settings.
	#[arg(short, long, global = true, env = CONFIG_VARIABLE, default_value = DEFAULT_PATH)]
	pub(crate) config: PathBuf,
	/// A node of the chain, such as ws://127.0.0.1:9944; several may be named.
	#[arg(long, global = true, value_name = "URL")]
	pub(crate) endpoint: Vec<String>,
	/// Any setting, such as data.quota_gib=50; stronger than environment and file.
	#[arg(long, global = true, value_name = "SETTING=VALUE")]
	pub(crate) set: Vec<String>,
}

#[derive(Subcommand)]
enum Command {
	/// Write a file of settings, asking for what is not said.
	#[command(after_help = init::EXAMPLES)]
	Init(init::Init),
	/// Say everything that keeps this machine from earning, and what to do.
	#[command(after_help = doctor::EXAMPLES)]
	Doctor(doctor::Doctor),
	/// Register the provider with stake, let the hot key serve jobs, and post an offer for each device.
	#[command(after_help = register::EXAMPLES)]
	Register(register::Register),
	/// Measure devices the way that benchmark windows do, and predict the score.
	#[command(after_help = bench::EXAMPLES)]
	Bench(bench::Bench),
	/// Serve jobs until SIGTERM or SIGINT.
	#[command(after_help = run::EXAMPLES)]
	Run(run::Run),
	/// Show jobs, deadlines, earnings, stake and devices.
	#[command(after_help = status::EXAMPLES)]
	Status(status::ShowStatus),
	/// Compute other providers' work again, and challenge what is wrong.
	#[command(after_help = watch::EXAMPLES)]
	Watch(watch::Watch),
	/// Withdraw offers, leave, and have the stake back.
	#[command(after_help = leave::EXAMPLES)]
	Leave(leave::Leave),
	/// Look at settings.
	#[command(subcommand, after_help = config::EXAMPLES)]
	Config(config::ConfigCommand),
	/// Run one task on one device, as a child of `run`.
	#[command(hide = true)]
	Executor,
}

/// The whole program: parses, runs, reports.
pub fn main() -> ExitCode {
	// A child that runs a task has nothing of the parent but the device.
	if std::env::args_os().nth(1).is_some_and(|argument| argument == "executor") {
		return crate::gpu::executor::main();
	}
	let cli = match Cli::try_parse() {
		Ok(cli) => cli,
		Err(error) => {
			// Help and version go to standard output; the library exits with 2 for wrong usage.
			let _ = error.print();
			return match error.kind() {
				ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => ExitCode::SUCCESS,
				_ => ExitCode::from(exit::Failure::Usage as u8),
			};
		}
	};
	start_log();
	let json = cli.common.output == Format::Json;
	let result = tokio::runtime::Builder::new_multi_thread().enable_all().build();
	let result = result.map_err(anyhow::Error::from).and_then(|runtime| {
		let result = runtime.block_on(run(cli));
		// What a second signal left behind must not hold the process.
		runtime.shutdown_background();
		result
	});
	exit::report(result, json)
}

async fn run(cli: Cli) -> anyhow::Result<()> {
	let common = cli.common;
	match cli.command {
		Command::Init(command) => command.run(&common).await,
		Command::Doctor(command) => command.run(&common).await,
		Command::Register(command) => command.run(&common).await,
		Command::Bench(command) => command.run(&common).await,
		Command::Run(command) => command.run(&common).await,
		Command::Status(command) => command.run(&common).await,
		Command::Watch(command) => command.run(&common).await,
		Command::Leave(command) => command.run(&common).await,
		Command::Config(command) => command.run(&common),
		Command::Executor => Ok(()),
	}
}

/// Logs go to standard error, so that results on standard output can be piped. `RUST_LOG` says how much.
fn start_log() {
	let filter = tracing_subscriber::EnvFilter::try_from_default_env();
	let filter = filter.unwrap_or_else(|_| "info,wgpu_core=warn,wgpu_hal=error,naga=warn".into());
	tracing_subscriber::fmt()
		.with_env_filter(filter)
		.with_writer(std::io::stderr)
		.with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr()))
		.init();
}

impl Common {
	/// All settings, from flags, environment, file and defaults. The file must be there.
	pub(crate) fn load(&self) -> Result<Loaded, ConfigError> {
		load(Some(&self.config), &self.overrides()?)
	}

	/// The same; without a file, if none is at the usual place.
	pub(crate) fn load_or_default(&self) -> Result<Loaded, ConfigError> {
		let is_missing = !self.config.exists() && self.config.as_os_str() == DEFAULT_PATH;
		load((!is_missing).then_some(&*self.config), &self.overrides()?)
	}

	/// What is stronger than the file, weakest first.
	fn overrides(&self) -> Result<Vec<Override>, ConfigError> {
		let variables = std::env::vars_os();
		let text = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
			Some((name.into_string().ok()?, value.into_string().ok()?))
		};
		let mut overrides = from_environment(variables.filter_map(text))?;
		let flag = |name: &str| Origin::Flag(name.into());
		for setting in &self.set {
			let (path, text) = setting.split_once('=').unwrap_or((setting, ""));
			let (path, text) = (path.trim().into(), text.trim().into());
			overrides.push(Override { path, text, origin: flag("--set") });
		}
		if !self.endpoint.is_empty() {
			overrides.push(Override {
				path: "chain.endpoints".into(),
				text: self.endpoint.join(","),
				origin: flag("--endpoint"),
			});
		}
		Ok(overrides)
	}
}
