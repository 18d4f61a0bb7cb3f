//! From offers to an accepted job: post, hand the inputs over, wait; else the next offer.

use std::time::{Duration, SystemTime};

use mutirao_client::{
	money,
	types::{JobState, OfferId, Requirements, Target, Times},
	Balance, Chain,
};
use mutirao_data::wire::UploadToken;
use tokio::time::sleep;

use super::{
	buyer::Buyer,
	offers::{rank, Listed, OfferBook},
	record::{Record, Save},
	request::Work,
	track::{catch_up, complete, Standing},
};
use crate::exit::{chain, failed, Failure};

/// How often the chain is asked.
pub(crate) const LOOK_EVERY: Duration = Duration::from_millis(500);
/// Between two attempts to hand inputs over.
const RETRY: Duration = Duration::from_secs(2);
/// Offers that are tried, one after the other.
const ATTEMPTS: usize = 5;
/// Providers that get the inputs of an open job.
const OPEN_UPLOADS: usize = 3;
/// How long a token holds.
const TOKEN_SECONDS: u64 = 6 * 3600;

/// What a buyer wants, besides the work itself.
#[derive(Clone, Debug)]
pub(crate) struct Wishes {
	pub(crate) requirements: Requirements,
	pub(crate) max_price: Option<Balance>,
	/// This offer and no other.
	pub(crate) offer: Option<OfferId>,
	/// Whoever accepts it first.
	pub(crate) open: bool,
	pub(crate) samples: u8,
	pub(crate) times: Times,
	pub(crate) save: Vec<Save>,
}

/// Whether a job was taken.
enum Placed {
	Taken,
	/// Why not.
	NotTaken(String),
}

