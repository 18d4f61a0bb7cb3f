//! Buyers that cheat: nobody but themselves loses anything by it.

use crate::{
	happy::register,
	ledger::{fees_of, Ledger},
	work::Work,
	world::{submit, World, LONG},
};
use anyhow::{ensure, Result};
use mutirao_client::{
	pallets::JobsExt as _,
	types::{FaultKind, JobId, JobRequest, RefundReason, Verdict},
	Account, Balance, Blocks as _,
};
use mutirao_e2e::{bring, wait_for, Buyer, Provider};
use mutirao_machine_testgen::LateFault;

/// One pass, which writes words of the input to where `WORD` says.
const COPY: &str = "
struct Params { words: u32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> given: array<u32>;
@group(0) @binding(2) var<storage, read_write> copies: array<u32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
	copies[WORD] = given[id.x];
}
";
const COPY_MANIFEST: &str = r#"
[program]
name = "copy"
source = "kernel.wgsl"

[parameters]
words = { min = 64, max = 65536 }

[buffers]
given = { role = "input", words = "words" }
copies = { role = "output", words = "ceil_div(words, 64) * 64" }

[[passes]]
entry = "main"
workgroups = ["ceil_div(words, 64)"]
slice = { copies = "64" }
fuel = "FUEL"
"#;

/// Statuses of a data plane: it does not know the job; the bytes do not have the hash that they must have.
const NOT_FOUND: u16 = 404;
const NOT_WHAT_IT_SAYS: u16 = 422;

/// Each word of the inputs: more rounds than the second pass declares fuel for.
const ROUNDS: u32 = 1_000_000;

/// How a buyer's program is at fault.
#[derive(Clone, Copy)]
pub(crate) enum Grief {
	/// All invocations of a workgroup write the same word.
	Race,
	/// The only pass declares too little fuel.
	Fuel,
	/// The second pass does, for what the first has written.
	LateFuel,
}

impl Grief {
	/// The program, and what makes it faulty.
	pub(crate) fn work(self, buyer: &Buyer) -> Result<Work> {
		let copy = |word: &str, fuel: &str| {
			let manifest = COPY_MANIFEST.replace("FUEL", fuel);
			Work::own(buyer, &manifest, &COPY.replace("WORD", word), &[256], ROUNDS)
		};
		match self {
			Self::Race => copy("id.x / 64u * 64u", "64 * 32"),
			Self::Fuel => copy("id.x", "64 * 2"),
			Self::LateFuel => {
				Work::own(buyer, LateFault::MANIFEST, LateFault::SOURCE, &[256], ROUNDS)
			}
		}
	}
}

/// The provider does its part, shows the fault, and has a tenth of the price for its trouble.
pub(crate) async fn a_faulty_program(world: &World, grief: Grief) -> Result<()> {
	let (name, kind) = match grief {
		Grief::Race => ("Racer", FaultKind::Race),
		Grief::Fuel => ("Burner", FaultKind::Fuel),
		Grief::LateFuel => ("Late-burner", FaultKind::Fuel),
	};
	let provider = world.provider(&format!("Provider-of-{name}")).await?;
	let worker = provider.start().await?;
	let buyer = world.buyer(name).await?;
	let work = grief.work(&buyer)?;
	register(&buyer, &work).await?;
	let ledger = Ledger::open(world, &buyer, &provider).await?;
	let sent = submit(&buyer, &work, provider.offer()?, &[]).await?;
	let job = world.job_of(&buyer).await?;
	ledger.close(world, &provider, job, &[Verdict::Faulted(kind)]).await?;
	ensure!(sent.code == Some(5), "exit code {:?}: {}{}", sent.code, sent.stdout, sent.stderr);
	worker.stop().await?;
	Ok(())
}

