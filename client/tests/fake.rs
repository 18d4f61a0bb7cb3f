//! The fake chain takes jobs the way that the pallets do.

use mutirao_client::{
	fake::{FakeAccount, FakeChain},
	pallets::{
		AttestationsEvent, AttestationsExt, BenchmarksExt, JobsCall, JobsEvent, JobsExt, Payout,
		ProgramsExt, ProvidersExt,
	},
	types::{
		attestation::Transcript, program::Parameters, verdict::Blame, Backend, Benchmark, Device,
		Endpoint, FaultKind, JobBuffer, JobId, JobRequest, JobStateKind, OfferId, OfferTerms,
		Permill, Quote, RefundReason, Region, Requirements, Target, Times, Verdict, Witness,
		Workgroup,
	},
	Blocks, Call, Chain, Error, Event, Follower, Included, Submit,
};

const STAKE: u128 = 1_000_000_000_000;
/// Of two drawn workgroups.
const AUDIT_FEE: u128 = 2_000_000_000;
/// So much that twice of it is more than what the audit fee asks to be at stake.
const PRICE: u128 = 50_000_000_000;

fn device() -> Device {
	Device {
		adapter: b"An adapter".to_vec().try_into().unwrap(),
		driver: b"A driver 1.0".to_vec().try_into().unwrap(),
		backend: Backend::Vulkan,
		memory_mib: 8_192,
		region: Region { country: *b"BR", subdivision: *b"SP\0" },
		watts: 200,
	}
}

fn terms() -> OfferTerms<u128> {
	OfferTerms {
		price_per_gigastep: PRICE / 2,
		minimum_price: 1,
		maximum_price: PRICE,
		capacity: 1,
		expires: 10_000,
	}
}

struct Market {
	chain: FakeChain,
	buyer: FakeAccount,
	provider: FakeAccount,
	program: [u8; 32],
	offer: OfferId,
}

async fn market() -> Market {
	let chain = FakeChain::new().unwrap();
	let (buyer, provider) = (chain.account([1; 32]), chain.account([2; 32]));
	let quote = Quote {
		declared_steps: 2_000_000_000,
		workgroup_steps: 1_000,
		input_bytes: Default::default(),
		output_bytes: vec![64].try_into().unwrap(),
		total_bytes: 64,
		written_buffers: 1,
	};
	let program = chain.add_program(vec![1, 2, 3], quote);
	provider.register_provider(STAKE, Endpoint::default()).await.unwrap();
	let offer = provider.post_offer(device(), terms()).await.unwrap();
	Market { chain, buyer, provider, program, offer }
}

impl Market {
	fn request(&self) -> JobRequest<u128> {
		JobRequest {
			program: self.program,
			parameters: Parameters::default(),
			inputs: Default::default(),
			target: Target::Anyone,
			requirements: Requirements::default(),
			price_cap: PRICE + 10,
			samples: 2,
			times: Times { accept_within: 10, attest_within: 20, contest_for: 30 },
		}
	}

	async fn attested(&self) -> JobId {
		let job = self.buyer.post(self.request()).await.unwrap();
		self.provider.accept(job, self.offer).await.unwrap();
		self.provider.attest(job, Transcript::default()).await.unwrap();
		job
	}

	async fn contestable(&self) -> JobId {
		let job = self.attested().await;
		self.chain.advance(2);
		for sample in 0..2 {
			self.provider.open(job, sample, 1_000, Witness::default()).await.unwrap();
		}
		job
	}

	async fn verdict(&self, job: JobId) -> Verdict {
		self.buyer.finished_job(job).await.unwrap().expect("it has ended").verdict
	}
}

fn pallet_error<T: std::fmt::Debug>(outcome: Result<T, Error>) -> String {
	let error = outcome.unwrap_err();
	let (pallet, name) = error.pallet_error().expect("a pallet's error");
	assert!(error.to_string().ends_with('.'), "no sentence: {error}");
	format!("{pallet}.{name}")
}

/// Where a job's escrow went that a call has ended.
fn payout(included: &Included) -> Payout {
	let paid = |event: &Event| match event {
		Event::Jobs(JobsEvent::Finished { payout, .. }) => Some(*payout),
		_ => None,
	};
	included.find("Jobs.Finished", paid).unwrap()
}

