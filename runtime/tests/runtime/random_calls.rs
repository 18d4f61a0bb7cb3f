//! Random calls by random accounts, the invariants after each block.
//!
//! Most calls are shaped so that they often succeed, the others are any bytes that decode to a call.
//! After some ten thousand calls the accounts have spent or locked what they had and little happens, so
//! a long run is many chains, each from genesis with a seed of its own. `scripts/random-calls` makes
//! such runs; a run is named by its first seed, a failure by that of its chain.

use crate::{chain::Chain, invariants};
use codec::DecodeLimit;
use mutirao_machine_prover::Computed;
use mutirao_runtime::{Jobs, Runtime, RuntimeCall, RuntimeEvent};
use mutirao_types::{
	JobBuffer, JobRequest, OfferTerms, Requirements, Target, Times, Transcript, Workgroup,
};
use sp_keyring::Sr25519Keyring;
use std::time::{Duration, Instant};

/// Calls to one chain, and in `scripts/test`.
const CALLS_PER_CHAIN: u64 = 20_000;
/// Calls in a block.
const CALLS_PER_BLOCK: u64 = 100;
/// A block's calls take at most this long here; a validator has one second.
const BLOCK_TIME: Duration = Duration::from_secs(10);
/// Nesting of calls in calls when bytes are decoded.
const DEPTH: u32 = 8;

#[test]
fn random_calls_break_no_invariant() {
	let number = |name: &str, default| match std::env::var(name) {
		Ok(text) => text.parse().expect("a number"),
		Err(_) => default,
	};
	let (calls, seed) = (number("RANDOM_CALLS", CALLS_PER_CHAIN), number("RANDOM_SEED", 1));
	let (mut made, mut succeeded, mut finished, mut slowest) = (0, 0, 0, Duration::ZERO);
	for seed in seed.. {
		if made >= calls {
			break;
		}
		println!("{made} calls made, seed {seed}");
		let mut run = Run::new(seed);
		while run.made < CALLS_PER_CHAIN {
			run.block();
		}
		run.assert_lively();
		made += run.made;
		succeeded += run.succeeded;
		finished += run.finished;
		slowest = slowest.max(run.slowest);
	}
	println!(
		"{made} calls, seed {seed}: {succeeded} succeeded, {finished} jobs finished, slowest block \
		 {slowest:?}"
	);
}

struct Run {
	chain: Chain,
	random: Random,
	works: Vec<Computed>,
	program: [u8; 32],
	code: Vec<u8>,
	made: u64,
	succeeded: u64,
	finished: u64,
	slowest: Duration,
}

impl Run {
	fn new(seed: u64) -> Self {
		let program = crate::market::compiled("nearest");
		let code = program.encode();
		let parameters = [1, 300, 4, 2];
		let bytes = |words: usize, salt: u8| (0..4 * words).map(|i| i as u8 ^ salt).collect();
		let work = |salt| {
			let inputs = vec![bytes(1, salt), bytes(300, salt)];
			Computed::by_vm(program.clone(), &parameters, inputs).unwrap()
		};
		Self {
			chain: Chain::local(),
			random: Random(seed),
			works: (0..4).map(work).collect(),
			program: blake3::hash(&code).into(),
			code,
			made: 0,
			succeeded: 0,
			finished: 0,
			slowest: Duration::ZERO,
		}
	}

	/// A run in which nothing happens would find nothing.
	fn assert_lively(&self) {
		assert!(self.succeeded * 20 > self.made, "too few calls do anything: {}", self.succeeded);
		assert!(self.finished > self.made / 2_000, "too few jobs end: {}", self.finished);
	}

