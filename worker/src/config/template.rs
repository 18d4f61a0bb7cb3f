//! The file that `init` writes: all that one may want to set, with comments.

use std::{fmt::Write as _, net::SocketAddr, path::PathBuf};

use super::{Address, Money, Place};

/// What `init` was told about a device.
#[derive(Clone, Debug, PartialEq)]
pub struct DeviceAnswer {
	/// The adapter's name.
	pub adapter: String,
	/// What 10⁹ declared steps cost.
	pub price_per_gigastep: Money,
	/// The least that a job costs.
	pub minimum_price: Money,
	/// The most that a job may cost.
	pub maximum_price: Money,
	/// Where it stands.
	pub region: Place,
	/// Power under load, in watts; 0: not told.
	pub watts: u16,
}

/// What `init` was told.
#[derive(Clone, Debug, PartialEq)]
pub struct Answers {
	/// Nodes of the chain.
	pub endpoints: Vec<String>,
	/// The provider's account.
	pub provider: Address,
	/// The file of the hot key.
	pub hot_key_file: PathBuf,
	/// Whether keys that everybody knows may sign.
	pub allow_development_keys: bool,
	/// Where the data plane listens.
	pub listen: SocketAddr,
	/// The address under which buyers reach it.
	pub public_url: Option<String>,
	/// The folder of buffers and journal.
	pub folder: PathBuf,
	/// How much of the disk it may take, in GiB.
	pub quota_gib: u64,
	/// Where metrics, health and status are read.
	pub metrics: SocketAddr,
	/// The devices.
	pub devices: Vec<DeviceAnswer>,
}

/// A text as TOML writes it.
fn quoted(text: &str) -> String {
	toml::Value::from(text).to_string()
}

/// The file.
pub fn template(answers: &Answers) -> String {
	let mut text = head(answers);
	text += &data(answers);
	for device in &answers.devices {
		text += &device_section(device);
	}
	text + TAIL + &metrics(answers)
}

fn head(answers: &Answers) -> String {
	let endpoints: Vec<_> = answers.endpoints.iter().map(|url| quoted(url)).collect();
	let mut text = String::from(
		"# Settings of mutirao-worker. `mutirao-worker config print` shows what is in force, and why;\n\
		 # `mutirao-worker doctor` what is wrong. Any value outside [[device]] may also be set by the\n\
		 # environment (MUTIRAO_WORKER_DATA_QUOTA_GIB=50) or a flag (--set data.quota_gib=50).\n\n",
	);
	let _ = writeln!(
		text,
		"[chain]\n# Nodes of one chain. The first that answers is used; the others when it does not.\n\
		 endpoints = [{}]\n\n[keys]\n\
		 # The account whose stake answers. Its own key does not belong on this machine.\n\
		 provider = {}\n\
		 # The hot key: serves jobs for the provider, and can move no money. Only you may read it.\n\
		 hot_key_file = {}",
		endpoints.join(", "),
		quoted(&answers.provider.to_string()),
		quoted(&answers.hot_key_file.display().to_string()),
	);
	if answers.allow_development_keys {
		text += "# Keys that everybody knows. Never on a chain with money on it.\n\
			allow_development_keys = true\n";
	}
	text
}

fn data(answers: &Answers) -> String {
	let public_url = match &answers.public_url {
		Some(url) => format!("public_url = {}", quoted(url)),
		None => "# public_url = \"https://gpu.example:4400\"".into(),
	};
	format!(
		"\n[data]\n# Where buyers send and fetch buffers.\nlisten = {}\n\
		 # The same as buyers see it: it is written on the chain. Open this port.\n{public_url}\n\
		 # Buffers, journal and work in progress. Do not delete it while jobs are open: it is what your\n\
		 # stake is defended with.\nfolder = {}\nquota_gib = {}\n\
		 # TLS without a reverse proxy: both, as PEM.\n\
		 # tls_certificate = \"/etc/mutirao/tls.pem\"\n# tls_key = \"/etc/mutirao/tls.key\"\n",
		quoted(&answers.listen.to_string()),
		quoted(&answers.folder.display().to_string()),
		answers.quota_gib,
	)
}

fn device_section(device: &DeviceAnswer) -> String {
	format!(
		"\n[[device]]\n# Part of the adapter's name; \"vm\" is this machine's processor.\nadapter = {}\n\
		 # 10^9 declared steps, the least for a job, and the most. The two calls of a job cost the hot key\n\
		 # up to 0.006 MUT: ask for more. Twice the most is what a job can cost you if the device computes\n\
		 # it wrongly.\nprice_per_gigastep = {}\nminimum_price = {}\n\
		 maximum_price = {}\n# ISO 3166: \"BR\" or \"BR-SP\".\nregion = {}\n\
		 # Under load; 0 if you do not tell.\nwatts = {}\n\
		 # Jobs that are open at once. They are computed one after the other; most of the time they wait.\ncapacity = 8\n",
		quoted(&device.adapter),
		quoted(&device.price_per_gigastep.to_string()),
		quoted(&device.minimum_price.to_string()),
		quoted(&device.maximum_price.to_string()),
		quoted(&device.region.to_string()),
		device.watts,
	)
}

const TAIL: &str = "\n[policy]\n# false: no new jobs; open ones are served to their end.\naccept = true\n\
	# What must be left of a job's price after its expected costs.\nminimum_profit = \"0 MUT\"\n\
	# What a kilowatt-hour costs you, if it is to be counted; each device's `watts` says how many it takes.\n\
	# energy_price_per_kwh = \"0.05 MUT\"\n\
	# Longer jobs are left to others.\nmax_job_seconds = 3600\n\
	# And so are jobs with a longer contest window: the disk holds their buffers for so long.\n\
	max_contest_hours = 48\n\
	# The expected time must fit so many times before the deadline.\nmargin = 1.5\n\
	# And kernels may be so many times as slow as gemm_i8, which `bench` shows.\nslowest = 4.0\n\
	\n[watch]\n# Check others' work and challenge what is wrong: \"off\", \"mine\" (jobs you bought), \"any\".\n\
	jobs = \"off\"\n# The most that challenges may cost; one that is upheld costs nothing.\nbond_budget = \"1 MUT\"\n# Workgroups of a job that are computed again, or \"all\".\n\
	workgroups = 4\n# Jobs that are examined at once.\nat_once = 4\n";

fn metrics(answers: &Answers) -> String {
	format!(
		"\n[metrics]\n# /metrics, /health and /status, for this machine alone.\nlisten = {}\n",
		quoted(&answers.metrics.to_string())
	)
}
