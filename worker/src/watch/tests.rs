//! The tower over a chain in memory, with providers that lie, and one that serves nothing.

use std::{sync::Arc, time::Duration};

use futures::future::{pending, BoxFuture, FutureExt as _};
use mutirao_client::{
	fake::{FakeAccount, FakeChain},
	pallets::{AttestationsExt, JobsExt, ProvidersExt},
	Blocks, DispatchError, Error, Submit,
};
use mutirao_data::store::{Store, Stored};
use mutirao_machine_core::Program;
use mutirao_machine_prover::Computed;
use mutirao_types::{
	BufferId, JobId, JobRequest, RefundReason, Times, Verdict, Witness, Workgroup,
};
use tokio::{
	sync::watch,
	task::JoinHandle,
	time::{sleep, Instant},
};
use tokio_util::sync::CancellationToken;

use super::{Budget, Seen, Thoroughness, Tower, WatchError, Watched};
use crate::{
	chain::{Backoff, Submitter},
	jobs::{
		tests::support::{described, inputs_of, request, terms, two_passes, SampleProgram, STAKE},
		Inputs,
	},
};

/// What is wrong with all lies here.
const WRONG: Workgroup = Workgroup { pass: 1, number: 0 };
const LIAR: &str = "http://liar";
const SILENT: &str = "http://silent";
const MUT: u128 = 1_000_000_000_000;

/// Serves what the liars serve; whoever asks the silent one waits for ever.
struct Planes(Vec<Vec<u8>>);

impl Inputs for Planes {
	fn fetch<'a>(
		&'a self,
		buffer: &'a BufferId,
		sources: &'a [String],
		store: &'a Store,
	) -> BoxFuture<'a, Result<Stored, String>> {
		if sources == [SILENT.to_owned()] {
			return pending().boxed();
		}
		let found = self.0.iter().find(|bytes| BufferId::of(bytes) == *buffer);
		let fetch = move || {
			store.put(found.ok_or("nobody has it")?).map_err(|error| error.to_string())?;
			let stored = store.get(buffer).map_err(|error| error.to_string())?;
			stored.ok_or_else(|| "it is gone".into())
		};
		async move { fetch() }.boxed()
	}
}

struct World {
	chain: FakeChain,
	buyer: FakeAccount,
	program: SampleProgram,
	/// A run of which one workgroup is wrong.
	lie: Computed,
	folder: tempfile::TempDir,
}

/// A tower at work.
struct Watching {
	seen: watch::Receiver<Seen>,
	stop: CancellationToken,
	task: JoinHandle<Result<(), WatchError>>,
}

impl World {
	fn new() -> Self {
		let (chain, program) = (FakeChain::new().unwrap(), two_passes());
		chain.add_program(program.code.clone(), program.quote.clone());
		let decoded = Program::decode(&program.code).unwrap();
		let honest =
			Computed::by_vm(decoded.clone(), &program.parameters, inputs_of(&program)).unwrap();
		let mut buffers: Vec<Vec<u8>> = (0..3).map(|index| honest.buffer(index).to_vec()).collect();
		buffers[2][0] ^= 1;
		let lie = Computed::from_buffers(decoded, &program.parameters, buffers).unwrap();
		let buyer = chain.account([1; 32]);
		Self { chain, buyer, program, lie, folder: tempfile::tempdir().unwrap() }
	}

	/// A job that is contestable for so many blocks, and whose result is a lie; of this provider.
	async fn job(&self, provider: u8, url: &str, contest_for: u32) -> JobId {
		let provider = self.chain.account([provider; 32]);
		if provider.provider(provider.account()).await.unwrap().is_none() {
			let url = url.as_bytes().to_vec().try_into().unwrap();
			provider.register_provider(STAKE, url).await.unwrap();
		}
		let offer = provider.post_offer(described(), terms()).await.unwrap();
		let inputs = inputs_of(&self.program).iter().map(|bytes| BufferId::of(bytes)).collect();
		let request = request(self.program.id(), self.program.parameters.clone(), inputs);
		let times = Times { contest_for, ..request.times };
		let job = self.buyer.post(JobRequest { times, samples: 1, ..request }).await.unwrap();
		self.chain.draw(job, vec![Workgroup { pass: 0, number: 1 }]);
		self.chain.plant_lie(job, WRONG);
		provider.accept(job, offer).await.unwrap();
		provider.attest(job, self.lie.transcript()).await.unwrap();
		self.chain.advance(3);
		provider.open(job, 0, 1, Witness::default()).await.unwrap();
		job
	}