/// A buyer that brings other bytes than it has posted, and one that brings none: the provider accepts
/// neither job, and when the time to accept is over, anybody gives the buyers their money back.
pub(crate) async fn no_right_input(world: &World) -> Result<()> {
	let provider = world.provider("Provider-without-inputs").await?;
	let worker = provider.start().await?;
	let (forger, gone) = (world.buyer("Forger").await?, world.buyer("Gone").await?);
	let stranger = world.buyer("Stranger").await?;
	// One chunk, so that an opening has nothing but its bytes.
	let work = Work::of("sobel", &[32, 32])?;
	register(&stranger, &work).await?;
	let before = Before::read(world, &provider, [&forger, &gone, &stranger]).await?;
	let post = |buyer: &Buyer, request: JobRequest<Balance>| {
		let account = Account::new(world.client.clone(), buyer.key.clone());
		async move { account.post(request).await }
	};
	let request = work.request(&provider, 20)?;
	let forged = post(&forger, request.clone()).await?;
	let vanished = post(&gone, request).await?;
	let genesis = world.client.chain().genesis_hash().0;
	let bytes = work.bytes().concat();
	let mut others = bytes.clone();
	others[7] ^= 1;
	let bring = |bytes: &[u8]| {
		bring(provider.url(), &forger.key, provider.account(), forged, genesis, bytes)
	};
	// The worker knows the job once it has seen its block.
	let refused = wait_for("the worker to know the job", LONG, || {
		let status = bring(&others);
		async move { Ok(status.ok().filter(|status| *status != NOT_FOUND)) }
	});
	let (status, _) = refused.await?;
	ensure!(status == NOT_WHAT_IT_SAYS, "bytes of another hash are answered with {status}");
	expire(world, &stranger, forged).await?;
	expire(world, &stranger, vanished).await?;
	before.check(world, &provider, [&forger, &gone, &stranger]).await?;
	worker.stop().await?;
	Ok(())
}

/// Waits until an open job's time is over, and has somebody end it who has nothing to do with it.
async fn expire(world: &World, by: &Buyer, job: JobId) -> Result<()> {
	let until = world.client.job(job).await?.map_or(0, |job| job.state.until());
	let over = wait_for("the time to accept to pass", LONG, || async {
		Ok((world.client.now().await? > until).then_some(()))
	});
	over.await?;
	let verdict = Account::new(world.client.clone(), by.key.clone()).settle(job).await?;
	ensure!(verdict == Verdict::Refunded(RefundReason::Expired), "{verdict:?}");
	Ok(())
}

/// What people have before jobs that come to nothing.
struct Before<const N: usize> {
	block: u32,
	have: [Balance; N],
	stake: Balance,
	provider: Balance,
}

impl<const N: usize> Before<N> {
	async fn read(world: &World, provider: &Provider, people: [&Buyer; N]) -> Result<Self> {
		let mut have = [0; N];
		for (has, buyer) in have.iter_mut().zip(people) {
			*has = world.money(buyer.account()).await?.total();
		}
		let (block, stake) =
			(world.client.finalized_number().await?, world.record(provider).await?.stake);
		let provider = world.money(provider.account()).await?.total();
		Ok(Self { block, have, stake, provider })
	}

	/// Nobody has paid more than the fees of what it sent, and nothing is stuck.
	async fn check(&self, world: &World, provider: &Provider, people: [&Buyer; N]) -> Result<()> {
		for (had, buyer) in self.have.iter().zip(people) {
			let has = world.money(buyer.account()).await?.total();
			let fees = fees_of(world, buyer.account(), self.block).await?;
			ensure!(has + fees == *had, "it had {had}, paid fees of {fees}, and has {has}");
			let holds = world.holds(buyer.account()).await?;
			ensure!(!holds.contains("Escrow"), "still on hold: {holds}");
		}
		let has = world.money(provider.account()).await?.total();
		ensure!(has == self.provider, "the provider had {}, and has {has}", self.provider);
		let record = world.record(provider).await?;
		ensure!(record.stake == self.stake && record.earmarked == 0 && record.open_jobs == 0);
		Ok(())
	}
}
