//! Providers, their stake and their offers.

use super::answer;
use crate::{
	view::{View, ViewShape},
	AccountId, Balance, Call, Error, Event, Included, OnChain, Submit,
};
use codec::{Decode, Encode};
use mutirao_types::{
	ActiveBlock, Device, Endpoint, Offer, OfferId, OfferTerms, Permill, Provider, Score,
	SlashReport,
};
use subxt::ext::scale_value::Value;

const PROVIDER: View<(AccountId,), Option<Provider<Balance>>> = View::new("Providers", "provider");
const OFFER: View<(OfferId,), Option<Offer<AccountId, Balance>>> = View::new("Providers", "offer");
const REPUTATION: View<(AccountId,), Option<Permill>> = View::new("Providers", "reputation");

/// What the view functions that are asked here must be like.
pub(super) fn views() -> Vec<ViewShape> {
	vec![PROVIDER.shape(), OFFER.shape(), REPUTATION.shape()]
}

/// Calls of the pallet Providers. Its documentation is in the pallet.
#[derive(Clone, Debug, Eq, PartialEq, Encode)]
#[cfg_attr(test, derive(scale_info::TypeInfo))]
pub enum ProvidersCall {
	/// Makes the caller a provider.
	#[codec(index = 0)]
	Register {
		/// Its stake, in planck.
		#[codec(compact)]
		stake: Balance,
		/// Where its data plane answers.
		endpoint: Endpoint,
	},
	/// Puts more stake on hold.
	#[codec(index = 1)]
	AddStake {
		/// How much, in planck.
		#[codec(compact)]
		amount: Balance,
	},
	/// Publishes another address of the data plane.
	#[codec(index = 2)]
	SetEndpoint {
		/// Where.
		endpoint: Endpoint,
	},
	/// Begins to leave.
	#[codec(index = 3)]
	Leave,
	/// Frees all stake and forgets the provider.
	#[codec(index = 4)]
	Withdraw,
	/// Offers a device.
	#[codec(index = 5)]
	PostOffer {
		/// The device.
		device: Device,
		/// What is asked.
		terms: OfferTerms<Balance>,
	},
	/// Changes what is asked.
	#[codec(index = 6)]
	ChangeOffer {
		/// The offer.
		offer: OfferId,
		/// What is asked from now on.
		terms: OfferTerms<Balance>,
	},
	/// Takes no more jobs for a while.
	#[codec(index = 7)]
	PauseOffer {
		/// The offer.
		offer: OfferId,
	},
	/// Takes jobs again.
	#[codec(index = 8)]
	ResumeOffer {
		/// The offer.
		offer: OfferId,
	},
	/// Withdraws an offer on which no job runs.
	#[codec(index = 9)]
	WithdrawOffer {
		/// The offer.
		offer: OfferId,
	},
}

impl ProvidersCall {
	/// The call's name on the chain.
	pub fn name(&self) -> &'static str {
		match self {
			Self::Register { .. } => "register",
			Self::AddStake { .. } => "add_stake",
			Self::SetEndpoint { .. } => "set_endpoint",
			Self::Leave => "leave",
			Self::Withdraw => "withdraw",
			Self::PostOffer { .. } => "post_offer",
			Self::ChangeOffer { .. } => "change_offer",
			Self::PauseOffer { .. } => "pause_offer",
			Self::ResumeOffer { .. } => "resume_offer",
			Self::WithdrawOffer { .. } => "withdraw_offer",
		}
	}
}

impl From<ProvidersCall> for Call {
	fn from(call: ProvidersCall) -> Self {
		Self::Providers(call)
	}
}

/// Events of the pallet Providers.
#[derive(Clone, Debug, Eq, PartialEq, Decode)]
#[cfg_attr(test, derive(scale_info::TypeInfo))]
#[allow(missing_docs)] // Each field is documented with the event, in the pallet.
pub enum ProvidersEvent {
	/// An account became a provider.
	#[codec(index = 0)]
	Registered { provider: AccountId, stake: Balance, endpoint: Endpoint },
	/// A provider added to its stake.
	#[codec(index = 1)]
	StakeAdded { provider: AccountId, added: Balance, stake: Balance },
	/// A provider's data plane answers elsewhere.
	#[codec(index = 2)]
	EndpointSet { provider: AccountId, endpoint: Endpoint },
	/// A provider takes no new jobs and wants its stake back.
	#[codec(index = 3)]
	Leaving { provider: AccountId, free_at: ActiveBlock },
	/// A provider has its stake back and is gone.
	#[codec(index = 4)]
	Left { provider: AccountId, stake: Balance },
	/// A device is offered.
	#[codec(index = 5)]
	OfferPosted { offer: OfferId, provider: AccountId, device: Device, terms: OfferTerms<Balance> },
	/// An offer has other terms.
	#[codec(index = 6)]
	OfferChanged { offer: OfferId, terms: OfferTerms<Balance> },
	/// An offer takes no jobs until its provider resumes it: the provider paused it, or several jobs on
	/// it were broken.
	#[codec(index = 7)]
	OfferPaused { offer: OfferId },
	/// An offer takes jobs again.
	#[codec(index = 8)]
	OfferResumed { offer: OfferId },
	/// An offer is gone.
	#[codec(index = 9)]
	OfferWithdrawn { offer: OfferId },
	/// The chain measured a device, or its score was taken away.
	#[codec(index = 10)]
	ScoreSet { offer: OfferId, score: Option<Score> },
	/// A provider paid for a broken obligation.
	#[codec(index = 11)]
	Slashed { provider: AccountId, penalty: Balance, report: SlashReport<Balance> },
	/// A verdict changed a provider's reputation.
	#[codec(index = 12)]
	ReputationChanged { provider: AccountId, estimate: Permill },
}

