//! A market in this process: a chain in memory, providers with data planes.

use std::{
	sync::{
		atomic::{AtomicBool, Ordering},
		Arc,
	},
	time::Duration,
};

use futures::future::{ready, BoxFuture, FutureExt as _};
use mutirao_client::{
	fake::{FakeAccount, FakeChain},
	keys::Keypair,
	known_metadata,
	pallets::{AttestationsExt, JobsExt, ProvidersExt},
	terms::JobTerms,
	types::{
		Backend, BufferId, Device, Endpoint, JobId, JobRequest, JobState, JobStateKind, OfferId,
		OfferTerms, Permill, Quote, Region, Requirements, Times, Witness, Workgroup,
	},
	Error, Submit as _,
};
use mutirao_data::{
	serve::{self, Gate, Limits, Refusal},
	store::Store,
	wire::{Audience, UploadToken},
};
use mutirao_machine_prover::Computed;
use subxt_signer::sr25519::dev;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::super::{
	buyer::Buyer,
	check::CheckArgs,
	contest::ContestArgs,
	kernel::Kernel,
	offers::{Listed, OfferBook},
	place::Wishes,
	plane::{Plane, PlaneArgs},
	record::Record,
	request::Work,
	save,
};
use crate::output::Format;

const GENESIS: [u8; 32] = [5; 32];
pub(super) const WIDTH: u32 = 64;
pub(super) const HEIGHT: u32 = 40;

/// How a provider behaves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Manner {
	#[default]
	Honest,
	/// Takes the inputs, and never accepts.
	Idle,
	/// Alters one word of the output; the drawn workgroups are right.
	Liar,
	/// Never serves its results.
	Withholder,
}

/// A provider: account, offer, data plane.
struct Provider {
	chain: FakeChain,
	account: FakeAccount,
	offer: OfferId,
	manner: Manner,
	store: Store,
	/// What it serves; a withholder's results are not in it.
	served: Store,
	_folder: TempDir,
	stop: CancellationToken,
}

impl Drop for Provider {
	fn drop(&mut self) {
		self.stop.cancel();
	}
}

/// Lets the buyer of a job bring its inputs.
struct OnChain {
	account: FakeAccount,
	audience: Audience,
}

impl OnChain {
	async fn declared(
		&self,
		job: JobId,
		buyer: Option<[u8; 32]>,
	) -> Result<Vec<BufferId>, Refusal> {
		let unknown = || Refusal::NotFound("no such job".into());
		let found = self.account.job(job).await.map_err(|_| unknown())?.ok_or_else(unknown)?;
		if buyer.is_some_and(|buyer| buyer != found.buyer.0) {
			return Err(Refusal::Forbidden("it is another's job".into()));
		}
		Ok(found.request.inputs.to_vec())
	}
}

impl Gate for OnChain {
	fn audience(&self) -> Audience {
		self.audience
	}

	fn inputs(&self, job: JobId) -> BoxFuture<'_, Result<Vec<BufferId>, Refusal>> {
		self.declared(job, None).boxed()
	}

	fn permit(
		&self,
		job: JobId,
		token: &UploadToken,
	) -> BoxFuture<'_, Result<Vec<BufferId>, Refusal>> {
		self.declared(job, Some(token.buyer)).boxed()
	}

	fn sources(
		&self,
		_: JobId,
		_: &UploadToken,
		_: Vec<String>,
	) -> BoxFuture<'_, Result<(), Refusal>> {
		ready(Ok(())).boxed()
	}
}

