//! Reading the market: what the node's `market_*` methods answer (primitives/market-api).
//!
//! Nobody pays for these calls, so each is bounded: a page walks keys of one map, at most
//! [`MAX_SCANNED`], and stops as soon as it is full.

mod attestation;
mod benchmark;
mod estimate;
mod jobs;
mod offers;
mod programs;

pub(crate) use attestation::attestation;
pub(crate) use benchmark::{benchmark, measurements};
pub(crate) use estimate::estimate;
pub(crate) use jobs::{job, jobs, totals};
pub(crate) use offers::{offer, offers, provider};
pub(crate) use programs::{program, programs};

use alloc::vec::Vec;
use codec::FullCodec;
use frame_support::IterableStorageDoubleMap;
use mutirao_market_api::{Page, MAX_PAGE, MAX_SCANNED};

/// Gathers a page from ids in the order of their storage keys. `item` makes nothing of an id that is
/// not wanted.
fn page<Id: Copy, Item>(
	ids: impl Iterator<Item = Id>,
	limit: u32,
	mut item: impl FnMut(Id) -> Option<Item>,
) -> Page<Id, Item> {
	let limit = limit.clamp(1, MAX_PAGE) as usize;
	let mut items = Vec::new();
	let mut last = None;
	for (scanned, id) in ids.enumerate() {
		// There is one more, so the page is not the last.
		if items.len() == limit || scanned == MAX_SCANNED as usize {
			return Page { items, next: last };
		}
		last = Some(id);
		items.extend(item(id));
	}
	Page { items, next: None }
}

/// The second keys under `key`, after one of them.
fn keys_after<Map, Key, Id>(key: &Key, after: Option<Id>) -> Map::PartialKeyIterator
where
	Map: IterableStorageDoubleMap<Key, Id, ()>,
	Key: FullCodec,
	Id: FullCodec,
{
	match after {
		None => Map::iter_key_prefix(key),
		Some(after) => Map::iter_key_prefix_from(key, Map::hashed_key_for(key, after)),
	}
}
