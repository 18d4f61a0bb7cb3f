//! A market with one provider and one buyer, and a worker that can be dropped and built again.

mod chain;
mod device;
mod pocket;
mod programs;
mod somewhere;

pub(crate) use chain::Flaky;
pub(crate) use device::{Mode, Scripted};
pub(crate) use pocket::Pocket;
pub(crate) use programs::{
	faulty_program, inputs_of, late_fault, two_passes, Sample as SampleProgram,
};
pub(crate) use somewhere::Somewhere;

use std::{path::PathBuf, sync::Arc, time::Duration};

use mutirao_client::{
	fake::{FakeAccount, FakeChain},
	pallets::{AttestationsExt, JobsExt, ProvidersExt},
	AccountId, Submit,
};
use mutirao_data::store::Store;
use mutirao_types::{
	Backend, BufferId, Device as Described, JobId, JobRequest, OfferId, OfferTerms, Region,
	Requirements, Target, Times, Verdict,
};

use crate::{
	chain::{Backoff, Submitter},
	gpu::{Device, Pool},
};

use super::super::{
	inputs::Sources,
	record::{Record, Times as Spent},
	Journal, Limits, Parts, Policy, Serving, Worker,
};

pub(crate) const STAKE: u128 = 1_000_000_000_000_000;
pub(crate) const PRICE: u128 = 5_000_000_000;
pub(crate) const PROVIDER: [u8; 32] = [2; 32];
pub(crate) const BUYER: [u8; 32] = [1; 32];
pub(crate) const CAPACITY: u16 = 4;

/// A record of some job.
pub(crate) fn record(job: JobId) -> Record {
	Record {
		job,
		offer: 0,
		buyer: AccountId::from(BUYER),
		request: request([7; 32], Vec::new(), Vec::new()),
		declared_steps: 1_000,
		price: PRICE,
		sent: Vec::new(),
		computed: None,
		fault: None,
		hopeless: None,
		demands: Vec::new(),
		ended: None,
		failures: 0,
		times: Spent::default(),
	}
}

/// What most tests ask for.
pub(crate) fn request(
	program: [u8; 32],
	parameters: Vec<u32>,
	inputs: Vec<BufferId>,
) -> JobRequest<u128> {
	JobRequest {
		program,
		parameters: parameters.try_into().unwrap(),
		inputs: inputs.try_into().unwrap(),
		target: Target::Anyone,
		requirements: Requirements::default(),
		price_cap: 100 * PRICE,
		samples: 2,
		times: Times { accept_within: 50, attest_within: 200, contest_for: 40 },
	}
}

pub(crate) fn described() -> Described {
	Described {
		adapter: b"An adapter".to_vec().try_into().unwrap(),
		driver: b"A driver 1.0".to_vec().try_into().unwrap(),
		backend: Backend::Vulkan,
		memory_mib: 8_192,
		region: Region { country: *b"BR", subdivision: *b"SP\0" },
		watts: 200,
	}
}

pub(crate) fn terms() -> OfferTerms<u128> {
	OfferTerms {
		price_per_gigastep: 25,
		minimum_price: PRICE,
		maximum_price: 1_000 * PRICE,
		capacity: CAPACITY,
		expires: 1_000_000,
	}
}

/// All of it. The worker may be dropped and started again.
pub(crate) struct Market {
	pub(crate) chain: FakeChain,
	pub(crate) provider: Flaky,
	pub(crate) pocket: Arc<Pocket>,
	pub(crate) buyer: FakeAccount,
	pub(crate) offers: Vec<OfferId>,
	pub(crate) program: SampleProgram,
	pub(crate) devices: Vec<Arc<Scripted>>,
	pub(crate) policy: Policy,
	pub(crate) limits: Limits,
	pub(crate) somewhere: Arc<Somewhere>,
	pub(crate) sources: Arc<Sources>,
	/// What the store may take, in bytes.
	pub(crate) quota: u64,
	folder: tempfile::TempDir,
}

impl Market {
	/// A provider with an offer for each of these devices.
	pub(crate) async fn with(devices: Vec<Arc<Scripted>>) -> Self {
		let chain = FakeChain::new().unwrap();
		let (buyer, provider) = (chain.account(BUYER), chain.account(PROVIDER));
		provider.register_provider(STAKE, Default::default()).await.unwrap();
		let mut offers = Vec::new();
		for _ in &devices {
			offers.push(provider.post_offer(described(), terms()).await.unwrap());
		}
		let program = two_passes();
		chain.add_program(program.code.clone(), program.quote.clone());
		let folder = tempfile::tempdir_in(fast_folder()).unwrap();
		let limits = Limits { keep: 20, life: 12, ..Limits::default() };
		Self {
			provider: Flaky::new(provider),
			pocket: Arc::default(),
			chain,
			buyer,
			offers,
			program,
			devices,
			policy: Policy::default(),
			limits,
			somewhere: Arc::default(),
			sources: Arc::default(),
			quota: 64 << 20,
			folder,
		}
	}

