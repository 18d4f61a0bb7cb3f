//! The parameters of each method, by position or by name. What may be left out may be null too.

use super::{
	blocks::Blocks,
	params::{EstimateOptions, EventFilter, JobFilter, OfferFilter, PageParams},
};
use mutirao_runtime::{AccountId, Hash};
use mutirao_types::{JobId, OfferId};
use serde::Deserialize;

/// A method's parameters: first those that must be given, then those that need not.
macro_rules! question {
	($(#[$meta:meta])* $name:ident { $($must:ident: $what:ty,)* } $($may:ident: $default:ty,)*) => {
		$(#[$meta])*
		#[derive(Debug, Deserialize)]
		#[serde(deny_unknown_fields)]
		pub(crate) struct $name {
			$(pub(super) $must: $what,)*
			$(#[serde(default)] pub(super) $may: Option<$default>,)*
		}
	};
}

question! {
	/// Which offers.
	Offers {} filter: OfferFilter, page: PageParams<OfferId>, at: Hash,
}

question! {
	/// An offer, or what was measured of it.
	Offer { offer: OfferId, } at: Hash,
}

question! {
	/// A provider.
	Provider { account: AccountId, } at: Hash,
}

question! {
	/// A job, or its attestation.
	Job { job: JobId, } at: Hash,
}

question! {
	/// Which jobs.
	Jobs { filter: JobFilter, } page: PageParams<JobId>, at: Hash,
}

question! {
	/// Which programs.
	Programs {} page: PageParams<Hash>, at: Hash,
}

question! {
	/// A program.
	Program { program: Hash, } at: Hash,
}

question! {
	/// The market as a whole.
	Totals {} at: Hash,
}

question! {
	/// How devices are measured.
	Benchmark {} at: Hash,
}

question! {
	/// What a job would cost.
	Estimate { program: Hash, parameters: Vec<u32>, } options: EstimateOptions, at: Hash,
}

question! {
	/// A job that is followed.
	FollowJob { job: JobId, } blocks: Blocks,
}

question! {
	/// Events that are followed.
	FollowEvents {} filter: EventFilter, blocks: Blocks,
}
