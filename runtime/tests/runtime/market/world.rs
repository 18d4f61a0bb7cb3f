//! A chain with a program, a buyer and two providers, and the work that providers do beside it.

use crate::chain::{Chain, DispatchOutcome};
use frame_support::traits::fungible::InspectHold;
use mutirao_machine_core::{bytecode::Role, Program};
use mutirao_machine_prover::Computed;
use mutirao_machine_wgsl::{compile::compile, manifest::Manifest};
use mutirao_runtime::{
	constants::currency::MUT, AccountId, Attestations, Balance, Balances, Jobs, Providers, Runtime,
	RuntimeCall, RuntimeEvent, RuntimeHoldReason,
};
use mutirao_types::{
	Backend, Device, Job, JobId, JobRequest, OfferId, OfferTerms, ProgramId, Region, Requirements,
	Sample, SlashReport, Target, Times, Transcript, Verdict, Witness, Workgroup, GIGASTEP,
};
use sp_keyring::Sr25519Keyring::{self, Eve, EveStash, Ferdie, FerdieStash};

pub(crate) const BUYER: Sr25519Keyring = Eve;
/// Sells at 1 MUT for a gigastep, at least 2 MUT a job.
pub(crate) const PROVIDER: Sr25519Keyring = Ferdie;
/// Sells at twice that.
pub(crate) const OTHER_PROVIDER: Sr25519Keyring = FerdieStash;
pub(crate) const CHALLENGER: Sr25519Keyring = EveStash;

pub(crate) const STAKE: Balance = 1_000 * MUT;
pub(crate) const MINIMUM_PRICE: Balance = 2 * MUT;
pub(crate) const PRICE_CAP: Balance = 10 * MUT;
pub(crate) const SAMPLES: u8 = 4;
pub(crate) const TIMES: Times = Times { accept_within: 20, attest_within: 30, contest_for: 15 };

/// A chain in which jobs of one kernel can be posted and accepted.
pub(crate) struct World {
	pub(crate) chain: Chain,
	pub(crate) program: Program,
	pub(crate) id: ProgramId,
	pub(crate) parameters: Vec<u32>,
	pub(crate) offer: OfferId,
	pub(crate) other_offer: OfferId,
}

impl World {
	/// With the kernel of the catalogue that has several passes and intermediate buffers.
	pub(crate) fn new() -> Self {
		Self::with("nearest", &[2, 600, 4, 3])
	}

	pub(crate) fn with(kernel: &str, parameters: &[u32]) -> Self {
		Self::with_program(compiled(kernel), parameters)
	}

	pub(crate) fn with_program(program: Program, parameters: &[u32]) -> Self {
		let mut chain = Chain::local();
		let code: pallet_programs::Code = program.encode().try_into().unwrap();
		let id = blake3::hash(&code).into();
		chain.ok(OTHER_PROVIDER, pallet_programs::Call::register { code });
		for (provider, price) in [(PROVIDER, MUT), (OTHER_PROVIDER, 2 * MUT)] {
			chain.ok(provider, register(STAKE));
			let terms = OfferTerms {
				price_per_gigastep: price,
				minimum_price: MINIMUM_PRICE * price / MUT,
				maximum_price: STAKE,
				capacity: 8,
				expires: chain.run(Jobs::now) + 10_000,
			};
			let device = device();
			chain.ok(provider, pallet_providers::Call::post_offer { device, terms });
		}
		Self { chain, program, id, parameters: parameters.to_vec(), offer: 0, other_offer: 1 }
	}

	/// The work of a job: inputs that `seed` names, and everything that follows from them.
	pub(crate) fn work(&self, seed: u64) -> Computed {
		Computed::by_vm(self.program.clone(), &self.parameters, self.inputs(seed)).unwrap()
	}

	/// The same, but for one byte of what the passes wrote: buffer of the program, and which byte.
	pub(crate) fn lie(&self, honest: &Computed, buffer: usize, byte: usize) -> Computed {
		let count = self.program.definition().buffers.len();
		let mut buffers: Vec<Vec<u8>> =
			(0..count).map(|index| honest.buffer(index).to_vec()).collect();
		buffers[buffer][byte] ^= 1;
		Computed::from_buffers(self.program.clone(), &self.parameters, buffers).unwrap()
	}