async fn provider(chain: &FakeChain, seed: u8, price: u128, manner: Manner) -> Provider {
	let account = chain.account([seed; 32]);
	let folder = tempfile::tempdir().unwrap();
	let store = Store::open(folder.path().join("store"), 1 << 30).unwrap();
	let served = match manner {
		Manner::Withholder => Store::open(folder.path().join("hidden"), 1 << 30).unwrap(),
		_ => store.clone(),
	};
	let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
	let url = format!("http://{}", listener.local_addr().unwrap());
	let audience = Audience { genesis: GENESIS, provider: [seed; 32] };
	let gate = Arc::new(OnChain { account: account.clone(), audience });
	let stop = CancellationToken::new();
	let router = serve::router(store.clone(), gate);
	tokio::spawn(serve::run(listener, router, Limits::default(), None, stop.clone()));
	let endpoint = Endpoint::truncate_from(url.into_bytes());
	account.register_provider(1 << 60, endpoint).await.unwrap();
	let terms = OfferTerms {
		price_per_gigastep: price,
		minimum_price: price,
		maximum_price: 1 << 50,
		capacity: 4,
		expires: 1_000_000,
	};
	let device = Device {
		adapter: b"An adapter".to_vec().try_into().unwrap(),
		driver: b"A driver".to_vec().try_into().unwrap(),
		backend: Backend::Vulkan,
		memory_mib: 8_192,
		region: Region { country: *b"BR", subdivision: *b"SP\0" },
		watts: 100,
	};
	let offer = account.post_offer(device, terms).await.unwrap();
	Provider { chain: chain.clone(), account, offer, manner, store, served, _folder: folder, stop }
}

impl Provider {
	/// Looks after all jobs that name its offer, once.
	async fn turn(&self, kernel: &Kernel) {
		for job in self.account.jobs_at(JobStateKind::Open).await.unwrap() {
			// Withdrawn meanwhile.
			let Some(found) = self.account.job(job).await.unwrap() else { continue };
			let has_all = found.request.inputs.iter().all(|input| self.store.contains(input));
			if has_all && self.manner != Manner::Idle {
				// Refused if it is another's.
				let _ = self.account.accept(job, self.offer).await;
			}
		}
		for job in self.account.jobs_of_provider(self.account.account()).await.unwrap() {
			match self.account.job(job).await.unwrap().map(|job| (job.state, job.request)) {
				Some((JobState::Running { .. }, request)) => {
					self.compute(job, &request, kernel).await;
				}
				Some((JobState::Attested { .. }, request)) => {
					for sample in 0..request.samples {
						let _ = self.account.open(job, sample, 1, Witness::default()).await;
					}
				}
				_ => {}
			}
		}
	}

	/// Computes a job and commits to what it says came out.
	async fn compute(&self, job: JobId, request: &JobRequest<u128>, kernel: &Kernel) {
		let input = |id: &BufferId| self.store.get(id).unwrap().unwrap().bytes().to_vec();
		let inputs = request.inputs.iter().map(input).collect();
		let (program, parameters) = (kernel.program.clone(), &request.parameters);
		let mut computed = Computed::by_vm(program.clone(), parameters, inputs).unwrap();
		if self.manner == Manner::Liar {
			let mut lie = vec![computed.buffer(0).to_vec(), computed.buffer(1).to_vec()];
			lie[1][1024] ^= 1;
			computed = Computed::from_buffers(program, parameters, lie).unwrap();
			self.chain.plant_lie(job, Workgroup { pass: 0, number: 4 });
		}
		self.served.put(computed.buffer(1)).unwrap();
		self.account.attest(job, computed.transcript()).await.unwrap();
	}
}

/// Offers of the fake chain, found by their numbers.
struct Book(FakeAccount);

impl OfferBook for Book {
	async fn offers(&self) -> Result<Vec<Listed>, Error> {
		let mut listed = Vec::new();
		for id in 0..16 {
			let Some(offer) = self.0.offer(id).await? else { continue };
			listed.push(Listed {
				id,
				provider: offer.provider,
				adapter: "An adapter".into(),
				backend: "vulkan".into(),
				memory_mib: offer.device.memory_mib,
				region: offer.device.region,
				watts: offer.device.watts,
				price_per_gigastep: offer.terms.price_per_gigastep,
				minimum_price: offer.terms.minimum_price,
				maximum_price: offer.terms.maximum_price,
				capacity: offer.terms.capacity,
				running: offer.running,
				expires: offer.terms.expires,
				score: None,
				reputation: Permill::from_percent(50),
				available: true,
			});
		}
		Ok(listed)
	}
}

