//! Providers of a fake chain.

use super::{
	state::{Market, Refused},
	FakeAccount,
};
use crate::{
	pallets::{ProvidersCall, ProvidersEvent, ProvidersExt},
	AccountId, Balance, Error, Event,
};
use mutirao_types::{
	ActiveBlocks, Offer, OfferId, OfferState, OfferTerms, Permill, Provider, ProviderState,
	Reputation,
};

/// How long stake stays on hold after its provider began to leave.
const UNBONDING: ActiveBlocks = 100;
/// In this time an obligation loses half its weight.
pub(super) const HALF_LIFE: ActiveBlocks = 1_000;

fn refuse<T>(error: &'static str) -> Result<T, Refused> {
	Err(Refused("Providers", error))
}

impl Market {
	pub(super) fn call_providers(
		&mut self,
		who: AccountId,
		call: ProvidersCall,
	) -> Result<(), Refused> {
		let event = match call {
			ProvidersCall::Register { stake, endpoint } => {
				if self.providers.contains_key(&who) {
					return refuse("AlreadyRegistered");
				}
				let provider = Provider {
					stake,
					earmarked: 0,
					open_jobs: 0,
					offers: 0,
					endpoint: endpoint.clone(),
					state: ProviderState::Active,
					reputation: Reputation::default(),
				};
				self.providers.insert(who, provider);
				ProvidersEvent::Registered { provider: who, stake, endpoint }
			}
			ProvidersCall::AddStake { amount } => {
				let provider = self.active(who)?;
				provider.stake = provider.stake.saturating_add(amount);
				let stake = provider.stake;
				ProvidersEvent::StakeAdded { provider: who, added: amount, stake }
			}
			ProvidersCall::SetEndpoint { endpoint } => {
				self.registered(who)?.endpoint = endpoint.clone();
				ProvidersEvent::EndpointSet { provider: who, endpoint }
			}
			ProvidersCall::Leave => {
				let free_at = self.now.saturating_add(UNBONDING);
				self.active(who)?.state = ProviderState::Leaving { free_at };
				ProvidersEvent::Leaving { provider: who, free_at }
			}
			ProvidersCall::Withdraw => self.withdraw(who)?,
			ProvidersCall::PostOffer { device, terms } => {
				self.check_terms(&terms)?;
				let provider = self.active(who)?;
				provider.offers = provider.offers.saturating_add(1);
				let offer = self.next_offer;
				self.next_offer = offer.saturating_add(1);
				let posted = Offer {
					provider: who,
					device: device.clone(),
					terms: terms.clone(),
					state: OfferState::Active,
					running: 0,
					score: None,
				};
				self.offers.insert(offer, posted);
				ProvidersEvent::OfferPosted { offer, provider: who, device, terms }
			}
			ProvidersCall::ChangeOffer { offer, terms } => {
				self.check_terms(&terms)?;
				self.own_offer(who, offer)?.terms = terms.clone();
				ProvidersEvent::OfferChanged { offer, terms }
			}
			ProvidersCall::PauseOffer { offer } => {
				self.own_offer(who, offer)?.state = OfferState::Paused;
				ProvidersEvent::OfferPaused { offer }
			}
			ProvidersCall::ResumeOffer { offer } => {
				self.own_offer(who, offer)?.state = OfferState::Active;
				ProvidersEvent::OfferResumed { offer }
			}
			ProvidersCall::WithdrawOffer { offer } => {
				if self.own_offer(who, offer)?.running > 0 {
					return refuse("JobsOpen");
				}
				self.ensure_no_claim(offer)?;
				self.offers.remove(&offer);
				let provider = self.registered(who)?;
				provider.offers = provider.offers.saturating_sub(1);
				ProvidersEvent::OfferWithdrawn { offer }
			}
		};
		self.events.push(Event::Providers(event));
		Ok(())
	}

	fn withdraw(&mut self, who: AccountId) -> Result<ProvidersEvent, Refused> {
		let now = self.now;
		let provider = self.registered(who)?;
		match provider.state {
			ProviderState::Active => refuse("NotLeaving"),
			ProviderState::Leaving { free_at } if free_at > now => refuse("StillBonded"),
			ProviderState::Leaving { .. } if provider.open_jobs > 0 => refuse("JobsOpen"),
			ProviderState::Leaving { .. } if provider.offers > 0 => refuse("OffersRemain"),
			ProviderState::Leaving { .. } => {
				let stake = provider.stake;
				self.providers.remove(&who);
				Ok(ProvidersEvent::Left { provider: who, stake })
			}
		}
	}

	fn check_terms(&self, terms: &OfferTerms<Balance>) -> Result<(), Refused> {
		match terms {
			OfferTerms { capacity: 0, .. } => refuse("NoCapacity"),
			OfferTerms { minimum_price, maximum_price, .. } if maximum_price < minimum_price => {
				refuse("MaximumPriceTooLow")
			}
			OfferTerms { expires, .. } if *expires < self.now => refuse("ExpiryOutOfRange"),
			_ => Ok(()),
		}
	}

	pub(super) fn registered(&mut self, who: AccountId) -> Result<&mut Provider<Balance>, Refused> {
		self.providers.get_mut(&who).ok_or(Refused("Providers", "NotRegistered"))
	}

	fn active(&mut self, who: AccountId) -> Result<&mut Provider<Balance>, Refused> {
		let provider = self.registered(who)?;
		match provider.state {
			ProviderState::Active => Ok(provider),
			ProviderState::Leaving { .. } => refuse("IsLeaving"),
		}
	}

	pub(super) fn own_offer(
		&mut self,
		who: AccountId,
		offer: OfferId,
	) -> Result<&mut Offer<AccountId, Balance>, Refused> {
		let offer = self.offers.get_mut(&offer).ok_or(Refused("Providers", "NoSuchOffer"))?;
		match offer.provider == who {
			true => Ok(offer),
			false => refuse("NotOwnOffer"),
		}
	}
}

impl ProvidersExt for FakeAccount {
	async fn provider(&self, provider: AccountId) -> Result<Option<Provider<Balance>>, Error> {
		self.read(|state| state.providers.get(&provider).cloned())
	}

	async fn offer(&self, offer: OfferId) -> Result<Option<Offer<AccountId, Balance>>, Error> {
		self.read(|state| state.offers.get(&offer).cloned())
	}

	async fn offers_of(&self, provider: AccountId) -> Result<Vec<OfferId>, Error> {
		self.read(|state| {
			let own = state.offers.iter().filter(|(_, offer)| offer.provider == provider);
			own.map(|(number, _)| *number).collect()
		})
	}

	async fn reputation(&self, provider: AccountId) -> Result<Option<Permill>, Error> {
		self.read(|state| {
			let provider = state.providers.get(&provider)?;
			Some(provider.reputation.estimate(state.now, HALF_LIFE))
		})
	}
}