	/// A block of random calls, and now and then a long time without any.
	fn block(&mut self) {
		let slots = if self.random.below(20) == 0 { self.random.below(40) } else { 1 };
		for _ in 1..slots {
			self.chain.next_block(Vec::new());
		}
		let calls: Vec<_> = (0..CALLS_PER_BLOCK).filter_map(|_| self.call()).collect();
		let start = Instant::now();
		let outcomes = self.chain.dispatch_in_block(calls);
		self.slowest = self.slowest.max(start.elapsed());
		assert!(self.slowest < BLOCK_TIME, "a block took {:?}", self.slowest);
		self.made += CALLS_PER_BLOCK;
		for (call, (charged, outcome)) in &outcomes {
			let actual = match outcome {
				Ok(info) => {
					self.succeeded += 1;
					info.actual_weight
				}
				Err(error) => error.post_info.actual_weight,
			};
			let actual = actual.unwrap_or(*charged);
			assert!(actual.all_lte(*charged), "{call:?} took {actual:?} of {charged:?}");
		}
		self.finished += self
			.chain
			.events()
			.into_iter()
			.filter(|event| {
				matches!(event, RuntimeEvent::Jobs(pallet_jobs::Event::Finished { .. }))
			})
			.count() as u64;
		invariants::check(&mut self.chain);
	}

	fn call(&mut self) -> Option<(Sr25519Keyring, RuntimeCall)> {
		let who = *self.random.of(&ACCOUNTS);
		let call = if self.random.below(4) == 0 { self.any_call()? } else { self.market_call() };
		Some((who, call))
	}

	/// Whatever random bytes decode to.
	fn any_call(&mut self) -> Option<RuntimeCall> {
		let bytes: Vec<u8> = (0..256).map(|_| self.random.next() as u8).collect();
		let call = RuntimeCall::decode_with_depth_limit(DEPTH, &mut &bytes[..]).ok()?;
		// Inherents are the author's, and refuse to be made twice.
		(!matches!(call, RuntimeCall::Timestamp(_))).then_some(call)
	}

	fn market_call(&mut self) -> RuntimeCall {
		match self.random.below(24) {
			0 => pallet_providers::Call::register {
				stake: self.amount(),
				endpoint: b"http://a".to_vec().try_into().unwrap(),
			}
			.into(),
			1 => pallet_providers::Call::add_stake { amount: self.amount() }.into(),
			2 if self.random.below(10) == 0 => pallet_providers::Call::leave {}.into(),
			3 => pallet_providers::Call::withdraw {}.into(),
			4 => pallet_providers::Call::post_offer {
				device: crate::market::device(),
				terms: self.terms(),
			}
			.into(),
			5 => pallet_providers::Call::change_offer { offer: self.offer(), terms: self.terms() }
				.into(),
			6 if self.random.below(4) == 0 => {
				pallet_providers::Call::pause_offer { offer: self.offer() }.into()
			}
			7 => pallet_providers::Call::resume_offer { offer: self.offer() }.into(),
			8 if self.random.below(6) == 0 => {
				pallet_providers::Call::withdraw_offer { offer: self.offer() }.into()
			}
			9 => pallet_programs::Call::register { code: self.code.clone().try_into().unwrap() }
				.into(),
			10 => pallet_programs::Call::remove { program: self.program }.into(),
			11 | 12 => pallet_jobs::Call::post { request: self.request() }.into(),
			13 => {
				let count = self.random.below(3);
				let requests: Vec<_> = (0..count).map(|_| self.request()).collect();
				pallet_jobs::Call::post_batch { requests: requests.try_into().unwrap() }.into()
			}
			14 => pallet_jobs::Call::cancel { job: self.job() }.into(),
			15 | 16 => pallet_jobs::Call::accept { job: self.job(), offer: self.offer() }.into(),
			17 if self.random.below(6) == 0 => {
				pallet_jobs::Call::give_up { job: self.job() }.into()
			}
			18 => pallet_jobs::Call::settle { job: self.job() }.into(),
			19 => pallet_jobs::Call::prune { job: self.job() }.into(),
			20 => {
				let transcript: Transcript = self.work().transcript();
				pallet_attestations::Call::attest { job: self.job(), transcript }.into()
			}
			21 => self.open(),
			22 => pallet_attestations::Call::demand {
				job: self.job(),
				buffer: JobBuffer::Written(self.random.below(3) as u8),
				chunk: self.random.below(3) as u32,
			}
			.into(),
			_ => self.challenge(),
		}
	}