/// A market that lives while it is held: providers take their turns and blocks are made.
pub(super) struct Market {
	pub(super) kernel: Kernel,
	key: Keypair,
	pub(super) account: FakeAccount,
	home: TempDir,
	running: Arc<AtomicBool>,
}

impl Drop for Market {
	fn drop(&mut self) {
		self.running.store(false, Ordering::Relaxed);
	}
}

pub(super) async fn market(providers: &[(u128, Manner)]) -> Market {
	let chain = FakeChain::new().unwrap();
	let key = Keypair::from(dev::alice());
	let account = chain.account(key.public_key().0);
	let kernel = Kernel::of_catalogue("sobel").unwrap().unwrap();
	let summary = kernel.summary(&[WIDTH, HEIGHT]).unwrap();
	let bytes = |index: usize| 4 * u64::from(summary.buffer_words[index]);
	let quote = Quote {
		declared_steps: summary.declared_steps,
		workgroup_steps: summary.passes[0].fuel,
		input_bytes: vec![bytes(0)].try_into().unwrap(),
		output_bytes: vec![bytes(1)].try_into().unwrap(),
		total_bytes: bytes(0) + bytes(1),
		written_buffers: 1,
	};
	chain.add_program(kernel.code.clone(), quote);
	let mut serving = Vec::new();
	for (seed, (price, manner)) in (10u8..).zip(providers) {
		serving.push(provider(&chain, seed, *price, *manner).await);
	}
	let running = Arc::new(AtomicBool::new(true));
	let (alive, blocks, program) = (running.clone(), chain.clone(), kernel.clone());
	tokio::spawn(async move {
		while alive.load(Ordering::Relaxed) {
			for provider in &serving {
				provider.turn(&program).await;
			}
			blocks.advance(1);
			tokio::time::sleep(Duration::from_millis(100)).await;
		}
	});
	Market { kernel, key, account, home: tempfile::tempdir().unwrap(), running }
}

impl Market {
	pub(super) fn buyer(&self) -> Buyer<'_, FakeAccount> {
		Buyer {
			chain: &self.account,
			key: &self.key,
			genesis: GENESIS,
			chain_name: "A chain in memory".into(),
			data: self.home.path().into(),
			terms: JobTerms::of(&known_metadata().unwrap()).unwrap(),
			plane: Plane::new(&PlaneArgs::default(), &[], true).unwrap(),
			format: Format::Json,
		}
	}

	/// Somebody with an empty folder.
	pub(super) fn stranger(&self) -> Buyer<'_, FakeAccount> {
		Buyer { data: self.home.path().join("stranger"), ..self.buyer() }
	}

	pub(super) fn work(&self) -> (Work, Vec<Vec<u8>>) {
		let image: Vec<u8> = (0..WIDTH * HEIGHT).map(|pixel| (pixel * pixel % 251) as u8).collect();
		let inputs = vec![BufferId::of(&image)];
		let work = Work { kernel: self.kernel.clone(), parameters: vec![WIDTH, HEIGHT], inputs };
		(work, vec![image])
	}

	pub(super) fn wishes(&self) -> Wishes {
		let file = self.home.path().join("edges.png").display().to_string();
		Wishes {
			requirements: Requirements::default(),
			max_price: None,
			offer: None,
			open: false,
			samples: 2,
			times: Times { accept_within: 15, attest_within: 100, contest_for: 20 },
			save: save::plan(&["edges".into()], &[("edges".into(), file)], None).unwrap(),
		}
	}

	pub(super) async fn place(&self, wishes: &Wishes) -> anyhow::Result<Record> {
		let (work, inputs) = self.work();
		let book = Book(self.account.clone());
		self.buyer().place(&book, &work, &inputs, wishes, true).await
	}

	pub(super) async fn run(
		&self,
		wishes: &Wishes,
		(check, contest): (CheckArgs, ContestArgs),
	) -> anyhow::Result<Record> {
		let mut record = self.place(wishes).await?;
		let patience = Some(Duration::from_secs(60));
		self.buyer().finish(&mut record, &self.kernel, &check, &contest, patience).await?;
		Ok(record)
	}
}
