//! The provider's machine: a disk that survives, and a worker that does not.

use crate::{
	account::{HotAccount, HOT_KEY},
	market::Work,
	wire,
};
use futures::future::{BoxFuture, FutureExt as _};
use mutirao_client::{AccountId, Balance, Error};
use mutirao_data::store::{Store, Stored};
use mutirao_types::BufferId;
use mutirao_worker::{
	chain::{Backoff, Submitter, Watcher},
	funds::{Money, Purse},
	gpu::{Device as _, Pool, VmDevice},
	jobs::{Inputs, Journal, Limits, Parts, Policy, Serving, Sources, Worker},
};
use std::{
	path::PathBuf,
	sync::{Arc, Mutex},
	thread,
	time::Duration,
};

/// The provider's only offer.
const OFFER: u64 = 0;
const STORE_BYTES: u64 = 64 << 20;
/// How long results are kept after a job's end.
pub(crate) const KEEP: u32 = 20;

/// What survives a crash.
pub(crate) struct Disk {
	folder: tempfile::TempDir,
	inputs: Arc<Buyers>,
	pub(crate) sources: Arc<Sources>,
}

/// A process.
pub(crate) struct Running {
	pub(crate) worker: Worker<HotAccount>,
	pub(crate) journal: Arc<Journal>,
	watcher: Watcher<HotAccount>,
}

impl Disk {
	pub(crate) fn new(works: &[Work], seed: u64) -> Self {
		let buffers = works.iter().flat_map(|work| work.inputs.iter().cloned()).collect();
		let random = Mutex::new(fastrand::Rng::with_seed(seed));
		Self {
			folder: tempfile::tempdir_in(fast_folder()).expect("a folder can be made"),
			inputs: Arc::new(Buyers { buffers, random }),
			sources: Arc::default(),
		}
	}

	/// The worker as it starts: from what is on the disk.
	pub(crate) fn start(&self, account: &HotAccount) -> Running {
		let journal = Arc::new(self.journal());
		// Fast enough for all that is asked of it.
		let device = VmDevice::new().with_speed(100_000_000);
		let pause = Duration::from_micros(100);
		let parts = Parts {
			chain: account.clone(),
			purse: Arc::new(Full),
			store: self.store(),
			journal: journal.clone(),
			serving: vec![Serving { offer: OFFER, device: device.info().clone() }],
			pool: Pool::new(vec![Arc::new(device)]),
			spare: Vec::new(),
			policy: Policy::default(),
			limits: Limits { keep: KEEP, ..Limits::default() },
			submitter: Submitter { attempts: 3, backoff: Backoff::new(pause, pause) },
			folder: self.path("work"),
			inputs: self.inputs.clone(),
			sources: self.sources.clone(),
		};
		let next = journal.next_block().expect("the journal is readable");
		let watcher = Watcher::new(account.clone(), next);
		Running { worker: Worker::new(parts), journal, watcher }
	}

	/// The store, opened anew.
	pub(crate) fn store(&self) -> Store {
		Store::open(self.path("store"), STORE_BYTES).expect("the store opens")
	}

	/// The journal, once nothing of a killed worker has it any more.
	fn journal(&self) -> Journal {
		let path = self.path("journal.redb");
		for _ in 0..2_000 {
			match Journal::open(&path) {
				Ok(journal) => return journal,
				Err(_) => thread::sleep(Duration::from_millis(1)),
			}
		}
		Journal::open(&path).expect("the journal opens")
	}

	fn path(&self, name: &str) -> PathBuf {
		self.folder.path().join(name)
	}
}

impl Running {
	/// Reads new blocks, as the worker's own loop does, until one does not come at once.
	pub(crate) fn watch(&mut self) {
		for _ in 0..20 {
			let Some(news) = self.watcher.next().now_or_never() else { return };
			let news = news.expect("the chain is always understood");
			let next = news.number + 1;
			self.journal.advance(next, &news.demands).expect("the journal can be written");
		}
	}
}

/// A hot key that never runs out of money.
struct Full;

impl Purse for Full {
	fn account(&self) -> AccountId {
		wire::recode(&HOT_KEY.to_account_id())
	}

	fn money(&self) -> BoxFuture<'_, Result<Money, Error>> {
		async { Ok(Money { free: Balance::MAX, deposit: 0 }) }.boxed()
	}
}

/// The buyers' data planes: each third fetch fails.
struct Buyers {
	buffers: Vec<Vec<u8>>,
	random: Mutex<fastrand::Rng>,
}

impl Inputs for Buyers {
	fn fetch<'a>(
		&'a self,
		buffer: &'a BufferId,
		_: &'a [String],
		store: &'a Store,
	) -> BoxFuture<'a, Result<Stored, String>> {
		let fails = self.random.lock().is_ok_and(|mut random| random.u8(0..3) == 0);
		let fetch = move || {
			let found = self.buffers.iter().find(|bytes| BufferId::of(bytes) == *buffer);
			let bytes = found.filter(|_| !fails).ok_or("no data plane answers")?;
			store.put(bytes).map_err(|error| error.to_string())?;
			let stored = store.get(buffer).map_err(|error| error.to_string())?;
			stored.ok_or_else(|| "it is gone again".into())
		};
		async move { fetch() }.boxed()
	}
}

/// A folder in memory, if there is one: journals are written to the disk very often.
fn fast_folder() -> PathBuf {
	let memory = PathBuf::from("/dev/shm");
	match memory.is_dir() {
		true => memory,
		false => std::env::temp_dir(),
	}
}
