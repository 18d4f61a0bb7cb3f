//! What a client reads, from the pallets' own view functions and storage.

use crate::{account::HotAccount, wire::recode};
use mutirao_client::{
	pallets::{AttestationsExt, BenchmarksExt, JobsExt, ProgramRecord, ProgramsExt, ProvidersExt},
	AccountId, Balance, Block, BlockNumber, Blocks, Error,
};
use mutirao_runtime::{Attestations, Benchmarks, Jobs, Programs, Providers, Runtime};
use mutirao_types::{
	benchmark::{Claim, Measurement, Window},
	program::Parameters,
	ActiveBlock, Attestation, Benchmark, Demand, FinishedJob, Job, JobBuffer, JobId, JobRequest,
	JobStateKind, Offer, OfferId, Permill, ProgramId, Provider, Quote, Sample, Score,
};

impl HotAccount {
	/// Asks the pallets, and takes their answer over the wire.
	fn view<T: codec::Decode, A: codec::Encode>(
		&self,
		name: &'static str,
		view: impl FnOnce() -> A,
	) -> Result<T, Error> {
		self.read(name, |network| recode(&network.read(view)))
	}
}

impl Blocks for HotAccount {
	async fn finalized_number(&self) -> Result<BlockNumber, Error> {
		self.read("the last block", |network| network.seen_number())
	}

	async fn block(&self, number: BlockNumber) -> Result<Block, Error> {
		let found = self.read("a block", |network| network.seen_block(number))?;
		found.ok_or_else(|| Error::Timeout { what: "a block", after: Default::default() })
	}
}

impl ProgramsExt for HotAccount {
	async fn program(&self, program: ProgramId) -> Result<Option<ProgramRecord>, Error> {
		self.view("a program", || Programs::program(program))
	}

	async fn program_code(&self, program: ProgramId) -> Result<Option<Vec<u8>>, Error> {
		self.view("a program's code", || pallet_programs::Codes::<Runtime>::get(program))
	}

	async fn quote(
		&self,
		program: ProgramId,
		parameters: Parameters,
	) -> Result<Option<Quote>, Error> {
		self.view("a quote", || Programs::quote(program, parameters))
	}
}

impl ProvidersExt for HotAccount {
	async fn provider(&self, provider: AccountId) -> Result<Option<Provider<Balance>>, Error> {
		self.view("a provider", || Providers::provider(recode(&provider)))
	}

	async fn offer(&self, offer: OfferId) -> Result<Option<Offer<AccountId, Balance>>, Error> {
		self.view("an offer", || Providers::offer(offer))
	}

	async fn offers_of(&self, provider: AccountId) -> Result<Vec<OfferId>, Error> {
		type Offers = pallet_providers::OffersByProvider<Runtime>;
		let provider: mutirao_runtime::AccountId = recode(&provider);
		self.view("offers", || Offers::iter_key_prefix(provider).collect::<Vec<_>>())
	}

	async fn reputation(&self, provider: AccountId) -> Result<Option<Permill>, Error> {
		self.view("a reputation", || Providers::reputation(recode(&provider)))
	}
}

impl JobsExt for HotAccount {
	async fn now(&self) -> Result<ActiveBlock, Error> {
		self.view("the clock", Jobs::now)
	}

	async fn job(&self, job: JobId) -> Result<Option<Job<AccountId, Balance>>, Error> {
		self.view("a job", || Jobs::job(job))
	}

	async fn finished_job(
		&self,
		job: JobId,
	) -> Result<Option<FinishedJob<AccountId, Balance>>, Error> {
		self.view("a finished job", || Jobs::finished_job(job))
	}

	async fn jobs_at(&self, stage: JobStateKind) -> Result<Vec<JobId>, Error> {
		type ByState = pallet_jobs::JobsByState<Runtime>;
		self.view("jobs by stage", || ByState::iter_key_prefix(stage).collect::<Vec<_>>())
	}

	async fn jobs_of_buyer(&self, buyer: AccountId) -> Result<Vec<JobId>, Error> {
		type ByBuyer = pallet_jobs::JobsByBuyer<Runtime>;
		let buyer: mutirao_runtime::AccountId = recode(&buyer);
		self.view("a buyer's jobs", || ByBuyer::iter_key_prefix(buyer).collect::<Vec<_>>())
	}

	async fn jobs_of_provider(&self, provider: AccountId) -> Result<Vec<JobId>, Error> {
		type ByProvider = pallet_jobs::JobsByProvider<Runtime>;
		let provider: mutirao_runtime::AccountId = recode(&provider);
		self.view("our jobs", || ByProvider::iter_key_prefix(provider).collect::<Vec<_>>())
	}

	async fn audit_fee(&self, request: JobRequest<Balance>) -> Result<Option<Balance>, Error> {
		self.view("an audit fee", || Jobs::audit_fee(request))
	}
}

impl AttestationsExt for HotAccount {
	async fn attestation(&self, job: JobId) -> Result<Option<Attestation<BlockNumber>>, Error> {
		self.view("an attestation", || Attestations::attestation(job))
	}

	async fn samples(&self, job: JobId) -> Result<Option<Vec<Sample>>, Error> {
		self.view("samples", || Attestations::samples(job))
	}

	async fn pending_demand(
		&self,
		job: JobId,
		buffer: JobBuffer,
		chunk: u32,
	) -> Result<Option<Demand<AccountId, Balance>>, Error> {
		self.view("a demand", || Attestations::pending_demand(job, buffer, chunk))
	}
}

impl BenchmarksExt for HotAccount {
	async fn benchmark(&self) -> Result<Option<Benchmark>, Error> {
		self.view("the benchmark", Benchmarks::benchmark)
	}

	async fn benchmark_window(&self) -> Result<Option<Window<BlockNumber>>, Error> {
		self.view("the window", Benchmarks::window)
	}

	async fn benchmark_parameters(
		&self,
		offer: OfferId,
		size: u32,
	) -> Result<Option<Parameters>, Error> {
		self.view("a window's parameters", || Benchmarks::parameters(offer, size))
	}

	async fn claim_of(
		&self,
		offer: OfferId,
	) -> Result<Option<Claim<AccountId, BlockNumber>>, Error> {
		self.view("a claim", || Benchmarks::claim_of(offer))
	}

	async fn claim_samples(&self, offer: OfferId) -> Result<Option<Vec<Sample>>, Error> {
		self.view("a claim's samples", || Benchmarks::samples(offer))
	}

	async fn claim_fee(&self, size: u32) -> Result<Option<Balance>, Error> {
		self.view("a claim's fee", || Benchmarks::claim_fee(size))
	}

	async fn measurements(&self, offer: OfferId) -> Result<Vec<Measurement>, Error> {
		self.view("measurements", || Benchmarks::measurements(offer))
	}

	async fn score(&self, offer: OfferId) -> Result<Option<Score>, Error> {
		self.view("a score", || Benchmarks::score(offer))
	}
}
