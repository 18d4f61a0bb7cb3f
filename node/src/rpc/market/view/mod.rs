//! What is answered, as JSON.
//!
//! Amounts of money and numbers of steps are decimal strings: they may exceed what JavaScript's
//! numbers hold. Hashes are hexadecimal with `0x`, accounts are SS58 addresses of this chain, moments
//! and block heights are numbers, shares are parts in a million.

mod attestation;
mod benchmark;
mod common;
mod estimate;
mod job;
mod offer;
mod program;
mod provider;
mod verdict;

pub(super) use attestation::{buffer_view, AttestationView};
pub(super) use benchmark::{BenchmarkInfoView, BenchmarkView, MeasurementsView};
pub(super) use common::{text, BufferView, Decimal};
pub(super) use estimate::EstimateView;
pub(super) use job::JobView;
pub(super) use offer::{DeviceView, OfferView, ScoreView, TermsView};
pub(super) use program::{ProgramDetailsView, ProgramView};
pub(super) use provider::{ProviderView, TotalsView};
pub(super) use verdict::{fault, SlashView, VerdictView};

use mutirao_runtime::Hash;
use serde::Serialize;

/// A page of a list.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PageView<Id, Item> {
	/// The block that was asked: ask it again for the next page.
	pub(super) at: Hash,
	pub(super) items: Vec<Item>,
	/// Where the next page begins, if there is one.
	pub(super) next: Option<Id>,
}
