//! Offers: a provider's standing ask for one device.

use crate::{wire, ActiveBlock, Score};
use bounded_collections::{BoundedVec, ConstU32};
use sp_arithmetic::Permill;

/// Offers are numbered in the order in which they are posted.
pub type OfferId = u64;

/// A short text about a device, such as its adapter's name: at most 64 bytes.
pub type Label = BoundedVec<u8, ConstU32<64>>;

wire! {
	/// The interface through which the worker drives a device.
	#[derive(Copy)]
	pub enum Backend {
		/// Vulkan.
		#[codec(index = 0)]
		Vulkan,
		/// Metal.
		#[codec(index = 1)]
		Metal,
		/// Direct3D 12.
		#[codec(index = 2)]
		Dx12,
		/// Anything else that computes the same bytes.
		#[codec(index = 3)]
		Other,
	}
}

wire! {
	/// Where a device stands: an ISO 3166-1 country and, if the provider tells, an ISO 3166-2
	/// subdivision. `BR` and `BR-SP` are regions.
	#[derive(Copy)]
	pub struct Region {
		/// Two letters `A` to `Z`.
		pub country: [u8; 2],
		/// Up to three characters `A` to `Z`, `0` to `9`, then zeros. All zeros: not told.
		pub subdivision: [u8; 3],
	}
}

impl Region {
	/// Whether it is spelt as ISO 3166 spells regions. That it exists is nobody's to check here.
	pub fn is_well_formed(&self) -> bool {
		let written = self.subdivision.iter().take_while(|byte| **byte != 0).count();
		self.country.iter().all(u8::is_ascii_uppercase)
			&& self.subdivision[..written]
				.iter()
				.all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
			&& self.subdivision[written..].iter().all(|byte| *byte == 0)
	}

	/// Whether `place` lies in this region: the same country and, if this names one, the same
	/// subdivision.
	pub fn contains(&self, place: &Self) -> bool {
		self.country == place.country
			&& (self.subdivision == [0; 3] || self.subdivision == place.subdivision)
	}
}

wire! {
	/// One device, as its provider describes it. Its speed is not among this: the chain measures it.
	pub struct Device {
		/// The adapter's name, in UTF-8.
		pub adapter: Label,
		/// The driver's name and version, in UTF-8.
		pub driver: Label,
		/// How it is driven.
		pub backend: Backend,
		/// Memory for buffers, in MiB.
		pub memory_mib: u32,
		/// Where it stands.
		pub region: Region,
		/// Power under load, in watts; 0 if not told.
		pub watts: u16,
	}
}

wire! {
	/// What a provider asks. Jobs keep the terms under which they were accepted.
	pub struct OfferTerms<Balance> {
		/// Planck for 10⁹ declared steps.
		pub price_per_gigastep: Balance,
		/// The least that a job costs, in planck.
		pub minimum_price: Balance,
		/// The most that one job may cost, in planck, and half of the most collateral that it may need.
		/// So whoever may accept jobs in the provider's name, and not set terms, can stake no more on
		/// one of them.
		pub maximum_price: Balance,
		/// Jobs that it runs at once, at least 1.
		pub capacity: u16,
		/// The last moment at which a job may be accepted.
		pub expires: ActiveBlock,
	}
}

wire! {
	/// Whether an offer takes jobs.
	#[derive(Copy)]
	pub enum OfferState {
		/// It does.
		#[codec(index = 0)]
		Active,
		/// It does not, until its provider resumes it.
		#[codec(index = 1)]
		Paused,
	}
}

wire! {
	/// An offer as it stands.
	pub struct Offer<AccountId, Balance> {
		/// Whose it is.
		pub provider: AccountId,
		/// What is offered.
		pub device: Device,
		/// For how much.
		pub terms: OfferTerms<Balance>,
		/// Whether it takes jobs.
		pub state: OfferState,
		/// Jobs that run on it now.
		pub running: u16,
		/// What the chain measured, if it did.
		pub score: Option<Score>,
	}
}

wire! {
	/// What a buyer asks of the device and the provider. Checked when the job is accepted.
	#[derive(Default)]
	pub struct Requirements {
		/// The least measured speed, in steps per second. 0: an unmeasured device will do.
		pub steps_per_second: u64,
		/// The least memory, in MiB.
		pub memory_mib: u32,
		/// Where the device must stand.
		pub region: Option<Region>,
		/// The least reputation; see [`crate::Reputation::estimate`].
		pub reputation: Permill,
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	fn region(text: &[u8; 2], subdivision: &[u8; 3]) -> Region {
		Region { country: *text, subdivision: *subdivision }
	}

	#[test]
	fn a_region_is_two_letters_and_up_to_three_characters() {
		for (country, subdivision) in [(b"BR", b"SP\0"), (b"FR", b"75\0"), (b"DE", b"\0\0\0")] {
			assert!(region(country, subdivision).is_well_formed());
		}
		for (country, subdivision) in
			[(b"br", b"SP\0"), (b"B1", b"SP\0"), (b"BR", b"\0SP"), (b"BR", b"s\0\0")]
		{
			assert!(!region(country, subdivision).is_well_formed());
		}
	}

	#[test]
	fn a_country_contains_its_subdivisions_and_no_other_place() {
		let (country, state) = (region(b"BR", b"\0\0\0"), region(b"BR", b"SP\0"));
		assert!(country.contains(&state) && country.contains(&country) && state.contains(&state));
		assert!(!state.contains(&country));
		assert!(!state.contains(&region(b"BR", b"RJ\0")));
		assert!(!country.contains(&region(b"DE", b"SP\0")));
	}
}