/// Whatever is written against the trait works with the fake.
async fn serve_one(chain: &impl Chain, offer: OfferId) -> Result<JobId, Error> {
	let open = chain.jobs_at(JobStateKind::Open).await?;
	let job = *open.first().ok_or(Error::EventMissing("an open job"))?;
	chain.accept(job, offer).await?;
	Ok(job)
}

#[tokio::test]
async fn a_job_is_served_settled_and_pruned() {
	let market = market().await;
	let Market { chain, buyer, provider, offer, .. } = &market;
	let job = buyer.post(market.request()).await.unwrap();
	assert_eq!(serve_one(provider, *offer).await.unwrap(), job);
	let earmarked = || async {
		let record = provider.provider(provider.account()).await.unwrap().unwrap();
		(record.earmarked, record.open_jobs)
	};
	assert_eq!(earmarked().await, (2 * PRICE, 1));
	provider.attest(job, Transcript::default()).await.unwrap();
	assert_eq!(provider.samples(job).await.unwrap(), None, "nothing is drawn yet");
	chain.advance(2);
	assert_eq!(provider.samples(job).await.unwrap().unwrap().len(), 2);
	for sample in 0..2 {
		provider.open(job, sample, 1_000, Witness::default()).await.unwrap();
	}
	assert_eq!(pallet_error(buyer.settle(job).await), "Jobs.DeadlineNotReached");
	chain.advance(30);
	assert_eq!(buyer.settle(job).await.unwrap(), Verdict::Settled);
	assert_eq!(earmarked().await, (0, 0));
	let reputation = provider.reputation(provider.account()).await.unwrap().unwrap();
	assert!(reputation > Permill::from_percent(50));
	assert_eq!(buyer.jobs_of_buyer(buyer.account()).await.unwrap(), [job]);
	assert_eq!(buyer.jobs_of_provider(provider.account()).await.unwrap(), [job]);
	buyer.prune(job).await.unwrap();
	assert_eq!(buyer.finished_job(job).await.unwrap(), None);
}

#[tokio::test]
async fn a_lie_in_a_drawn_workgroup_ends_the_job() {
	let market = market().await;
	let job = market.attested().await;
	market.chain.plant_lie(job, Workgroup { pass: 0, number: 1 });
	assert_eq!(
		pallet_error(market.provider.open(job, 0, 1, Witness::default()).await),
		"Attestations.DrawNotReady"
	);
	market.chain.advance(2);
	market.provider.open(job, 0, 1, Witness::default()).await.unwrap();
	let lost = market.provider.open(job, 1, 1, Witness::default()).await.unwrap();
	// One of two workgroups was right: half of the audit fee is spent.
	let buyer = PRICE + AUDIT_FEE / 2;
	assert_eq!(payout(&lost), Payout { provider: 0, treasury: AUDIT_FEE / 2, buyer });
	let Verdict::Refunded(reason) = market.verdict(job).await else { panic!("not refunded") };
	assert_eq!((reason, reason.blame()), (RefundReason::OpeningWrong, Blame::ProviderLied));
}

#[tokio::test]
async fn challenges_are_upheld_where_a_lie_was_planted_only() {
	let market = market().await;
	let job = market.contestable().await;
	let (honest, lie) = (Workgroup { pass: 1, number: 3 }, Workgroup { pass: 1, number: 4 });
	market.chain.plant_lie(job, lie);
	let failed = market.buyer.challenge(job, honest, 1, Witness::default()).await.unwrap();
	let is_failed = |event: &Event| {
		matches!(event, Event::Attestations(AttestationsEvent::ChallengeFailed { .. }))
			.then_some(())
	};
	failed.find("Attestations.ChallengeFailed", is_failed).unwrap();
	market.buyer.challenge(job, lie, 1, Witness::default()).await.unwrap();
	assert_eq!(market.verdict(job).await, Verdict::Refunded(RefundReason::ChallengeUpheld));
}

