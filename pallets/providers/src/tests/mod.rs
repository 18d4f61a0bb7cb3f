mod engage;
mod invariants;
mod leave;
mod offers;
mod penalise;
mod register;
mod release;
mod scores;
mod slash;

use crate::{mock::*, Error, Event, NextOffer, Offers, OffersByProvider, Providers as Stored};
use frame_support::{assert_noop, assert_ok};
use mutirao_traits::{Conduct, Providers as _, Scores as _};
use mutirao_types::{
	offer::Label, Backend, Deal, Device, Endpoint, OfferId, OfferState, OfferTerms, Permill,
	Provider, ProviderState, Region, Reputation, Requirements, Score, SlashReport, Steps, GIGASTEP,
};
use sp_runtime::{DispatchError, DispatchResult, TokenError};

type Job = Deal<AccountId, u64>;

/// Pia's stake.
const STAKE: u64 = 10_000;
/// What she asks for a gigastep, and at least.
const PRICE: u64 = 100;
const LEAST: u64 = 20;
/// What one job may cost, at most: more than her stake covers.
const MOST: u64 = u64::MAX;

fn by(who: AccountId) -> RuntimeOrigin {
	RuntimeOrigin::signed(who)
}

fn url(text: &str) -> Endpoint {
	text.as_bytes().to_vec().try_into().expect("short")
}

fn label(text: &[u8]) -> Label {
	text.to_vec().try_into().expect("short")
}

fn device() -> Device {
	Device {
		adapter: label(b"Radeon RX 7900 XTX"),
		driver: label(b"RADV 26.1"),
		backend: Backend::Vulkan,
		memory_mib: 24_576,
		region: Region { country: *b"BR", subdivision: *b"SP\0" },
		watts: 355,
	}
}

fn terms() -> OfferTerms<u64> {
	OfferTerms {
		price_per_gigastep: PRICE,
		minimum_price: LEAST,
		maximum_price: MOST,
		capacity: 2,
		expires: 500,
	}
}

/// Pia becomes a provider.
fn registered() {
	assert_ok!(Providers::register(by(PIA), STAKE, url("https://pia.example")));
}

/// Pia offers a device on terms.
fn posted(terms: OfferTerms<u64>) -> OfferId {
	let offer = NextOffer::<Test>::get();
	assert_ok!(Providers::post_offer(by(PIA), device(), terms));
	offer
}

/// Pia becomes a provider and offers a device.
fn offered() -> OfferId {
	registered();
	posted(terms())
}

/// Pia takes a job of so many steps, if she can; it asks for nothing and pays anything.
fn engage(offer: OfferId, steps: Steps) -> Result<Job, DispatchError> {
	Providers::engage(&PIA, offer, &Requirements::default(), steps, u64::MAX, 0)
}

/// Pia takes a job.
fn engaged(offer: OfferId) -> Job {
	engage(offer, GIGASTEP).expect("she may")
}

fn pia() -> Provider<u64> {
	Stored::<Test>::get(PIA).expect("is a provider")
}
