//! What may be asked. Unknown fields are refused: a misspelt filter must not let everything through.

use super::error::Error;
use mutirao_market_api as api;
use mutirao_runtime::{AccountId, Balance};
use mutirao_types::{JobId, JobStateKind, OfferId, Permill, Region, Requirements};
use serde::Deserialize;

/// Items of a page when the client does not say.
const DEFAULT_LIMIT: u32 = 50;

/// Workgroups drawn when the client does not say.
const DEFAULT_SAMPLES: u8 = 4;

/// Which page.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct PageParams<Id> {
	after: Option<Id>,
	limit: Option<u32>,
}

impl<Id> PageParams<Id> {
	/// # Errors
	///
	/// If no item is asked for. More than a page has is no error: a page is given.
	pub(crate) fn check<To: From<Id>>(self) -> Result<api::PageRequest<To>, Error> {
		let limit = self.limit.unwrap_or(DEFAULT_LIMIT);
		if limit == 0 {
			return Err(Error::EmptyPage);
		}
		Ok(api::PageRequest { after: self.after.map(Into::into), limit })
	}
}

/// Which offers.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct OfferFilter {
	provider: Option<AccountId>,
	region: Option<String>,
	steps_per_second: Option<String>,
	memory_mib: Option<u32>,
	reputation: Option<u32>,
	max_price_per_gigastep: Option<String>,
	available: bool,
}

impl OfferFilter {
	/// # Errors
	///
	/// If a text is no region or amount, or the reputation more than one.
	pub(crate) fn check(self) -> Result<api::OfferFilter<AccountId, Balance>, Error> {
		let requirements = Requirements {
			steps_per_second: self.steps_per_second.map_or(Ok(0), amount)?,
			memory_mib: self.memory_mib.unwrap_or(0),
			region: self.region.map(region).transpose()?,
			reputation: share(self.reputation.unwrap_or(0))?,
		};
		Ok(api::OfferFilter {
			provider: self.provider,
			requirements,
			max_price_per_gigastep: self.max_price_per_gigastep.map(amount).transpose()?,
			available: self.available,
		})
	}
}

/// Whose jobs, or in which stage.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct JobFilter {
	buyer: Option<AccountId>,
	provider: Option<AccountId>,
	state: Option<Stage>,
}

/// A job's stage.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Stage {
	Open,
	Running,
	Attested,
	Contestable,
	Finished,
}

impl JobFilter {
	/// # Errors
	///
	/// Unless exactly one field is given: there is no index of two.
	pub(crate) fn check(self) -> Result<api::JobsOf<AccountId>, Error> {
		match (self.buyer, self.provider, self.state) {
			(Some(buyer), None, None) => Ok(api::JobsOf::Buyer(buyer)),
			(None, Some(provider), None) => Ok(api::JobsOf::Provider(provider)),
			(None, None, Some(stage)) => Ok(api::JobsOf::State(match stage {
				Stage::Open => JobStateKind::Open,
				Stage::Running => JobStateKind::Running,
				Stage::Attested => JobStateKind::Attested,
				Stage::Contestable => JobStateKind::Contestable,
				Stage::Finished => JobStateKind::Finished,
			})),
			_ => Err(Error::BadJobFilter),
		}
	}
}

/// How a job is estimated.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct EstimateOptions {
	samples: Option<u8>,
	offer: Option<OfferId>,
	filter: Option<OfferFilter>,
}

impl EstimateOptions {
	/// Samples, and at whose price.
	///
	/// # Errors
	///
	/// If both an offer and a filter are given, or the filter is wrong.
	pub(crate) fn check(self) -> Result<(u8, api::Among<AccountId, Balance>), Error> {
		let among = match (self.offer, self.filter) {
			(Some(offer), None) => api::Among::Offer(offer),
			(None, filter) => api::Among::Cheapest(filter.unwrap_or_default().check()?),
			(Some(_), Some(_)) => return Err(Error::BadEstimateOptions),
		};
		Ok((self.samples.unwrap_or(DEFAULT_SAMPLES), among))
	}
}

/// Which events. Both fields: those that name the job and the account.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct EventFilter {
	pub(crate) job: Option<JobId>,
	pub(crate) account: Option<AccountId>,
}

/// Digits only: `parse` alone would take a sign.
fn amount<T: std::str::FromStr>(text: String) -> Result<T, Error> {
	let digits = text.bytes().all(|byte| byte.is_ascii_digit());
	match text.parse() {
		Ok(amount) if digits => Ok(amount),
		_ => Err(Error::BadAmount(shortened(text))),
	}
}

fn share(parts: u32) -> Result<Permill, Error> {
	match parts {
		0..=1_000_000 => Ok(Permill::from_parts(parts)),
		_ => Err(Error::BadShare(parts)),
	}
}

/// `BR` or `BR-SP`.
fn region(text: String) -> Result<Region, Error> {
	parse_region(&text).ok_or_else(|| Error::BadRegion(shortened(text)))
}

fn parse_region(text: &str) -> Option<Region> {
	let (country, rest) = match text.split_once('-') {
		Some((_, "")) => return None,
		Some(parts) => parts,
		None => (text, ""),
	};
	let mut subdivision = [0; 3];
	subdivision.get_mut(..rest.len())?.copy_from_slice(rest.as_bytes());
	let region = Region { country: country.as_bytes().try_into().ok()?, subdivision };
	region.is_well_formed().then_some(region)
}

/// An error repeats what was wrong, but not a megabyte of it.
fn shortened(text: String) -> String {
	text.chars().take(40).collect()
}
