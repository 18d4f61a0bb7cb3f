//! Constants of the market that buyers reckon with.

use crate::{Client, Error};
use codec::Decode;
use mutirao_types::Permill;
use subxt::Metadata;

/// What the chain says of all jobs.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct JobTerms {
	/// The least that a job may offer, in planck (`Jobs.MinimumPriceCap`).
	pub minimum_price_cap: u128,
	/// The protocol's part of a settled job's price (`Jobs.ProtocolFee`), rounded down.
	pub protocol_fee: Permill,
	/// What a demand pays in advance, in planck (`Attestations.DemandDeposit`): the provider's once it
	/// is answered.
	pub demand_deposit: u128,
}

impl JobTerms {
	/// Reads them from a description of the chain.
	///
	/// # Errors
	///
	/// [`Error::Decode`] when it has none, or others.
	pub fn of(metadata: &Metadata) -> Result<Self, Error> {
		Ok(Self {
			minimum_price_cap: constant(metadata, "Jobs", "MinimumPriceCap")?,
			protocol_fee: constant(metadata, "Jobs", "ProtocolFee")?,
			demand_deposit: constant(metadata, "Attestations", "DemandDeposit")?,
		})
	}
}

impl Client {
	/// The chain's terms of jobs, as they are now.
	///
	/// # Errors
	///
	/// [`Error::Decode`]; those of reads.
	pub async fn job_terms(&self) -> Result<JobTerms, Error> {
		let (_, at) = self.latest("the market's constants").await?;
		JobTerms::of(at.metadata_ref())
	}
}

fn constant<T: Decode>(metadata: &Metadata, pallet: &str, name: &str) -> Result<T, Error> {
	let what = format!("{pallet}.{name}");
	let found = metadata.pallet_by_name(pallet).and_then(|pallet| pallet.constant_by_name(name));
	let Some(found) = found else {
		return Err(Error::Decode { what, reason: "the chain does not have it".into() });
	};
	crate::scale::decode(&what, found.value())
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::{known_metadata, test::changed_metadata};

	#[test]
	fn the_known_chain_has_them() {
		let terms = JobTerms::of(&known_metadata().unwrap()).unwrap();
		assert!(terms.minimum_price_cap > 0 && !terms.protocol_fee.is_zero(), "{terms:?}");
		assert!(terms.demand_deposit > 0, "{terms:?}");
	}

	#[test]
	fn a_chain_without_a_market_has_none() {
		let error = JobTerms::of(&changed_metadata("", "")).unwrap_err().to_string();
		assert!(error.contains("Jobs.MinimumPriceCap"), "{error}");
	}
}