/// Providers and offers of a chain.
pub trait ProvidersExt: Sync {
	/// A provider, with its reputation as it weighs now.
	fn provider(&self, provider: AccountId) -> answer!(Option<Provider<Balance>>);

	/// An offer.
	fn offer(&self, offer: OfferId) -> answer!(Option<Offer<AccountId, Balance>>);

	/// A provider's offers, by number.
	fn offers_of(&self, provider: AccountId) -> answer!(Vec<OfferId>);

	/// The expected share of obligations that a provider keeps.
	fn reputation(&self, provider: AccountId) -> answer!(Option<Permill>);

	/// Makes the account a provider.
	fn register_provider(&self, stake: Balance, endpoint: Endpoint) -> answer!(Included)
	where
		Self: Submit,
	{
		self.submit(ProvidersCall::Register { stake, endpoint }.into())
	}

	/// Puts more of the account's money on hold as stake.
	fn add_stake(&self, amount: Balance) -> answer!(Included)
	where
		Self: Submit,
	{
		self.submit(ProvidersCall::AddStake { amount }.into())
	}

	/// Publishes another address of the account's data plane.
	fn set_endpoint(&self, endpoint: Endpoint) -> answer!(Included)
	where
		Self: Submit,
	{
		self.submit(ProvidersCall::SetEndpoint { endpoint }.into())
	}

	/// Begins to leave.
	fn leave(&self) -> answer!(Included)
	where
		Self: Submit,
	{
		self.submit(ProvidersCall::Leave.into())
	}

	/// Frees all of the account's stake.
	fn withdraw_stake(&self) -> answer!(Included)
	where
		Self: Submit,
	{
		self.submit(ProvidersCall::Withdraw.into())
	}

	/// Offers a device; the offer's number.
	fn post_offer(&self, device: Device, terms: OfferTerms<Balance>) -> answer!(OfferId)
	where
		Self: Submit,
	{
		async move {
			let included = self.submit(ProvidersCall::PostOffer { device, terms }.into()).await?;
			included.find("Providers.OfferPosted", |event| match event {
				Event::Providers(ProvidersEvent::OfferPosted { offer, .. }) => Some(*offer),
				_ => None,
			})
		}
	}

	/// Changes what the account asks for a device.
	fn change_offer(&self, offer: OfferId, terms: OfferTerms<Balance>) -> answer!(Included)
	where
		Self: Submit,
	{
		self.submit(ProvidersCall::ChangeOffer { offer, terms }.into())
	}

	/// Takes no more jobs on an offer until it is resumed.
	fn pause_offer(&self, offer: OfferId) -> answer!(Included)
	where
		Self: Submit,
	{
		self.submit(ProvidersCall::PauseOffer { offer }.into())
	}

	/// Takes jobs on a paused offer again.
	fn resume_offer(&self, offer: OfferId) -> answer!(Included)
	where
		Self: Submit,
	{
		self.submit(ProvidersCall::ResumeOffer { offer }.into())
	}

	/// Withdraws an offer on which no job runs.
	fn withdraw_offer(&self, offer: OfferId) -> answer!(Included)
	where
		Self: Submit,
	{
		self.submit(ProvidersCall::WithdrawOffer { offer }.into())
	}
}

impl<T: OnChain + Sync> ProvidersExt for T {
	async fn provider(&self, provider: AccountId) -> Result<Option<Provider<Balance>>, Error> {
		self.client().view(&PROVIDER, (provider,)).await
	}

	async fn offer(&self, offer: OfferId) -> Result<Option<Offer<AccountId, Balance>>, Error> {
		self.client().view(&OFFER, (offer,)).await
	}

	async fn offers_of(&self, provider: AccountId) -> Result<Vec<OfferId>, Error> {
		self.client().numbers("Providers", "OffersByProvider", Value::from_bytes(provider)).await
	}

	async fn reputation(&self, provider: AccountId) -> Result<Option<Permill>, Error> {
		self.client().view(&REPUTATION, (provider,)).await
	}
}
