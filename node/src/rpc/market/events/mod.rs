//! Events of the market's pallets, as JSON.
//!
//! They are decoded with the types that this node is built with. A block that another version of the
//! runtime made is refused, not guessed at.

mod attestations;
mod benchmarks;
mod jobs;
mod programs;
mod providers;

use super::{error::Error, params::EventFilter, query::Market};
use codec::DecodeAll;
use mutirao_runtime::{AccountId, Hash, RuntimeEvent, VERSION};
use mutirao_types::Workgroup;
use sc_client_api::{StorageKey, StorageProvider};
use serde::Serialize;
use serde_json::{json, Value};
use sp_api::{CallApiAt, CallContext};
use sp_io::hashing::twox_128;
use std::sync::Arc;

type Record = frame_system::EventRecord<RuntimeEvent, Hash>;

/// An event.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct EventView {
	/// Its place among all events of the block.
	index: u32,
	/// The transaction that caused it, by its place in the block; null: none did.
	extrinsic: Option<u32>,
	pallet: &'static str,
	name: &'static str,
	fields: Value,
}

/// An event's name and fields.
type Named = (&'static str, Value);

/// Fields that name accounts.
const ACCOUNTS: [&str; 6] = ["buyer", "provider", "challenger", "reporter", "by", "depositor"];

impl Market {
	/// The market's events of a block, decoded once for all who ask.
	///
	/// # Errors
	///
	/// If the block was made by another runtime than this node knows, or its state is gone.
	pub(super) async fn events(&self, block: Hash) -> Result<Arc<Vec<EventView>>, Error> {
		let decode = self.aside(move |market| market.decode_events(block).map(Arc::new));
		self.decoded.get(block, decode).await
	}

	fn decode_events(&self, block: Hash) -> Result<Vec<EventView>, Error> {
		self.ensure_known_runtime(block)?;
		let key = [twox_128(b"System"), twox_128(b"Events")].concat();
		let stored =
			self.client.storage(block, &StorageKey(key)).map_err(|_| self.why_no_state(block))?;
		let Some(stored) = stored else { return Ok(Vec::new()) };
		let records = Vec::<Record>::decode_all(&mut stored.0.as_slice())
			.map_err(|_| Error::MalformedEvents(block))?;
		Ok(records.into_iter().zip(0..).filter_map(|(record, index)| view(record, index)).collect())
	}

	/// A block's events are encoded by the runtime that made it: the one in its parent's state.
	fn ensure_known_runtime(&self, block: Hash) -> Result<(), Error> {
		let header = self
			.client
			.header(block)
			.map_err(|error| Error::Runtime(error.to_string()))?
			.ok_or(Error::UnknownBlock(block))?;
		// Genesis was made by nobody and has no events.
		if header.number == 0 {
			return Ok(());
		}
		let made_by = self
			.client
			.runtime_version_at(header.parent_hash, CallContext::Offchain)
			.map_err(|_| self.why_no_state(header.parent_hash))?
			.spec_version;
		if made_by == VERSION.spec_version {
			Ok(())
		} else {
			Err(Error::OtherRuntime { block, made_by, known: VERSION.spec_version })
		}
	}
}

impl EventFilter {
	/// The events that this lets through.
	pub(super) fn choose<'a>(&self, events: &'a [EventView]) -> Vec<&'a EventView> {
		let account = self.account.as_ref().map(address);
		events.iter().filter(|event| event.concerns(self, account.as_ref())).collect()
	}
}

impl EventView {
	fn concerns(&self, filter: &EventFilter, account: Option<&Value>) -> bool {
		let is_job = filter.job.is_none_or(|job| self.fields["job"] == job);
		let is_account = account
			.is_none_or(|account| ACCOUNTS.iter().any(|field| self.fields[*field] == *account));
		is_job && is_account
	}
}

/// An account as the fields have it.
fn address(account: &AccountId) -> Value {
	Value::String(account.to_string())
}

fn view(record: Record, index: u32) -> Option<EventView> {
	let (pallet, (name, fields)) = match record.event {
		RuntimeEvent::Jobs(event) => ("jobs", jobs::view(event)),
		RuntimeEvent::Programs(event) => ("programs", programs::view(event)),
		RuntimeEvent::Providers(event) => ("providers", providers::view(event)),
		RuntimeEvent::Attestations(event) => ("attestations", attestations::view(event)),
		RuntimeEvent::Benchmarks(event) => ("benchmarks", benchmarks::view(event)),
		_ => return None,
	};
	let extrinsic = match record.phase {
		frame_system::Phase::ApplyExtrinsic(extrinsic) => Some(extrinsic),
		frame_system::Phase::Finalization | frame_system::Phase::Initialization => None,
	};
	Some(EventView { index, extrinsic, pallet, name, fields })
}

fn workgroup_view(Workgroup { pass, number }: Workgroup) -> Value {
	json!({ "pass": pass, "number": number })
}
