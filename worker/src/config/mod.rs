//! What a provider sets: a TOML file, environment variables, flags.
//!
//! A flag is stronger than the environment, the environment than the file, the file than the defaults.
//! [`Loaded::leaves`] tells for each value where it came from. Errors name their place:
//! `worker.toml:12: data.listen: invalid socket address syntax`.

mod check;
mod edit;
mod load;
mod overlay;
mod place;
mod template;
mod units;

use std::{net::SocketAddr, path::PathBuf};

use serde::{Deserialize, Serialize};

use crate::gpu::faulty::Lie;

pub(crate) use check::is_url;
pub use check::Problem;
pub use edit::{with_offers, EditError};
pub use load::{load, ConfigError, Leaf, Loaded, Origin};
pub use overlay::{from_environment, Override, CONFIG_VARIABLE, KEY_VARIABLE, OWNER_KEY_VARIABLE};
pub use template::{template, Answers, DeviceAnswer};
pub use units::{Address, Money, Place, Workgroups};

/// Where the file is looked for if nobody says.
pub const DEFAULT_PATH: &str = "/etc/mutirao/worker.toml";
/// The adapter that stands for the VM on the machine's own processor.
pub const VM_ADAPTER: &str = "vm";

/// All settings.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
	/// Which chain, and through which nodes.
	pub chain: Chain,
	/// Whose stake answers, and with which key the worker signs.
	pub keys: Keys,
	/// Buffers: where they are kept and served.
	pub data: Data,
	/// The devices that serve jobs.
	pub device: Vec<Device>,
	/// Which jobs are taken.
	pub policy: Policy,
	/// Whether other providers' work is checked.
	pub watch: Watch,
	/// Where metrics, health and status are read.
	pub metrics: Metrics,
	/// How this worker cheats.
	#[serde(skip_serializing_if = "Testing::is_nothing")]
	pub testing: Testing,
}

/// Which chain, and through which nodes.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Chain {
	/// Nodes of one chain, `ws://` or `wss://`. The first that answers is used until it does not.
	pub endpoints: Vec<String>,
}

impl Default for Chain {
	fn default() -> Self {
		Self { endpoints: vec!["ws://127.0.0.1:9944".into()] }
	}
}

/// Whose stake answers, and with which key the worker signs.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Keys {
	/// The provider's account. Its key is not needed on this machine, but for `register` and `leave`.
	pub provider: Option<Address>,
	/// The file of the hot key, which acts for the provider through the Worker proxy type. Its mode
	/// must keep others from reading it. `MUTIRAO_WORKER_KEY` may hold the key instead.
	pub hot_key_file: Option<PathBuf>,
	/// Whether keys that everybody knows, such as `//Alice`, may sign: on development chains.
	pub allow_development_keys: bool,
}

/// Buffers: where they are kept and served.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Data {
	/// Where the data plane listens.
	pub listen: SocketAddr,
	/// The address under which buyers reach it: `http://` or `https://`, at most 128 bytes.
	pub public_url: Option<String>,
	/// The folder of buffers, journal and work in progress.
	pub folder: PathBuf,
	/// How much of the disk it may take, in GiB.
	pub quota_gib: u64,
	/// A PEM file with the certificate chain, for TLS without a reverse proxy.
	pub tls_certificate: Option<PathBuf>,
	/// A PEM file with the certificate's key.
	pub tls_key: Option<PathBuf>,
	/// Data planes that are tried for inputs besides the ones a buyer names.
	pub sources: Vec<String>,
	/// Whether a buyer may send this worker to private addresses. For networks of one's own.
	pub allow_private_sources: bool,
}

impl Default for Data {
	fn default() -> Self {
		Self {
			listen: SocketAddr::from(([0, 0, 0, 0], 4400)),
			public_url: None,
			folder: "/var/lib/mutirao".into(),
			quota_gib: 100,
			tls_certificate: None,
			tls_key: None,
			sources: Vec::new(),
			allow_private_sources: false,
		}
	}
}

