//! From offers to an accepted job: post, hand the inputs over, wait; else the next offer.

use std::{
	sync::{Mutex, PoisonError},
	time::Duration,
};

use futures::future::{join_all, pending};
use mutirao_client::{
	money,
	pallets::JobsCall,
	types::{JobId, JobState, OfferId, Requirements, Steps, Times},
	Balance, Chain,
};
use tokio::time::sleep;

use super::{
	buyer::Buyer,
	offers::{rank, Listed, OfferBook},
	record::{Record, Save},
	request::Work,
	track::{complete, Standing},
};
use crate::exit::{chain, failed, Failure};

/// How often the chain is asked.
pub(crate) const LOOK_EVERY: Duration = Duration::from_millis(500);
/// Offers that are tried, one after the other.
const ATTEMPTS: usize = 5;
/// Providers that get the inputs of an open job.
const OPEN_UPLOADS: usize = 3;

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
	/// Whether all workgroups are to be computed again, by whoever goes on with the job.
	pub(crate) full: bool,
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
		let steps = work.kernel.summary(&work.parameters)?.declared_steps;
		let (mut fees, mut last) = (0, String::new());
		let rounds: Vec<&[(Listed, Balance)]> = match wishes.open {
			true => vec![&candidates[..candidates.len().min(OPEN_UPLOADS)]],
			false => candidates.chunks(1).take(ATTEMPTS).collect(),
		};
		let mut before: Option<Record> = None;
		for (index, &offers) in rounds.iter().enumerate() {
			let others = index + 1 < rounds.len();
			if let Some(why) = self.outdated(offers, steps, wishes).await? {
				self.say("skipping", format!("{why}, since it was listed"));
				last = why;
				continue;
			}
			let mut record = self.post(work, offers, inputs, wishes, fees).await?;
			if let Some(mut before) = before.take() {
				before.replaced_by = Some(record.job);
				self.records().save(&before)?;
			}
			match self.hand_over(&mut record, offers, wait, others).await? {
				Placed::Taken => return Ok(record),
				Placed::NotTaken(why) => {
					let why = self.outdated(offers, steps, wishes).await?.unwrap_or(why);
					if !self.withdraw(&mut record, &why).await? {
						return Ok(record);
					}
					// What this attempt cost is part of what the result costs.
					fees = record.fees.parse().unwrap_or(0);
					(before, last) = (Some(record), why);
				}
			}
		}
		let message = match before {
			Some(_) => format!(
				"no provider took the job in time, and it is withdrawn ({last}): try again, pay more, or \
				 give them longer with --accept-within"
			),
			None => format!("{last}, since it was listed, and no other fits: submit the job again"),
		};
		Err(failed(Failure::NoOffer, message))
	}

	/// Why a job that is meant for one offer would be posted to it in vain.
	async fn outdated(
		&self,
		offers: &[(Listed, Balance)],
		steps: Steps,
		wishes: &Wishes,
	) -> anyhow::Result<Option<String>> {
		match offers {
			[offer] if !wishes.open => self.changed(offer, steps).await,
			_ => Ok(None),
		}
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

	/// Hands the inputs over to these offers' providers, and waits until one takes the job. `others`: there
	/// are other offers, so that nobody waits for providers that cannot be reached.
	async fn hand_over(
		&self,
		record: &mut Record,
		offers: &[(Listed, Balance)],
		wait: bool,
		others: bool,
	) -> anyhow::Result<Placed> {
		let last = Mutex::new("no provider has answered".to_owned());
		// At the same time: one that never answers keeps neither the others from the inputs, nor the
		// buyer from the next offer.
		let bringing = async {
			let bringing = offers.iter().map(|(offer, _)| self.bring(record, offer, others, &last));
			let brought = join_all(bringing).await.into_iter().any(|brought| brought);
			if brought && wait {
				pending().await
			}
			brought
		};
		let standing = tokio::select! {
			standing = self.decided(record.job) => Some(standing?),
			brought = bringing => match brought {
				true => return Ok(Placed::Taken),
				false => None,
			},
		};
		match standing {
			Some(Standing::Live(job)) if matches!(job.state, JobState::Open { .. }) => {}
			Some(standing) => return self.taken(record, &standing).await,
			None => {}
		}
		Ok(Placed::NotTaken(last.into_inner().unwrap_or_else(PoisonError::into_inner)))
	}

	/// Where a job stands once it is not open any more, or may not be accepted any more.
	async fn decided(&self, job: JobId) -> anyhow::Result<Standing> {
		loop {
			let standing = Standing::of(self.chain, job).await.map_err(chain)?;
			let now = self.chain.now().await.map_err(chain)?;
			match &standing {
				Standing::Live(job) if matches!(job.state, JobState::Open { until } if now <= until) =>
				{
					sleep(LOOK_EVERY).await;
				}
				_ => return Ok(standing),
			}
		}
	}

	async fn taken(&self, record: &mut Record, standing: &Standing) -> anyhow::Result<Placed> {
		self.catch_up(record).await?;
		complete(self.chain, record, standing).await.map_err(chain)?;
		self.records().save(record)?;
		Ok(Placed::Taken)
	}

	/// Takes back a job that nobody took. Whether that worked: it may have been taken meanwhile.
	async fn withdraw(&self, record: &mut Record, why: &str) -> anyhow::Result<bool> {
		let job = record.job;
		self.say("withdrawing", format!("job {job} was not taken ({why}): withdrawing it"));
		match self.call(record, JobsCall::Cancel { job }).await {
			Ok(_) => {}
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
		self.note_posted(None);
		self.catch_up(record).await?;
		self.records().save(record)?;
		Ok(true)
	}
}
