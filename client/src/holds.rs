//! What of an account's money is on hold, and what for.

use crate::{
	api::{
		self,
		runtime_types::{
			mutirao_runtime::RuntimeHoldReason, pallet_jobs::pallet::HoldReason as Jobs,
			pallet_providers::pallet::HoldReason as Providers,
		},
	},
	AccountId, Balance, Client, Error,
};

/// Money on hold for one reason.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Hold {
	/// What it is for, in words.
	pub reason: &'static str,
	/// How much, in planck.
	pub planck: Balance,
}

impl Client {
	/// What is on hold of an account's money, reason by reason; it is not part of
	/// [`Client::free_balance`].
	///
	/// # Errors
	///
	/// [`Error::Query`] when the node cannot answer.
	pub async fn holds(&self, account: &AccountId) -> Result<Vec<Hold>, Error> {
		let account = *account;
		self.read("an account's holds", |_, at| async move {
			let holds = at.storage().entry(api::storage().balances().holds());
			let holds = holds.map_err(Error::query)?.try_fetch((account,)).await;
			let Some(holds) = holds.map_err(Error::query)? else { return Ok(Vec::new()) };
			let holds = holds.decode().map_err(Error::query)?.0;
			let hold =
				|reason: &RuntimeHoldReason, planck| Hold { reason: in_words(reason), planck };
			Ok(holds.iter().map(|held| hold(&held.id, held.amount)).collect())
		})
		.await
	}
}

fn in_words(reason: &RuntimeHoldReason) -> &'static str {
	match reason {
		RuntimeHoldReason::Jobs(Jobs::Escrow) => "prices of jobs that have not ended",
		RuntimeHoldReason::Jobs(Jobs::JobStorage) => "records of jobs",
		RuntimeHoldReason::Programs(_) => "programs",
		RuntimeHoldReason::Attestations(_) => "demands",
		RuntimeHoldReason::Providers(Providers::Stake) => "a provider's stake",
		RuntimeHoldReason::Providers(Providers::OfferStorage) => "offers",
		_ => "others",
	}
}
