//! Everything that `run` runs, put together.
//!
//! | module | what |
//! |---|---|
//! | `parts` | journal, store, devices: what must be there before anything starts |
//! | `tasks` | parts that run side by side |
//! | `telemetry` | the status, and metrics that follow from it |

mod parts;
mod tasks;
mod telemetry;

use std::sync::Arc;

use mutirao_client::{address, keys::Keypair, Account, AccountId, Client, ProxyType};
use mutirao_data::{fetch::Fetcher, serve, store::Store};
use mutirao_types::OfferId;
use tokio::{net::TcpListener, sync::watch};
use tokio_util::sync::CancellationToken;

use crate::{
	benchmark::{Bench, Measured, Records},
	chain::Submitter,
	config::{self, Config},
	exit::{failed, Failure},
	facts::Facts as _,
	funds::HotKey,
	jobs,
	metrics::{self, Counted, Metrics},
	watch::{Budget, Seen, Thoroughness, Tower, Watched},
	Error,
};

use self::{
	parts::Parts,
	tasks::{text, Tasks},
	telemetry::{Loops, Telemetry},
};

/// The account in whose name calls are made, counted.
type Hot = Counted<Account<Keypair>>;

/// Serves jobs until the token is cancelled. `report` is told checks of devices.
///
/// # Errors
///
/// What keeps the worker from starting, or ends it.
pub async fn run(
	config: &Config,
	hot: Keypair,
	provider: AccountId,
	stop: CancellationToken,
	report: impl FnMut(&str, u64, u64),
) -> anyhow::Result<()> {
	let client =
		Client::open(mutirao_client::Options::new(config.chain.endpoints.clone())?).await?;
	let name = address::display(&provider);
	tracing::info!(endpoint = client.endpoint(), provider = name, "connected");
	let metrics = Metrics::new()?;
	let parts = parts::gather(config, &client, provider, &metrics, report).await?;
	let key = AccountId::from(hot.public_key());
	let deposit = client.terms().await?.existential_deposit;
	let purse = Arc::new(HotKey { client: client.clone(), account: key, deposit });
	// A challenge is nobody's duty: the hot key makes it in its own name.
	let watcher = Account::new(client.clone(), hot.clone());
	let account = match key == provider {
		true => Account::new(client.clone(), hot),
		false => Account::new(client.clone(), hot).acting_for(provider, ProxyType::Worker),
	};
	let chain: Hot = Counted::new(account, metrics.clone());
	let listeners = Listeners::bind(config).await?;
	let mut tasks = Tasks::new(stop.clone());
	let jobs_status = start_jobs(&mut tasks, config, &parts, &chain, purse, listeners.data)?;
	let loops = Loops {
		jobs: jobs_status,
		benchmarks: start_benchmarks(&mut tasks, config, &parts, &chain)?,
		watch: start_watch(&mut tasks, config, &parts, watcher, provider),
	};
	let accounts = (provider, key);
	let telemetry = Telemetry::new(config, accounts, client, &parts, metrics.clone(), loops);
	let latest = telemetry.latest();
	let stopping = stop.clone();
	tasks.add("metrics", async move {
		metrics::serve(listeners.metrics, metrics, latest, stopping).await.map_err(text)
	});
	let stopping = stop.clone();
	tasks.add("status", async move {
		telemetry.run(stopping).await;
		Ok(())
	});
	tracing::info!(
		data = %config.data.listen,
		metrics = %config.metrics.listen,
		devices = parts.serving.len(),
		"serving"
	);
	tasks.join().await
}

/// Sockets, bound before anything else starts.
struct Listeners {
	data: TcpListener,
	metrics: TcpListener,
}

impl Listeners {
	async fn bind(config: &Config) -> anyhow::Result<Self> {
		let bind = |setting: &'static str, address: std::net::SocketAddr| async move {
			TcpListener::bind(address).await.map_err(|error| {
				let message = format!("cannot listen on {address} ({setting}): {error}");
				failed(Failure::Configuration, message)
			})
		};
		Ok(Self {
			data: bind("data.listen", config.data.listen).await?,
			metrics: bind("metrics.listen", config.metrics.listen).await?,
		})
	}
}

