//! Servers, gates and bytes for the tests.

use std::{
	collections::HashMap,
	sync::{Arc, Mutex},
	time::{Duration, SystemTime, UNIX_EPOCH},
};

use futures::{future::BoxFuture, FutureExt};
use mutirao_commitment::BufferId;
use mutirao_data::{
	fetch::{FetchOptions, Fetcher},
	serve::{self, Gate, Limits, Refusal},
	store::Store,
	wire::{Audience, UploadToken},
};
use subxt_signer::sr25519::dev;
use tempfile::TempDir;
use tokio::{net::TcpListener, task::JoinHandle};
use tokio_util::sync::CancellationToken;

pub(crate) const MIB: usize = 1 << 20;

/// Bytes without a pattern.
pub(crate) fn bytes(len: usize, seed: u64) -> Vec<u8> {
	let mut random = fastrand::Rng::with_seed(seed);
	let mut bytes = vec![0; len];
	random.fill(&mut bytes);
	bytes
}

/// A store in a folder that is removed with it.
pub(crate) fn store(quota: u64) -> (TempDir, Store) {
	let folder = tempfile::tempdir().unwrap();
	let store = Store::open(folder.path(), quota).unwrap();
	(folder, store)
}

/// A store with one buffer.
pub(crate) fn store_with(data: &[u8]) -> (TempDir, Store, BufferId) {
	let (folder, store) = store(1 << 40);
	let id = store.put(data).unwrap();
	(folder, store, id)
}

/// A fetcher that is soon tired, and asks this machine.
pub(crate) fn fetcher() -> Fetcher {
	Fetcher::new(options()).unwrap()
}

pub(crate) fn options() -> FetchOptions {
	FetchOptions {
		allow_private: true,
		piece_timeout: Duration::from_millis(1500),
		attempts: 2,
		grace: Duration::from_secs(20),
		..FetchOptions::default()
	}
}

/// A running server.
pub(crate) struct Server {
	pub(crate) url: String,
	pub(crate) address: std::net::SocketAddr,
	pub(crate) stop: CancellationToken,
	pub(crate) task: JoinHandle<std::io::Result<()>>,
}

impl Drop for Server {
	fn drop(&mut self) {
		self.task.abort();
	}
}

pub(crate) async fn serve(store: &Store, gate: Arc<dyn Gate>, limits: Limits) -> Server {
	let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
	let address = listener.local_addr().unwrap();
	let stop = CancellationToken::new();
	let router = serve::router(store.clone(), gate);
	let task = tokio::spawn(serve::run(listener, router, limits, None, stop.clone()));
	Server { url: format!("http://{address}"), address, stop, task }
}

pub(crate) async fn serve_all(store: &Store) -> Server {
	serve(store, Arc::new(serve::ReadOnly), Limits::default()).await
}

pub(crate) const TO: Audience = Audience { genesis: [7; 32], provider: [8; 32] };

/// Knows some jobs, all of them posted by Alice.
#[derive(Default)]
pub(crate) struct Jobs {
	pub(crate) inputs: HashMap<u64, Vec<BufferId>>,
	pub(crate) sources: Mutex<Vec<String>>,
}

impl Jobs {
	pub(crate) fn one(job: u64, inputs: &[BufferId]) -> Arc<Self> {
		Arc::new(Self { inputs: [(job, inputs.to_vec())].into(), ..Self::default() })
	}

	fn find(&self, job: u64) -> Result<Vec<BufferId>, Refusal> {
		let none = || Refusal::NotFound(format!("there is no job {job}"));
		self.inputs.get(&job).cloned().ok_or_else(none)
	}
}

impl Gate for Jobs {
	fn audience(&self) -> Audience {
		TO
	}

	fn inputs(&self, job: u64) -> BoxFuture<'_, Result<Vec<BufferId>, Refusal>> {
		async move { self.find(job) }.boxed()
	}

	fn permit(
		&self,
		job: u64,
		token: &UploadToken,
	) -> BoxFuture<'_, Result<Vec<BufferId>, Refusal>> {
		let alice = token.buyer == dev::alice().public_key().0;
		async move {
			let inputs = self.find(job)?;
			alice.then_some(inputs).ok_or(Refusal::Forbidden("the job is Alice's".into()))
		}
		.boxed()
	}

	fn sources(
		&self,
		_: u64,
		_: &UploadToken,
		urls: Vec<String>,
	) -> BoxFuture<'_, Result<(), Refusal>> {
		self.sources.lock().unwrap().extend(urls);
		async { Ok(()) }.boxed()
	}
}

pub(crate) fn now() -> u64 {
	SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

/// Alice's token for a job.
pub(crate) fn token(job: u64) -> UploadToken {
	UploadToken::sign(&dev::alice(), TO.provider, job, TO.genesis, now() + 600)
}