	fn open(&mut self) -> RuntimeCall {
		let job = self.job();
		let samples = self.chain.run(|| mutirao_runtime::Attestations::samples(job));
		let sample = self.random.below(3) as u8;
		let drawn = samples.and_then(|samples| samples.get(usize::from(sample)).copied());
		let workgroup = drawn.map_or(Workgroup { pass: 0, number: 0 }, |sample| sample.workgroup);
		let (witness, steps) = self.work().witness(workgroup).unwrap();
		pallet_attestations::Call::open { job, sample, steps, witness }.into()
	}

	fn challenge(&mut self) -> RuntimeCall {
		let workgroup = Workgroup { pass: 0, number: self.random.below(2) as u32 };
		let (witness, steps) = self.work().witness(workgroup).unwrap();
		pallet_attestations::Call::challenge { job: self.job(), workgroup, steps, witness }.into()
	}

	fn request(&mut self) -> JobRequest<u128> {
		let inputs = self.work().inputs().try_into().unwrap();
		JobRequest {
			program: self.program,
			parameters: vec![1, 300, 4, 2].try_into().unwrap(),
			inputs,
			target: match self.random.below(4) {
				0 => Target::Offer(self.offer()),
				_ => Target::Anyone,
			},
			requirements: Requirements::default(),
			price_cap: self.amount(),
			samples: self.random.below(4) as u8,
			times: Times {
				accept_within: self.random.below(30) as u32,
				attest_within: self.random.below(60) as u32,
				contest_for: 8 + self.random.below(30) as u32,
			},
		}
	}

	fn terms(&mut self) -> OfferTerms<u128> {
		OfferTerms {
			price_per_gigastep: self.amount(),
			minimum_price: self.amount() / 100,
			// Mostly enough for any job that is posted here.
			maximum_price: self.amount().saturating_mul(1_000),
			capacity: self.random.below(3) as u16,
			expires: self.chain.run(Jobs::now) + self.random.below(2_000) as u32,
		}
	}

	/// Mostly one of the inputs that jobs use.
	fn work(&mut self) -> &Computed {
		let index = self.random.below(self.works.len() as u64) as usize / 2;
		&self.works[index]
	}

	/// A job that may be live, or a recent one.
	fn job(&mut self) -> u64 {
		let next = self.chain.run(pallet_jobs::NextJob::<Runtime>::get);
		next.saturating_sub(self.random.below(12))
	}

	fn offer(&mut self) -> u64 {
		let next = self.chain.run(pallet_providers::NextOffer::<Runtime>::get);
		next.saturating_sub(self.random.below(10))
	}

	/// From nothing to more than anybody has, mostly in between.
	fn amount(&mut self) -> u128 {
		let magnitude = 9 + self.random.below(8) as u32;
		match self.random.below(50) {
			0 => 0,
			1 => u128::MAX,
			_ => 10u128.pow(magnitude) * u128::from(1 + self.random.below(9)),
		}
	}
}

const ACCOUNTS: [Sr25519Keyring; 6] = [
	Sr25519Keyring::Alice,
	Sr25519Keyring::Bob,
	Sr25519Keyring::Eve,
	Sr25519Keyring::Ferdie,
	Sr25519Keyring::EveStash,
	Sr25519Keyring::FerdieStash,
];

/// SplitMix64 (Steele, Lea and Flood, 2014).
struct Random(u64);

impl Random {
	fn next(&mut self) -> u64 {
		self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
		let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
		let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
		z ^ (z >> 31)
	}

	fn below(&mut self, bound: u64) -> u64 {
		self.next() % bound
	}

	fn of<'a, T>(&mut self, items: &'a [T]) -> &'a T {
		&items[self.below(items.len() as u64) as usize]
	}
}

#[test]
fn random_numbers_are_those_of_the_published_generator() {
	let mut random = Random(1_234_567);
	assert_eq!(
		[random.next(), random.next()],
		[6_457_827_717_110_365_317, 3_203_168_211_198_807_973]
	);
}