impl<C: Chain> Buyer<'_, C> {
	/// Posts the work and hands it over to whoever takes it. `inputs` are the bytes, in the program's
	/// order. With `wait`: tries one offer after the other until one has accepted; without: returns as
	/// soon as the first has the inputs.
	pub(crate) async fn place(
		&self,
		book: &impl OfferBook,
		work: &Work,
		inputs: &[Vec<u8>],
		wishes: &Wishes,
		wait: bool,
	) -> anyhow::Result<Record> {
		let candidates = self.candidates(book, work, wishes).await?;
		let mut fees = self.register(&work.kernel).await?;
		let rounds: Vec<&[(Listed, Balance)]> = match wishes.open {
			true => vec![&candidates[..candidates.len().min(OPEN_UPLOADS)]],
			false => candidates.chunks(1).take(ATTEMPTS).collect(),
		};
		let mut before: Option<Record> = None;
		for offers in rounds {
			let mut record = self.post(work, offers, inputs, wishes, fees).await?;
			if let Some(mut before) = before.take() {
				before.replaced_by = Some(record.job);
				self.records().save(&before)?;
			}
			match self.hand_over(&mut record, offers, wait).await? {
				Placed::Taken => return Ok(record),
				Placed::NotTaken(why) => {
					if !self.withdraw(&mut record, &why).await? {
						return Ok(record);
					}
					// What this attempt cost is part of what the result costs.
					fees = record.fees.parse().unwrap_or(0);
					before = Some(record);
				}
			}
		}
		let message =
			"no provider took the job in time, and it is withdrawn: try again, pay more, or \
		               give them longer with --accept-within";
		Err(failed(Failure::NoOffer, message))
	}

	/// The offers that fit, cheapest first.
	async fn candidates(
		&self,
		book: &impl OfferBook,
		work: &Work,
		wishes: &Wishes,
	) -> anyhow::Result<Vec<(Listed, Balance)>> {
		let steps = work.kernel.summary(&work.parameters)?.declared_steps;
		let now = self.chain.now().await.map_err(chain)?;
		let mut offers = book.offers().await.map_err(chain)?;
		let there_are = offers.len();
		if let Some(only) = wishes.offer {
			offers.retain(|offer| offer.id == only);
			if offers.is_empty() {
				let message = format!("there is no offer {only}: `mutirao offers` lists them");
				return Err(failed(Failure::NotFound, message));
			}
		}
		let ranked = rank(offers.clone(), steps, &wishes.requirements, wishes.max_price, now);
		if !ranked.is_empty() {
			return Ok(ranked);
		}
		let dear = rank(offers, steps, &wishes.requirements, None, now);
		let message = match (dear.first(), wishes.offer) {
			(Some((offer, price)), _) => format!(
				"the cheapest offer that fits ({}) asks {}: raise --max-price",
				offer.id,
				money::display(*price)
			),
			(None, Some(only)) => {
				format!("offer {only} does not fit or takes no jobs now: `mutirao offers --all` tells why")
			}
			(None, None) => format!(
				"none of {there_are} offers fits and takes jobs now: ask for less, or see \
				 `mutirao offers --all`"
			),
		};
		Err(failed(Failure::NoOffer, message))
	}

	/// Hands the inputs over to these offers' providers, and waits until one takes the job.
	async fn hand_over(
		&self,
		record: &mut Record,
		offers: &[(Listed, Balance)],
		wait: bool,
	) -> anyhow::Result<Placed> {
		let mut waiting: Vec<&Listed> = offers.iter().map(|(offer, _)| offer).collect();
		let mut last = "no provider was asked".to_owned();
		loop {
			let standing = Standing::of(self.chain, record.job).await.map_err(chain)?;
			let now = self.chain.now().await.map_err(chain)?;
			match &standing {
				Standing::Live(job) => match job.state {
					JobState::Open { until } if now > until => return Ok(Placed::NotTaken(last)),
					JobState::Open { .. } => {}
					_ => return self.taken(record, &standing).await,
				},
				_ => return self.taken(record, &standing).await,
			}
			let mut still = Vec::new();
			for offer in waiting {
				match self.upload(record, offer).await {
					Ok(()) => {
						last = format!("offer {} has the inputs and did not accept", offer.id)
					}
					Err(why) => {
						last = format!("{why:#}");
						still.push(offer);
					}
				}
			}
			waiting = still;
			match waiting.is_empty() {
				true if !wait => return Ok(Placed::Taken),
				true => sleep(LOOK_EVERY).await,
				false => sleep(RETRY).await,
			}
		}
	}

	async fn taken(&self, record: &mut Record, standing: &Standing) -> anyhow::Result<Placed> {
		catch_up(self.chain, record).await.map_err(chain)?;
		complete(self.chain, record, standing).await.map_err(chain)?;
		self.records().save(record)?;
		Ok(Placed::Taken)
	}

	/// Brings a provider what it lacks of the inputs.
	pub(crate) async fn upload(&self, record: &Record, offer: &Listed) -> anyhow::Result<()> {
		if record.inputs.is_empty() {
			return Ok(());
		}
		let endpoint = self.endpoint(&offer.provider).await?;
		let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
		let expires = now.as_secs().saturating_add(TOKEN_SECONDS);
		let token = UploadToken::sign_with(
			self.key.public_key().0,
			|message| self.key.sign(message).0,
			offer.provider.0,
			record.job,
			self.genesis,
			expires,
		);
		let store = self.store(record.job)?;
		let inputs = self.inputs(&store, record)?;
		self.plane.upload(&endpoint, &token, &inputs).await
	}

	/// Goes on with bringing an open job's inputs to the provider of the offer that it names.
	pub(crate) async fn bring_inputs(
		&self,
		book: &impl OfferBook,
		record: &Record,
	) -> anyhow::Result<()> {
		let Some(job) = self.chain.job(record.job).await.map_err(chain)? else { return Ok(()) };
		let (JobState::Open { .. }, Target::Offer(only)) = (&job.state, job.request.target) else {
			return Ok(());
		};
		let offers = book.offers().await.map_err(chain)?;
		let Some(offer) = offers.iter().find(|offer| offer.id == only) else { return Ok(()) };
		if let Err(why) = self.upload(record, offer).await {
			self.say("waiting", format!("the inputs cannot be brought to offer {only}: {why:#}"));
		}
		Ok(())
	}

	/// Takes back a job that nobody took. Whether that worked: it may have been taken meanwhile.
	async fn withdraw(&self, record: &mut Record, why: &str) -> anyhow::Result<bool> {
		let job = record.job;
		self.say("withdrawing", format!("job {job} was not taken ({why}): withdrawing it"));
		match self.chain.cancel(job).await {
			Ok(included) => record.pay(included.fee),
			Err(error) if error.pallet_error().is_some() => {
				let standing = Standing::of(self.chain, job).await.map_err(chain)?;
				if let Standing::Live(live) = &standing {
					if live.state.deal().is_some() {
						self.say("accepted", format!("job {job} was taken after all"));
						self.taken(record, &standing).await?;
						return Ok(false);
					}
					return Err(chain(error));
				}
			}
			Err(error) => return Err(chain(error)),
		}
		catch_up(self.chain, record).await.map_err(chain)?;
		self.records().save(record)?;
		Ok(true)
	}
}