/// The job loop, and the data plane in front of it.
fn start_jobs(
	tasks: &mut Tasks,
	config: &Config,
	parts: &Parts,
	chain: &Hot,
	purse: Arc<HotKey>,
	listener: TcpListener,
) -> anyhow::Result<watch::Receiver<jobs::Status>> {
	let genesis = purse.client.chain().genesis_hash().0;
	let worker = jobs::Worker::new(jobs::Parts {
		chain: chain.clone(),
		purse,
		store: parts.store.clone(),
		journal: parts.journal.clone(),
		pool: parts.pool.clone(),
		serving: parts.serving.clone(),
		spare: parts.spare.clone(),
		policy: parts::policy(&config.policy),
		limits: limits(config),
		submitter: Submitter::default(),
		folder: config.data.folder.join("work"),
		inputs: Arc::new(parts.fetcher.clone()),
		sources: Arc::new(jobs::Sources::new(config.data.sources.clone())),
	});
	let status = worker.status();
	let gate = worker.gate(genesis);
	let router = serve::router(parts.store.clone(), Arc::new(gate));
	let tls = match (&config.data.tls_certificate, &config.data.tls_key) {
		(Some(certificate), Some(key)) => {
			let read = serve::tls::acceptor(certificate, key);
			Some(read.map_err(|error| failed(Failure::Configuration, error))?)
		}
		_ => None,
	};
	let stop = tasks.stop.clone();
	tasks.add("the data plane", async move {
		serve::run(listener, router, serve::Limits::default(), tls, stop).await.map_err(text)
	});
	let stop = tasks.stop.clone();
	tasks.add("jobs", async move {
		jobs::run(worker, stop).await.map_err(|error| match error {
			jobs::JobsError::Chain(error) => Error::RuntimeUnknown(error.to_string()),
			error => text(error),
		})
	});
	Ok(status)
}

/// How the loop goes about its work. A worker that must lie does not check itself.
fn limits(config: &Config) -> jobs::Limits {
	let mut limits = jobs::Limits::default();
	if let Some(lie) = config.testing.lie {
		tracing::warn!(?lie, "this worker lies, as its settings say: it will lose its stake");
		limits.check.samples = 0;
	}
	limits
}

/// One loop for each offer, which answers benchmark windows; how each stands.
fn start_benchmarks(
	tasks: &mut Tasks,
	config: &Config,
	parts: &Parts,
	chain: &Hot,
) -> anyhow::Result<Vec<(OfferId, watch::Receiver<Measured>)>> {
	let folder = config.data.folder.join("benchmark");
	let bench = Arc::new(Bench {
		chain: chain.clone(),
		pool: Arc::new(parts.pool.clone()),
		store: parts.store.clone(),
		records: Records::open(folder.join("claims"))?,
		folder: folder.join("work"),
	});
	let mut receivers = Vec::new();
	for serving in &parts.serving {
		let (bench, serving, stop) = (bench.clone(), serving.clone(), tasks.stop.clone());
		let (measured, receiver) = watch::channel(Measured::default());
		receivers.push((serving.offer, receiver));
		tasks.add("benchmark windows", async move {
			let ended = bench.run(serving.offer, &serving.device.name, &measured, &stop).await;
			ended.map_err(|error| Error::RuntimeUnknown(error.to_string()))
		});
	}
	Ok(receivers)
}

/// The watchtower beside the jobs, if the settings want one; what it sees.
fn start_watch(
	tasks: &mut Tasks,
	config: &Config,
	parts: &Parts,
	chain: Account<Keypair>,
	provider: AccountId,
) -> Option<watch::Receiver<Seen>> {
	let (store, fetcher) = (parts.store.clone(), parts.fetcher.clone());
	// The jobs that earn need the store more.
	let most = store.usage().quota / 4;
	let tower = tower(config, store, fetcher, most, chain, provider)?;
	let (budget, stop) = (Budget::of(config.watch.bond_budget.0), tasks.stop.clone());
	let (seen, receiver) = watch::channel(Seen::default());
	tasks.add("the watchtower", async move {
		let ended = tower.run(budget, &seen, &stop).await;
		ended.map_err(|error| Error::RuntimeUnknown(error.to_string()))
	});
	Some(receiver)
}

/// A watchtower as the settings want it, which has at most so many bytes on the disk; `None`: they want
/// none.
pub fn tower<C>(
	config: &Config,
	store: Store,
	fetcher: Fetcher,
	max_bytes: u64,
	chain: C,
	provider: AccountId,
) -> Option<Tower<C>> {
	let watched = match config.watch.jobs {
		config::Watched::Off => return None,
		config::Watched::Mine => Watched::Of(provider),
		config::Watched::Any => Watched::Any,
	};
	let thoroughness = match config.watch.workgroups {
		config::Workgroups::Some(number) => Thoroughness::Some(number),
		config::Workgroups::All => Thoroughness::All,
	};
	let at_once = usize::from(config.watch.at_once).max(1);
	Some(Tower {
		chain,
		submitter: Submitter::default(),
		store,
		fetcher: Arc::new(fetcher),
		watched,
		provider,
		thoroughness,
		// Each has its part: a job that fills its own takes nothing from the others.
		max_bytes: max_bytes / at_once as u64,
		at_once,
	})
}
