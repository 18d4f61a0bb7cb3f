//! Reads over the line.

use mutirao_client::{
	pallets::{AttestationsExt, BenchmarksExt, JobsExt, ProgramRecord, ProgramsExt, ProvidersExt},
	AccountId, Balance, Block, BlockNumber, Blocks, Error,
};
use mutirao_types::{
	benchmark::{Claim, Measurement, Window},
	program::Parameters,
	ActiveBlock, Attestation, Benchmark, Demand, FinishedJob, Job, JobBuffer, JobId, JobRequest,
	JobStateKind, Offer, OfferId, Permill, ProgramId, Provider, Quote, Sample, Score,
};

use super::{Flaky, Line};

impl Blocks for Flaky {
	async fn finalized_number(&self) -> Result<BlockNumber, Error> {
		self.reads()?.finalized_number().await
	}

	async fn block(&self, number: BlockNumber) -> Result<Block, Error> {
		self.reads()?.block(number).await
	}
}

impl ProgramsExt for Flaky {
	async fn program(&self, program: ProgramId) -> Result<Option<ProgramRecord>, Error> {
		self.reads()?.program(program).await
	}

	async fn program_code(&self, program: ProgramId) -> Result<Option<Vec<u8>>, Error> {
		let stuck = self.line.lock().unwrap().stuck;
		if stuck == Some(program) {
			std::future::pending::<()>().await;
		}
		self.reads()?.program_code(program).await
	}

	async fn quote(
		&self,
		program: ProgramId,
		parameters: Parameters,
	) -> Result<Option<Quote>, Error> {
		self.reads()?.quote(program, parameters).await
	}
}

impl ProvidersExt for Flaky {
	async fn provider(&self, provider: AccountId) -> Result<Option<Provider<Balance>>, Error> {
		self.reads()?.provider(provider).await
	}

	async fn offer(&self, offer: OfferId) -> Result<Option<Offer<AccountId, Balance>>, Error> {
		self.reads()?.offer(offer).await
	}

	async fn offers_of(&self, provider: AccountId) -> Result<Vec<OfferId>, Error> {
		self.reads()?.offers_of(provider).await
	}

	async fn reputation(&self, provider: AccountId) -> Result<Option<Permill>, Error> {
		self.reads()?.reputation(provider).await
	}
}

impl JobsExt for Flaky {
	async fn now(&self) -> Result<ActiveBlock, Error> {
		self.reads()?.now().await
	}

	async fn job(&self, job: JobId) -> Result<Option<Job<AccountId, Balance>>, Error> {
		let count = |line: &mut Line| {
			line.asked_for_jobs += 1;
			line.reading += 1;
			line.most_at_once = line.most_at_once.max(line.reading);
		};
		count(&mut self.line.lock().unwrap());
		// An answer takes a while.
		tokio::task::yield_now().await;
		self.line.lock().unwrap().reading -= 1;
		self.reads()?.job(job).await
	}

	async fn finished_job(
		&self,
		job: JobId,
	) -> Result<Option<FinishedJob<AccountId, Balance>>, Error> {
		self.reads()?.finished_job(job).await
	}

	async fn jobs_at(&self, stage: JobStateKind) -> Result<Vec<JobId>, Error> {
		self.reads()?.jobs_at(stage).await
	}

	async fn jobs_of_buyer(&self, buyer: AccountId) -> Result<Vec<JobId>, Error> {
		self.reads()?.jobs_of_buyer(buyer).await
	}

	async fn jobs_of_provider(&self, provider: AccountId) -> Result<Vec<JobId>, Error> {
		self.reads()?.jobs_of_provider(provider).await
	}

	async fn audit_fee(&self, request: JobRequest<Balance>) -> Result<Option<Balance>, Error> {
		self.reads()?.audit_fee(request).await
	}
}

impl AttestationsExt for Flaky {
	async fn attestation(&self, job: JobId) -> Result<Option<Attestation<BlockNumber>>, Error> {
		self.reads()?.attestation(job).await
	}

	async fn samples(&self, job: JobId) -> Result<Option<Vec<Sample>>, Error> {
		self.reads()?.samples(job).await
	}

	async fn pending_demand(
		&self,
		job: JobId,
		buffer: JobBuffer,
		chunk: u32,
	) -> Result<Option<Demand<AccountId, Balance>>, Error> {
		self.reads()?.pending_demand(job, buffer, chunk).await
	}
}

impl BenchmarksExt for Flaky {
	async fn benchmark(&self) -> Result<Option<Benchmark>, Error> {
		self.reads()?.benchmark().await
	}

	async fn benchmark_window(&self) -> Result<Option<Window<BlockNumber>>, Error> {
		self.reads()?.benchmark_window().await
	}

	async fn benchmark_parameters(
		&self,
		offer: OfferId,
		size: u32,
	) -> Result<Option<Parameters>, Error> {
		self.reads()?.benchmark_parameters(offer, size).await
	}

	async fn claim_of(
		&self,
		offer: OfferId,
	) -> Result<Option<Claim<AccountId, BlockNumber>>, Error> {
		self.reads()?.claim_of(offer).await
	}

	async fn claim_samples(&self, offer: OfferId) -> Result<Option<Vec<Sample>>, Error> {
		self.reads()?.claim_samples(offer).await
	}

	async fn claim_fee(&self, size: u32) -> Result<Option<Balance>, Error> {
		self.reads()?.claim_fee(size).await
	}

	async fn measurements(&self, offer: OfferId) -> Result<Vec<Measurement>, Error> {
		self.reads()?.measurements(offer).await
	}

	async fn score(&self, offer: OfferId) -> Result<Option<Score>, Error> {
		self.reads()?.score(offer).await
	}
}
