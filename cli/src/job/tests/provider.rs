//! Providers of a market in this process, with their data planes: honest ones and others.

use std::sync::Arc;

use futures::future::{ready, BoxFuture, FutureExt as _};
use mutirao_client::{
	fake::{FakeAccount, FakeChain},
	pallets::{AttestationsExt, JobsExt, ProvidersExt},
	types::{
		Backend, BufferId, Device, Endpoint, JobBuffer, JobId, JobRequest, JobState, JobStateKind,
		OfferId, OfferTerms, Region, Witness, Workgroup,
	},
	Submit as _,
};
use mutirao_commitment::Opening;
use mutirao_data::{
	serve::{self, Gate, Limits, Refusal},
	store::Store,
	wire::{Audience, UploadToken},
};
use mutirao_machine_prover::Computed;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::{super::kernel::Kernel, market::GENESIS};

/// How a provider behaves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Manner {
	#[default]
	Honest,
	/// Takes the inputs, and never accepts.
	Idle,
	/// Takes connections, and never answers.
	Deaf,
	/// Takes no connections.
	Absent,
	/// Alters one word of the output; the drawn workgroups are right.
	Liar,
	/// Never serves its results.
	Withholder,
	/// Nor this one, which shows on the chain what is demanded there.
	Shower,
	/// Takes requests for its results, and answers none.
	Staller,
}

/// A provider: account, offer, data plane.
pub(super) struct Provider {
	chain: FakeChain,
	account: FakeAccount,
	offer: OfferId,
	manner: Manner,
	store: Store,
	/// What it serves; a withholder's results are not in it.
	served: Store,
	/// Connections to it are never read from.
	silent: TcpListener,
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

pub(super) async fn provider(chain: &FakeChain, seed: u8, price: u128, manner: Manner) -> Provider {
	let account = chain.account([seed; 32]);
	let folder = tempfile::tempdir().unwrap();
	let store = Store::open(folder.path().join("store"), 1 << 30).unwrap();
	let served = match manner {
		Manner::Withholder | Manner::Shower | Manner::Staller => {
			Store::open(folder.path().join("hidden"), 1 << 30).unwrap()
		}
		_ => store.clone(),
	};
	let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
	let url = format!("http://{}", listener.local_addr().unwrap());
	let audience = Audience { genesis: GENESIS, provider: [seed; 32] };
	let gate = Arc::new(OnChain { account: account.clone(), audience });
	let stop = CancellationToken::new();
	let router = serve::router(store.clone(), gate);
	tokio::spawn(serve::run(listener, router, Limits::default(), None, stop.clone()));
	let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
	let url = match manner {
		// Nobody serves this port.
		Manner::Absent => "http://127.0.0.1:9".into(),
		Manner::Deaf => format!("http://{}", silent.local_addr().unwrap()),
		_ => url,
	};
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
	let chain = chain.clone();
	Provider { chain, account, offer, manner, store, served, silent, _folder: folder, stop }
}

impl Provider {
	/// Looks after all jobs that name its offer, once.
	pub(super) async fn turn(&self, kernel: &Kernel) {
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
				Some((JobState::Contestable { .. }, _)) if self.manner == Manner::Shower => {
					let opening =
						Opening { chunks: vec![0], bytes: Vec::new(), siblings: Vec::new() };
					// Refused if nobody asked.
					let _ = self.account.supply(job, JobBuffer::Written(0), opening).await;
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
		if self.manner == Manner::Staller {
			let url = format!("http://{}", self.silent.local_addr().unwrap());
			self.account.set_endpoint(Endpoint::truncate_from(url.into_bytes())).await.unwrap();
		}
		self.served.put(computed.buffer(1)).unwrap();
		self.account.attest(job, computed.transcript()).await.unwrap();
	}
}