#[tokio::test]
async fn a_fault_is_proven_before_the_audit_only() {
	let market = market().await;
	let workgroup = Workgroup { pass: 0, number: 9 };
	let prove = |job| market.buyer.prove_fault(job, workgroup, 1, Witness::default());
	let job = market.attested().await;
	assert_eq!(pallet_error(prove(job).await), "Attestations.NoFault");
	market.chain.plant_fault(job, workgroup, FaultKind::Race);
	let proven = prove(job).await.unwrap();
	assert_eq!(market.verdict(job).await, Verdict::Faulted(FaultKind::Race));
	let (provider, treasury) = (PRICE / 10, AUDIT_FEE / 2);
	let buyer = PRICE + AUDIT_FEE - provider - treasury;
	assert_eq!(payout(&proven), Payout { provider, treasury, buyer });
	let job = market.contestable().await;
	market.chain.plant_fault(job, workgroup, FaultKind::Race);
	assert_eq!(pallet_error(prove(job).await), "Jobs.NotBeforeAudit");
}

#[tokio::test]
async fn a_demand_that_nobody_answers_loses_the_job() {
	let market = market().await;
	let job = market.contestable().await;
	let buffer = JobBuffer::Written(0);
	market.buyer.demand(job, buffer, 5).await.unwrap();
	assert_eq!(
		pallet_error(market.buyer.demand(job, buffer, 5).await),
		"Attestations.AlreadyDemanded"
	);
	assert!(market.provider.pending_demand(job, buffer, 5).await.unwrap().is_some());
	assert_eq!(market.provider.attestation(job).await.unwrap().unwrap().demands, 1);
	market.chain.advance(31);
	let ended = market.buyer.settle(job).await.unwrap();
	assert_eq!(ended, Verdict::Refunded(RefundReason::DemandUnanswered));
}

#[tokio::test]
async fn jobs_and_offers_refuse_what_the_pallets_refuse() {
	let market = market().await;
	let Market { chain, buyer, provider, offer, .. } = &market;
	let bad = JobRequest { samples: 0, ..market.request() };
	assert_eq!(pallet_error(buyer.post(bad).await), "Jobs.SamplesOutOfRange");
	let dear = JobRequest { price_cap: PRICE - 1, ..market.request() };
	let dear = buyer.post(dear).await.unwrap();
	assert_eq!(pallet_error(provider.accept(dear, *offer).await), "Providers.PriceAboveCap");
	assert_eq!(pallet_error(buyer.accept(dear, *offer).await), "Providers.NotOwnOffer");
	let cheap = OfferTerms { maximum_price: PRICE - 1, ..terms() };
	provider.change_offer(*offer, cheap).await.unwrap();
	let job = buyer.post(market.request()).await.unwrap();
	assert_eq!(pallet_error(provider.accept(job, *offer).await), "Providers.PriceAboveMaximum");
	let none = OfferTerms { maximum_price: 0, ..terms() };
	assert_eq!(
		pallet_error(provider.change_offer(*offer, none).await),
		"Providers.MaximumPriceTooLow"
	);
	provider.change_offer(*offer, terms()).await.unwrap();
	let jobs = buyer.post_batch(vec![market.request(), market.request()]).await.unwrap();
	provider.accept(jobs[0], *offer).await.unwrap();
	assert_eq!(pallet_error(provider.accept(jobs[1], *offer).await), "Providers.DeviceBusy");
	assert_eq!(pallet_error(provider.withdraw_offer(*offer).await), "Providers.JobsOpen");
	assert_eq!(pallet_error(provider.cancel(jobs[1]).await), "Jobs.NotBuyer");
	chain.advance(11);
	assert_eq!(pallet_error(provider.accept(jobs[1], *offer).await), "Jobs.TooLate");
	assert_eq!(buyer.settle(jobs[1]).await.unwrap(), Verdict::Refunded(RefundReason::Expired));
	assert_eq!(pallet_error(buyer.remove_program(market.program).await), "Programs.NotDepositor");
}

#[tokio::test]
async fn a_batch_takes_effect_whole_or_not_at_all() {
	let market = market().await;
	let post = || Call::from(JobsCall::Post { request: market.request() });
	let batch = Call::Batch(vec![post(), JobsCall::Settle { job: 99 }.into()]);
	assert_eq!(pallet_error(market.buyer.submit(batch).await), "Jobs.NoSuchJob");
	assert!(market.buyer.jobs_at(JobStateKind::Open).await.unwrap().is_empty());
	let included = market.buyer.submit(Call::Batch(vec![post(), post()])).await.unwrap();
	assert_eq!(included.events.len(), 2);
}