	fn watch(&self, at_once: usize, budget: u128) -> Watching {
		let pause = Duration::from_millis(1);
		let chain = self.chain.account([9; 32]);
		let tower = Tower {
			provider: chain.account(),
			chain,
			submitter: Submitter { attempts: 2, backoff: Backoff::new(pause, pause) },
			store: Store::open(self.folder.path().join("store"), 1 << 20).unwrap(),
			fetcher: Arc::new(Planes((0..3).map(|at| self.lie.buffer(at).to_vec()).collect())),
			watched: Watched::Any,
			thoroughness: Thoroughness::All,
			max_bytes: 1 << 18,
			at_once,
		};
		let (sender, seen) = watch::channel(Seen::default());
		let stop = CancellationToken::new();
		let stopping = stop.clone();
		let task =
			tokio::spawn(async move { tower.run(Budget::of(budget), &sender, &stopping).await });
		Watching { seen, stop, task }
	}

	async fn is_upheld(&self, job: JobId) -> bool {
		let ended = self.buyer.finished_job(job).await.unwrap().map(|ended| ended.verdict);
		ended == Some(Verdict::Refunded(RefundReason::ChallengeUpheld))
	}
}

impl Watching {
	/// Waits until it has seen this; what it saw then.
	async fn until(&mut self, seconds: u64, is: impl Fn(&Seen) -> bool) -> Seen {
		let seen =
			tokio::time::timeout(Duration::from_secs(seconds), self.seen.wait_for(|s| is(s)));
		*seen.await.expect("it is seen in time").expect("the tower lives")
	}

	async fn stop(self) {
		self.stop.cancel();
		self.task.await.unwrap().unwrap();
	}
}

#[tokio::test]
async fn whoever_withholds_does_not_keep_the_tower_from_a_liar() {
	let world = World::new();
	// Its windows close first, and there are enough of them for all places.
	for _ in 0..4 {
		world.job(2, SILENT, 400).await;
	}
	let job = world.job(3, LIAR, 1_000).await;
	let mut watching = world.watch(4, MUT);
	let seen = watching.until(10, |seen| seen.upheld == 1).await;
	assert_eq!((seen.examined, seen.skipped, seen.spent), (1, 0, 0));
	assert!(world.is_upheld(job).await);
	watching.stop().await;
}

#[tokio::test]
async fn a_job_is_examined_for_half_of_its_window_at_most() {
	let world = World::new();
	let job = world.job(3, LIAR, 40).await;
	// Two blocks are six seconds.
	world.job(2, SILENT, 2).await;
	let (mut watching, began) = (world.watch(1, MUT), Instant::now());
	watching.until(10, |seen| seen.skipped == 1).await;
	assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
	watching.until(10, |seen| seen.upheld == 1).await;
	assert!(world.is_upheld(job).await);
	watching.stop().await;
}

#[tokio::test]
async fn what_the_chain_does_not_hear_costs_no_budget() {
	let world = World::new();
	let error = DispatchError::Runtime { name: "Other".into(), meaning: "somebody was first" };
	let (first, second) = (world.job(2, LIAR, 40).await, world.job(3, LIAR, 50).await);
	world.chain.fail_next_call(Error::Failed {
		error,
		transaction: Default::default(),
		block: Default::default(),
		fee: 0,
	});
	// Enough for one challenge.
	let mut watching = world.watch(1, 2_500_000_000);
	let seen = watching.until(10, |seen| seen.refused + seen.upheld == 2).await;
	assert_eq!((seen.refused, seen.upheld, seen.failed, seen.spent), (1, 1, 0, 0));
	assert!(!world.is_upheld(first).await && world.is_upheld(second).await);
	watching.stop().await;
}

#[tokio::test]
async fn without_a_budget_nothing_is_challenged() {
	let world = World::new();
	let job = world.job(2, LIAR, 40).await;
	let mut watching = world.watch(2, 1_000);
	watching.until(10, |seen| seen.examined == 1).await;
	sleep(Duration::from_millis(300)).await;
	watching.stop().await;
	assert!(world.buyer.job(job).await.unwrap().is_some(), "it is contestable still");
}

#[tokio::test]
async fn in_safe_mode_a_challenge_waits_and_costs_at_most_one_fee() {
	let world = World::new();
	let job = world.job(2, LIAR, 40).await;
	world.chain.stand_still(true);
	let before = world.buyer.finalized_number().await.unwrap();
	let mut watching = world.watch(2, MUT);
	watching.until(10, |seen| seen.refused == 1).await;
	// Long enough for two looks.
	sleep(Duration::from_secs(7)).await;
	assert_eq!(world.buyer.finalized_number().await.unwrap(), before + 1, "one call was sent");
	world.chain.stand_still(false);
	world.chain.advance(1);
	watching.until(10, |seen| seen.upheld == 1).await;
	assert!(world.is_upheld(job).await);
	watching.stop().await;
}