	/// With one honest device.
	pub(crate) async fn new() -> Self {
		Self::with(vec![Scripted::honest("one")]).await
	}

	/// The worker as it starts: from what is on the disk.
	pub(crate) fn worker(&self) -> Worker<Flaky> {
		self.worker_of(self.provider.clone())
	}

	/// The same in the name of an account that is no provider.
	pub(crate) fn stranger(&self) -> Worker<Flaky> {
		self.worker_of(Flaky::new(self.chain.account([9; 32])))
	}

	fn worker_of(&self, chain: Flaky) -> Worker<Flaky> {
		let devices = self.devices.iter().map(|device| device.clone() as Arc<dyn Device>);
		let pause = Duration::from_millis(1);
		let serving = self.devices.iter().zip(&self.offers);
		let parts = Parts {
			chain,
			purse: self.pocket.clone(),
			store: self.store(),
			journal: Arc::new(Journal::open(&self.path("journal.redb")).unwrap()),
			pool: Pool::new(devices.collect()),
			serving: serving
				.map(|(device, offer)| Serving { offer: *offer, device: device.info().clone() })
				.collect(),
			spare: Vec::new(),
			policy: self.policy.clone(),
			limits: self.limits.clone(),
			submitter: Submitter { attempts: 2, backoff: Backoff::new(pause, pause) },
			folder: self.path("work"),
			inputs: self.somewhere.clone(),
			sources: self.sources.clone(),
		};
		Worker::new(parts)
	}

	/// The store's folder, opened anew.
	pub(crate) fn store(&self) -> Store {
		Store::open(self.path("store"), self.quota).unwrap()
	}

	pub(crate) fn path(&self, name: &str) -> PathBuf {
		self.folder.path().join(name)
	}

	/// What the usual job asks for.
	pub(crate) fn request(&self) -> JobRequest<u128> {
		let inputs = inputs_of(&self.program).iter().map(|bytes| BufferId::of(bytes)).collect();
		request(self.program.id(), self.program.parameters.clone(), inputs)
	}

	/// Posts it, with its inputs where they can be fetched.
	pub(crate) async fn post(&self) -> JobId {
		self.post_as(self.request()).await
	}

	pub(crate) async fn post_as(&self, request: JobRequest<u128>) -> JobId {
		*self.somewhere.buffers.lock().unwrap() = inputs_of(&self.program);
		let job = self.buyer.post(request).await.unwrap();
		self.sources.name(job, vec!["http://somewhere".into()]).unwrap();
		job
	}

	/// Registers a program, of which jobs are from now on.
	pub(crate) fn use_program(&mut self, program: SampleProgram) {
		self.chain.add_program(program.code.clone(), program.quote.clone());
		self.program = program;
	}

	/// Rounds, with a block between them, until the job is attested.
	pub(crate) async fn until_attested(&self, worker: &mut Worker<Flaky>, job: JobId) {
		while self.provider.attestation(job).await.unwrap().is_none() {
			step(worker).await;
			self.chain.advance(1);
		}
	}

	/// How a job ended, if it did.
	pub(crate) async fn verdict(&self, job: JobId) -> Option<Verdict> {
		self.buyer.finished_job(job).await.unwrap().map(|ended| ended.verdict)
	}

	/// Rounds, with a block between them, until the job has ended and the worker knows; at most so many.
	pub(crate) async fn until_over(&self, worker: &mut Worker<Flaky>, job: JobId) -> Verdict {
		for _ in 0..400 {
			step(worker).await;
			if let Some(verdict) = self.verdict(job).await {
				step(worker).await;
				return verdict;
			}
			self.chain.advance(1);
		}
		panic!("job {job} does not end: {:?}", worker.status().borrow());
	}

	pub(crate) fn account(&self) -> AccountId {
		self.provider.account()
	}
}

/// A round, and everything that it starts, and what follows from that without a new block.
pub(crate) async fn step(worker: &mut Worker<Flaky>) {
	for _ in 0..20 {
		worker.round().await.unwrap();
		if worker.is_idle() {
			return;
		}
		while !worker.is_idle() {
			worker.landed().await.unwrap();
		}
	}
}

/// Waits until what a dropped worker had under way is gone. A process that is killed has nothing left.
pub(crate) async fn gone() {
	tokio::time::sleep(Duration::from_millis(2)).await;
	for _ in 0..10 {
		tokio::task::yield_now().await;
	}
}

/// A folder in memory, if there is one: tests write journals to the disk thousands of times.
fn fast_folder() -> PathBuf {
	let memory = PathBuf::from("/dev/shm");
	if memory.is_dir() {
		return memory;
	}
	std::env::temp_dir()
}