	fn inputs(&self, seed: u64) -> Vec<Vec<u8>> {
		let summary = self.program.summary(&self.parameters).unwrap();
		let buffers = self.program.definition().buffers.iter().zip(&summary.buffer_words);
		buffers
			.filter(|(buffer, _)| buffer.role == Role::Input)
			.zip(0u64..)
			.map(|((_, words), number)| {
				let mut bytes = vec![0; 4 * *words as usize];
				let mut hasher = blake3::Hasher::new();
				hasher.update(&seed.to_le_bytes()).update(&number.to_le_bytes());
				hasher.finalize_xof().fill(&mut bytes);
				bytes
			})
			.collect()
	}

	pub(crate) fn request(&self, work: &Computed) -> JobRequest<Balance> {
		JobRequest {
			program: self.id,
			parameters: self.parameters.clone().try_into().unwrap(),
			inputs: work.inputs().try_into().unwrap(),
			target: Target::Anyone,
			requirements: Requirements::default(),
			price_cap: PRICE_CAP,
			samples: SAMPLES,
			times: TIMES,
		}
	}

	/// Posts a job and returns its number.
	#[track_caller]
	pub(crate) fn post(&mut self, work: &Computed) -> JobId {
		let request = self.request(work);
		self.post_request(request)
	}

	#[track_caller]
	pub(crate) fn post_request(&mut self, request: JobRequest<Balance>) -> JobId {
		self.chain.ok(BUYER, pallet_jobs::Call::post { request });
		self.chain.run(pallet_jobs::NextJob::<Runtime>::get) - 1
	}

	/// The provider goes on taking jobs, whatever became of the last ones.
	#[track_caller]
	pub(crate) fn resume(&mut self) {
		let offer = self.offer;
		self.chain.ok(PROVIDER, pallet_providers::Call::resume_offer { offer });
	}

	pub(crate) fn accept(&mut self, job: JobId) -> DispatchOutcome {
		let offer = self.offer;
		self.chain.call(PROVIDER, pallet_jobs::Call::accept { job, offer })
	}

	pub(crate) fn attest(&mut self, job: JobId, work: &Computed) -> DispatchOutcome {
		let transcript: Transcript = work.transcript();
		self.chain.call(PROVIDER, pallet_attestations::Call::attest { job, transcript })
	}

	pub(crate) fn settle(&mut self, job: JobId) -> DispatchOutcome {
		self.chain.call(CHALLENGER, pallet_jobs::Call::settle { job })
	}

	pub(crate) fn challenge(
		&mut self,
		job: JobId,
		workgroup: Workgroup,
		work: &Computed,
	) -> DispatchOutcome {
		let (witness, steps) = work.witness(workgroup).unwrap();
		let call = pallet_attestations::Call::challenge { job, workgroup, steps, witness };
		self.chain.call(CHALLENGER, call)
	}

	/// Blocks until the drawn workgroups are known.
	pub(crate) fn samples(&mut self, job: JobId) -> Vec<Sample> {
		for _ in 0..20 {
			if let Some(samples) = self.chain.run(|| Attestations::samples(job)) {
				return samples;
			}
			self.chain.next_block(Vec::new());
		}
		panic!("the draw is not ready after 20 blocks");
	}

	pub(crate) fn open(
		&mut self,
		job: JobId,
		sample: u8,
		witness: Witness,
		steps: u64,
	) -> DispatchOutcome {
		let call = pallet_attestations::Call::open { job, sample, steps, witness };
		self.chain.call(PROVIDER, call)
	}

	/// Opens every drawn workgroup, as the provider's work gives them.
	pub(crate) fn open_all(&mut self, job: JobId, work: &Computed) -> Vec<DispatchOutcome> {
		let samples = self.samples(job);
		let open = |(sample, drawn): (usize, Sample)| {
			let (witness, steps) = work.witness(drawn.workgroup).unwrap();
			self.open(job, sample as u8, witness, steps)
		};
		samples.into_iter().enumerate().map(open).collect()
	}

