//! A market in this process: a chain in memory, providers with data planes.

use std::{
	sync::{
		atomic::{AtomicBool, Ordering},
		Arc, Mutex,
	},
	time::Duration,
};

use mutirao_client::{
	fake::{FakeAccount, FakeChain},
	keys::Keypair,
	known_metadata,
	pallets::ProvidersExt,
	terms::JobTerms,
	types::{BufferId, Permill, Quote, Requirements, Times},
	Error,
};
use subxt_signer::sr25519::dev;
use tempfile::TempDir;

use super::{
	super::{
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
	},
	provider::{provider, Manner},
};
use crate::output::Format;

pub(super) const GENESIS: [u8; 32] = [5; 32];
pub(super) const WIDTH: u32 = 64;
pub(super) const HEIGHT: u32 = 40;

/// Offers of the fake chain, found by their numbers.
pub(super) struct Book(pub(super) FakeAccount);

/// Offers as they were listed some time ago.
pub(super) struct Stale(pub(super) Vec<Listed>);

impl OfferBook for Stale {
	async fn offers(&self) -> Result<Vec<Listed>, Error> {
		Ok(self.0.clone())
	}
}

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
	pub(super) chain: FakeChain,
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
	Market { kernel, key, chain, account, home: tempfile::tempdir().unwrap(), running }
}

impl Market {
	/// The account of one of its providers, from 0.
	pub(super) fn provider(&self, number: u8) -> FakeAccount {
		self.chain.account([10 + number; 32])
	}

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
			posted: Mutex::default(),
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
			full: false,
		}
	}

	pub(super) async fn place(&self, wishes: &Wishes) -> anyhow::Result<Record> {
		self.place_by(&Book(self.account.clone()), wishes).await
	}

	/// The same, by another list of offers.
	pub(super) async fn place_by(
		&self,
		book: &impl OfferBook,
		wishes: &Wishes,
	) -> anyhow::Result<Record> {
		let (work, inputs) = self.work();
		self.buyer().place(book, &work, &inputs, wishes, true).await
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
