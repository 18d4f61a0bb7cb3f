//! What an account must have to become a provider, as the chain that this program knows has it.

use mutirao_client::{known_metadata, terms::JobTerms, Balance, Error};

/// What `register` sees to that the hot key has for fees, unless it is told otherwise, in planck: 1 MUT.
pub const HOT_KEY_FEES: Balance = 1_000_000_000_000;
/// What `register` itself costs at most, about, in planck.
const FEES: Balance = 10_000_000_000;
/// Entries in the chain's storage that an offer takes, and their bytes, at most.
const OFFER: (u32, usize) = (2, 400);
/// Told in whole parts of this: 0.01 MUT.
const ROUND: Balance = 10_000_000_000;

/// What an account must have to become a provider.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Need {
	/// The least stake, in planck.
	pub stake: Balance,
	/// All of it, in planck: stake, the hot key's money, deposits, fees.
	pub all: Balance,
}

impl Need {
	/// To offer so many devices.
	///
	/// # Errors
	///
	/// [`Error::Decode`], if the known chain does not say.
	pub fn of(offers: usize) -> Result<Self, Error> {
		let metadata = known_metadata()?;
		let constant = |pallet: &str, name: &str| {
			let found =
				metadata.pallet_by_name(pallet).and_then(|pallet| pallet.constant_by_name(name));
			let bytes = found.and_then(|found| found.value().try_into().ok());
			bytes.map(Balance::from_le_bytes).ok_or_else(|| Error::Decode {
				what: format!("{pallet}.{name}"),
				reason: "the known chain has no such amount".into(),
			})
		};
		let stake = constant("Providers", "MinimumStake")?;
		let offers = u32::try_from(offers).unwrap_or(u32::MAX);
		let offer = JobTerms::of(&metadata)?.deposit(OFFER.0, OFFER.1);
		let parts = [
			stake,
			HOT_KEY_FEES,
			constant("Proxy", "ProxyDepositBase")?,
			constant("Proxy", "ProxyDepositFactor")?,
			constant("Balances", "ExistentialDeposit")?,
			offer.saturating_mul(offers.into()),
			FEES,
		];
		let all = parts.into_iter().fold(0, Balance::saturating_add);
		Ok(Self { stake, all: all.div_ceil(ROUND).saturating_mul(ROUND) })
	}
}

#[cfg(test)]
mod tests {
	use mutirao_client::money;

	use super::*;

	/// As `docs/operating/provider.md` says.
	#[test]
	fn a_provider_needs_more_than_its_stake() {
		let one = Need::of(1).unwrap();
		assert_eq!(money::display(one.stake), "100 MUT");
		assert_eq!(money::display(one.all), "101.12 MUT");
		assert_eq!(money::display(Need::of(3).unwrap().all - one.all), "0.16 MUT");
	}
}
