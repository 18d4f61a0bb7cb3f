//! Random calls in random order: whatever happens, the invariants hold.

use super::*;

const STEPS: u32 = 2_000;
/// With more live jobs none is posted: the walk is to end them.
const LIVE: usize = 8;
/// Nobody has put money there.
const NOBODY: AccountId = 99;

struct Walk {
	random: fastrand::Rng,
	done: usize,
	refused: usize,
	pruned: usize,
}

impl Walk {
	fn new(seed: u64) -> Self {
		Self { random: fastrand::Rng::with_seed(seed), done: 0, refused: 0, pruned: 0 }
	}

	fn who(&mut self) -> AccountId {
		[BIA, PIA, ANA, NOBODY][self.random.usize(..4)]
	}

	/// Mostly a live one.
	fn job(&mut self) -> JobId {
		let live: Vec<_> = Live::<Test>::iter_keys().collect();
		match self.random.usize(..8) {
			1.. if !live.is_empty() => live[self.random.usize(..live.len())],
			_ => self.random.u64(..=NextJob::<Test>::get()),
		}
	}

	/// Mostly valid.
	fn request(&mut self) -> RequestOf<Test> {
		let random = &mut self.random;
		let mut request = request();
		let below = (2 * MINIMUM_CAP) << random.u32(..14);
		request.price_cap = random.u64(MINIMUM_CAP - 1..below);
		request.samples = random.u8(..=MAX_SAMPLES);
		request.times.contest_for = random.u32(MIN_CONTEST - 1..=2 * MIN_CONTEST);
		if random.bool() {
			request.target = Target::Offer(random.u64(..2));
		}
		request
	}

	fn step(&mut self) {
		let (who, job) = (self.who(), self.job());
		let room = Live::<Test>::iter_keys().count() < LIVE;
		let outcome = match self.random.u32(..24) {
			0..=2 if room => send(who, Call::post { request: self.request() }),
			3 if room => {
				let requests: Vec<_> = (0..self.random.u32(..4)).map(|_| self.request()).collect();
				send(who, Call::post_batch { requests: requests.try_into().expect("few") })
			}
			4..=7 => self.accept(who, job),
			8 => send(who, Call::cancel { job }),
			9 => send(who, Call::give_up { job }),
			10..=12 => self.settle(job),
			13 => {
				let outcome = send(who, Call::prune { job: self.random.u64(..=job) });
				self.pruned += usize::from(outcome.is_ok());
				outcome
			}
			14 => {
				pass(self.random.u32(..8));
				Ok(Pays::No)
			}
			_ => with_storage_layer(|| self.arrow(job)).map(|()| Pays::No),
		};
		match outcome {
			Ok(_) => self.done += 1,
			Err(_) => self.refused += 1,
		}
	}

	/// A price within the cap, or now and then a refusal.
	fn accept(&mut self, who: AccountId, job: JobId) -> Result<Pays, DispatchError> {
		let cap = Jobs::job(job).map_or(0, |job| job.request.price_cap);
		let price = self.random.u64(..=cap);
		Terms::set(match self.random.u32(..8) {
			0 => Err(DispatchError::Unavailable),
			_ => Ok((price, 2 * price)),
		});
		send(who, Call::accept { job, offer: self.random.u64(..2) })
	}

	/// Mostly without a contest.
	fn settle(&mut self, job: JobId) -> Result<Pays, DispatchError> {
		Stands::set(match self.random.u32(..8) {
			0 => Standing::Pending,
			1 => Standing::Lost(RefundReason::DemandUnanswered),
			2 => Standing::Faulted(FaultKind::Fuel),
			_ => Standing::Clear,
		});
		settle(job)
	}

	/// Mostly the story's course.
	fn arrow(&mut self, job: JobId) -> DispatchResult {
		let provider = Jobs::job(job).and_then(|job| job.state.deal().map(|deal| deal.provider));
		let within = self.random.u32(1..20);
		match self.random.u32(..20) {
			0..=7 => Jobs::attested(job, &provider.unwrap_or(ANA), within),
			8..=15 => Jobs::audited(job),
			16 => Jobs::postponed(job, within),
			17 => Jobs::extended(job, within),
			18 => Jobs::refunded(job, RefundReason::OpeningWrong, Some(&ANA)).map(|_| ()),
			_ => Jobs::faulted(job, FaultKind::Race),
		}
	}

	/// Each job that was posted is somewhere, and each deal was released once.
	fn check(&self) {
		check();
		let all = AllTime::<Test>::get();
		let (live, finished) =
			(Live::<Test>::iter_keys().count(), History::<Test>::iter_keys().count());
		assert_eq!(all.posted, NextJob::<Test>::get());
		assert_eq!(all.posted as usize, live + finished + self.pruned);
		let ended = (all.settled + all.refunded + all.faulted) as usize;
		assert_eq!(ended, finished + self.pruned);
		assert_eq!(Closed::get().len(), ended);
		let deals = Live::<Test>::iter_values().filter(|record| record.job.state.deal().is_some());
		assert_eq!(Engagements::get().len(), deals.count() + Releases::get().len());
		let rent: u64 = [BIA, PIA, ANA, NOBODY].map(|who| held(who).1).iter().sum();
		assert_eq!(rent, RENT * (live + finished) as u64);
	}
}

#[test]
fn random_calls_keep_the_invariants() {
	for seed in 0..2 {
		run(|| {
			let mut walk = Walk::new(seed);
			for _ in 0..STEPS {
				walk.step();
				System::reset_events();
				walk.check();
			}
			// It came to every end, and not all was refused or done.
			let all = AllTime::<Test>::get();
			let ends = [all.settled, all.refunded, all.faulted].map(|count| count as usize);
			let [done, refused] = [walk.done, walk.refused].map(|count| count / 100);
			for seen in ends.into_iter().chain([walk.pruned, done, refused]) {
				assert!(seen > 2, "{ends:?}, {} pruned, {} done", walk.pruned, walk.done);
			}
		});
	}
}
