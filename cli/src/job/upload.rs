//! Bringing inputs to the providers that are to compute with them.

use std::{
	sync::{Mutex, PoisonError},
	time::{Duration, SystemTime},
};

use mutirao_client::{
	types::{JobState, Target},
	Chain,
};
use mutirao_data::{
	fetch::{FetchError, SourceError},
	wire::UploadToken,
};
use tokio::time::sleep;

use super::{
	buyer::Buyer,
	offers::{Listed, OfferBook},
	record::Record,
};
use crate::exit::chain;

/// Between two attempts to hand inputs over.
const RETRY: Duration = Duration::from_secs(2);
/// Attempts after which a provider that takes no connections counts as gone. Each tries thrice.
const GONE_AFTER: u32 = 2;
/// How long a token holds.
const TOKEN_SECONDS: u64 = 6 * 3600;

/// Whether nobody takes connections there.
fn is_unreachable(error: &anyhow::Error) -> bool {
	let error = error.downcast_ref::<FetchError>();
	matches!(error, Some(FetchError::Provider { source: SourceError::Connection(_), .. }))
}

impl<C: Chain> Buyer<'_, C> {
	/// Brings a provider the inputs, however often that fails; where there are `others`, until it seems to
	/// be gone. Whether it has them. `last`: what is known of it.
	pub(crate) async fn bring(
		&self,
		record: &Record,
		offer: &Listed,
		others: bool,
		last: &Mutex<String>,
	) -> bool {
		let know = |text| *last.lock().unwrap_or_else(PoisonError::into_inner) = text;
		let mut failures = 0;
		while let Err(why) = self.upload(record, offer).await {
			let text =
				format!("offer {}'s provider cannot be brought the inputs: {why:#}", offer.id);
			if failures == 0 {
				self.say("waiting", &text);
			}
			know(text);
			failures += 1;
			if others && failures >= GONE_AFTER && is_unreachable(&why) {
				return false;
			}
			sleep(RETRY).await;
		}
		know(format!("offer {} has the inputs and did not accept", offer.id));
		true
	}

	/// Brings a provider what it lacks of the inputs.
	async fn upload(&self, record: &Record, offer: &Listed) -> anyhow::Result<()> {
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
		Ok(self.plane.upload(&endpoint, &token, &inputs).await?)
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
}