/// A device that serves jobs.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Device {
	/// Part of the adapter's name, such as `NVIDIA H100`; `vm` for this machine's processor.
	pub adapter: String,
	/// The number of its offer on the chain. `register` fills it in.
	pub offer: Option<u64>,
	/// What 10⁹ declared steps cost.
	pub price_per_gigastep: Money,
	/// The least that a job costs.
	pub minimum_price: Money,
	/// The most that a job may cost; twice of it is the most stake that one job can lose.
	pub maximum_price: Money,
	/// Where it stands: `BR`, or `BR-SP`.
	pub region: Place,
	/// Power under load, in watts; 0: not told.
	#[serde(default)]
	pub watts: u16,
	/// Jobs that its offer takes at once, at least 1. They are computed one after the other, but each
	/// is open until its contest window closes: with 1 the device would stand idle meanwhile.
	#[serde(default = "several")]
	pub capacity: u16,
}

fn several() -> u16 {
	8
}

impl Device {
	/// Whether it is the VM rather than an adapter.
	pub fn is_vm(&self) -> bool {
		self.adapter == VM_ADAPTER
	}
}

/// Which jobs are taken.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Policy {
	/// Whether new jobs are taken at all.
	pub accept: bool,
	/// A job is taken if its price exceeds its expected costs by so much: the protocol's fee, energy, and, if
	/// this is not 0, what one job in a hundred loses that is late, a quarter of its collateral.
	pub minimum_profit: Money,
	/// What a kilowatt-hour costs; counted with the devices' `watts`. Not set: energy is not counted.
	pub energy_price_per_kwh: Option<Money>,
	/// Jobs that would compute for longer than this are left to others, in seconds.
	pub max_job_seconds: u32,
	/// Jobs with a longer contest window are left to others, in hours: the disk holds their buffers for
	/// so long.
	pub max_contest_hours: u32,
	/// How many times the expected time must fit before the deadline: 1.5 leaves half as much again.
	pub margin: f64,
	/// How many times as long a step of the slowest kernels takes as one of `gemm_i8`, which devices are
	/// measured with. Deadlines are reckoned with it.
	pub slowest: f64,
}

impl Default for Policy {
	fn default() -> Self {
		Self {
			accept: true,
			minimum_profit: Money(0),
			energy_price_per_kwh: None,
			max_job_seconds: 3_600,
			max_contest_hours: 48,
			margin: 1.5,
			slowest: crate::jobs::SLOWEST,
		}
	}
}

/// Whose work is checked.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Watched {
	/// Nobody's.
	#[default]
	Off,
	/// The jobs that the provider's account has bought.
	Mine,
	/// Any provider's.
	Any,
}

/// Whether other providers' work is checked.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Watch {
	/// Whose work is checked.
	pub jobs: Watched,
	/// The most that challenges that fail may cost: each costs its fee.
	pub bond_budget: Money,
	/// Jobs that are examined at once, 1 to 64. They share the room on the disk.
	pub at_once: u8,
	/// How many workgroups of a job are computed again: a number, or `"all"`.
	pub workgroups: Workgroups,
}

impl Default for Watch {
	fn default() -> Self {
		Self {
			jobs: Watched::Off,
			bond_budget: Money(1_000_000_000_000),
			at_once: 4,
			workgroups: Workgroups::Some(4),
		}
	}
}

/// Where metrics, health and status are read.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Metrics {
	/// A loopback address.
	pub listen: SocketAddr,
}

impl Default for Metrics {
	fn default() -> Self {
		Self { listen: SocketAddr::from(([127, 0, 0, 1], 4401)) }
	}
}

/// How a worker cheats, for tests of whoever must catch it. It loses its stake.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Testing {
	/// What all devices do to their results. The worker does not check itself then.
	pub lie: Option<Lie>,
}

impl Testing {
	fn is_nothing(&self) -> bool {
		*self == Self::default()
	}
}

#[cfg(test)]
mod tests;