	/// A job in its contest window.
	#[track_caller]
	pub(crate) fn contestable(&mut self, work: &Computed) -> JobId {
		let job = self.post(work);
		self.accept(job).expect("accepted");
		self.attest(job, work).expect("attested");
		for outcome in self.open_all(job, work) {
			outcome.expect("opened");
		}
		job
	}

	/// Blocks until this moment has begun.
	pub(crate) fn until(&mut self, moment: u32) {
		while self.chain.run(Jobs::now) < moment {
			self.chain.next_block(Vec::new());
		}
	}

	/// Blocks so that the next one is the last in which a job's stage is in time.
	pub(crate) fn until_last_block_of_stage(&mut self, job: JobId) {
		let until = self.live(job).state.until();
		self.until(until - 1);
	}

	pub(crate) fn live(&mut self, job: JobId) -> Job<AccountId, Balance> {
		self.chain.run(|| Jobs::job(job)).expect("the job is live")
	}

	pub(crate) fn verdict(&mut self, job: JobId) -> Verdict {
		self.chain.run(|| Jobs::finished_job(job)).expect("the job is finished").verdict
	}

	/// The slash that the last block reported.
	pub(crate) fn slash(&mut self) -> SlashReport<Balance> {
		let reported = self.chain.events().into_iter().find_map(|event| match event {
			RuntimeEvent::Providers(pallet_providers::Event::Slashed { report, .. }) => {
				Some(report)
			}
			_ => None,
		});
		reported.expect("somebody was slashed")
	}

	/// What an account has on hold in escrow.
	pub(crate) fn escrow(&mut self, who: Sr25519Keyring) -> Balance {
		let reason = RuntimeHoldReason::Jobs(pallet_jobs::HoldReason::Escrow);
		self.chain.run(|| Balances::balance_on_hold(&reason, &who.to_account_id()))
	}

	pub(crate) fn stake(&mut self, who: Sr25519Keyring) -> Balance {
		self.chain.run(|| Providers::provider(who.to_account_id())).map_or(0, |one| one.stake)
	}

	pub(crate) fn earmarked(&mut self, who: Sr25519Keyring) -> Balance {
		self.chain.run(|| Providers::provider(who.to_account_id())).map_or(0, |one| one.earmarked)
	}

	/// The fee that the last block's transaction of this account paid.
	pub(crate) fn fee_paid(&mut self, who: Sr25519Keyring) -> Balance {
		let fees = self.chain.events().into_iter().filter_map(|event| match event {
			RuntimeEvent::TransactionPayment(
				pallet_transaction_payment::Event::TransactionFeePaid {
					who: payer,
					actual_fee,
					..
				},
			) if payer == who.to_account_id() => Some(actual_fee),
			_ => None,
		});
		fees.sum()
	}

	/// The invariants of every pallet of the market.
	pub(crate) fn check(&mut self) {
		crate::invariants::check(&mut self.chain);
	}
}

/// What a job of these steps costs on [`PROVIDER`]'s offer.
pub(crate) fn price(steps: u64) -> Balance {
	(Balance::from(steps) * MUT).div_ceil(Balance::from(GIGASTEP)).max(MINIMUM_PRICE)
}

pub(crate) fn register(stake: Balance) -> RuntimeCall {
	let endpoint = b"https://gpu.example:8443".to_vec().try_into().unwrap();
	pallet_providers::Call::register { stake, endpoint }.into()
}

pub(crate) fn device() -> Device {
	Device {
		adapter: b"NVIDIA H100".to_vec().try_into().unwrap(),
		driver: b"NVIDIA 580.95".to_vec().try_into().unwrap(),
		backend: Backend::Vulkan,
		memory_mib: 81_559,
		region: Region { country: *b"BR", subdivision: *b"SP\0" },
		watts: 700,
	}
}

pub(crate) fn compiled(kernel: &str) -> Program {
	let kernel = mutirao_kernels::by_name(kernel).expect("is in the catalogue");
	let manifest = Manifest::parse(kernel.manifest).unwrap();
	Program::new(compile(&manifest, kernel.source).unwrap().definition).unwrap()
}