#[tokio::test]
async fn a_claim_is_proven_or_lost() {
	let market = market().await;
	let Market { chain, buyer, provider, offer, program } = &market;
	let benchmark = Benchmark {
		program: *program,
		settings: Default::default(),
		interval: 10,
		window_blocks: 5,
		prove_blocks: 10,
		samples: 2,
	};
	let claim = || provider.claim(*offer, 500, Transcript::default());
	let prove = |sample| provider.prove(*offer, sample, 1, Witness::default());
	assert_eq!(pallet_error(claim().await), "Benchmarks.NoWindow");
	chain.open_window(benchmark.clone(), [7; 32]);
	assert_eq!(provider.benchmark_parameters(*offer, 500).await.unwrap().unwrap()[0], 500);
	assert!(provider.claim_fee(500).await.unwrap().is_some_and(|fee| fee > 0));
	claim().await.unwrap();
	assert_eq!(pallet_error(claim().await), "Benchmarks.AlreadyClaimed");
	let withdraw = || provider.withdraw_offer(*offer);
	assert_eq!(pallet_error(withdraw().await), "Benchmarks.ClaimNotEnded");
	chain.advance(2);
	assert_eq!(provider.claim_samples(*offer).await.unwrap().unwrap().len(), 2);
	prove(0).await.unwrap();
	assert_eq!(pallet_error(prove(0).await), "Benchmarks.AlreadyProven");
	prove(1).await.unwrap();
	assert_eq!(provider.score(*offer).await.unwrap().unwrap().steps_per_second, 500);

	chain.open_window(benchmark, [8; 32]);
	chain.plant_false_claims(*offer);
	claim().await.unwrap();
	chain.advance(2);
	prove(0).await.unwrap();
	assert_eq!(pallet_error(prove(1).await), "Benchmarks.ClaimRefuted");
	assert_eq!(pallet_error(buyer.conclude(*offer).await), "Benchmarks.NothingToConclude");
	chain.advance(20);
	assert_eq!(provider.benchmark_window().await.unwrap(), None);
	assert_eq!(pallet_error(withdraw().await), "Benchmarks.ClaimNotConcluded");
	buyer.conclude(*offer).await.unwrap();
	assert_eq!(provider.score(*offer).await.unwrap().unwrap().steps_per_second, 0);
	assert_eq!(provider.measurements(*offer).await.unwrap().len(), 2);
	withdraw().await.unwrap();
	assert!(provider.measurements(*offer).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_failure_that_a_test_asks_for_comes_once_and_changes_nothing() {
	let market = market().await;
	market.chain.fail_next_call(Error::Rejected("the pool is full".into()));
	let error = market.buyer.post(market.request()).await.unwrap_err();
	assert!(error.to_string().contains("the pool is full"));
	market.chain.fail_next_read(Error::NoEndpoint);
	assert!(market.buyer.now().await.is_err());
	assert!(market.buyer.jobs_at(JobStateKind::Open).await.unwrap().is_empty());
	market.buyer.post(market.request()).await.unwrap();
}

#[tokio::test]
async fn a_follower_sees_each_block_once_and_can_go_on_later() {
	let market = market().await;
	let job = market.buyer.post(market.request()).await.unwrap();
	let head = market.buyer.finalized_number().await.unwrap();
	let mut follower = Follower::from(0);
	let mut posted = Vec::new();
	while follower.position() <= head {
		let mut later = follower;
		let block = later.next(&market.buyer).await.unwrap();
		assert_eq!(block.number, follower.position());
		follower = later;
		posted.extend(block.events.iter().filter_map(|event| match event {
			Event::Jobs(JobsEvent::Posted { job, .. }) => Some(*job),
			_ => None,
		}));
	}
	assert_eq!(posted, [job]);
}

#[tokio::test]
async fn while_the_chain_stands_still_no_call_is_taken_and_no_deadline_comes_nearer() {
	let market = market().await;
	let job = market.buyer.post(market.request()).await.unwrap();
	market.chain.stand_still(true);
	let (now, block) =
		(market.buyer.now().await.unwrap(), market.buyer.finalized_number().await.unwrap());
	market.chain.advance(100);
	let error = market.provider.accept(job, market.offer).await.unwrap_err();
	assert_eq!(error.pallet_error(), Some(("System", "CallFiltered")), "{error}");
	assert_eq!(market.buyer.now().await.unwrap(), now);
	assert_eq!(market.buyer.finalized_number().await.unwrap(), block + 101);
	market.chain.stand_still(false);
	market.provider.accept(job, market.offer).await.unwrap();
}
