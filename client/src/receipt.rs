//! What became of a transaction.

use crate::{
	api, blocks::narrow, client::At, dispatch_error::failure, Balance, BlockNumber, Config, Error,
	Event,
};
use std::{sync::Arc, time::Duration};
use subxt::{events::DecodeAsEvent, extrinsics::ExtrinsicEvents, utils::H256};

/// What became of a transaction whose call succeeded.
#[derive(Clone, Debug)]
pub struct Receipt {
	/// The transaction's hash.
	pub transaction: H256,
	/// The hash of the block that holds it.
	pub block: H256,
	/// That block's height.
	pub block_number: u64,
	/// What it cost, in planck; 0 if the call was free.
	pub fee: Balance,
	/// From submission to inclusion in a best block.
	pub included_after: Duration,
	/// From submission to finality, if that was waited for.
	pub finalized_after: Option<Duration>,
	/// What it did to the market, in order.
	pub events: Vec<Event>,
	all: Arc<ExtrinsicEvents<Config>>,
}

impl Receipt {
	/// Reads a receipt from the events of a transaction in a block.
	///
	/// # Errors
	///
	/// [`Error::Failed`] when its call failed, or a call that it made as a proxy.
	pub(crate) fn read(
		at: &At,
		all: ExtrinsicEvents<Config>,
		included_after: Duration,
		finalized_after: Option<Duration>,
	) -> Result<Self, Error> {
		let (transaction, block) = (all.extrinsic_hash(), at.block_hash());
		let (mut events, mut fee, mut failed) = (Vec::new(), 0, None);
		for event in all.iter() {
			let event = event.map_err(Error::query)?;
			// What a proxy's call came to stands before the fee.
			if failed.is_none() {
				failed = failure(&event, at.metadata_ref())?;
			}
			type Paid = api::transaction_payment::events::TransactionFeePaid;
			if let Some(paid) = event.decode_fields_as::<Paid>() {
				fee = paid.map_err(Error::query)?.actual_fee;
			}
			if failed.is_none() {
				events.extend(Event::read(&event)?);
			}
		}
		if let Some(error) = failed {
			return Err(Error::Failed { error, transaction, block, fee });
		}
		let (block_number, all) = (at.block_number(), Arc::new(all));
		Ok(Self {
			transaction,
			block,
			block_number,
			fee,
			included_after,
			finalized_after,
			events,
			all,
		})
	}

	/// The first event of this type, of any pallet: `receipt.find::<api::balances::events::Transfer>()`.
	///
	/// # Errors
	///
	/// [`Error::Query`] when it has another form than this program knows.
	pub fn find<E: DecodeAsEvent>(&self) -> Result<Option<E>, Error> {
		self.all.find_first::<E>().transpose().map_err(Error::query)
	}
}

/// What became of a call, as worker and command line need it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Included {
	/// The transaction's hash.
	pub transaction: H256,
	/// The height of the block that holds it.
	pub block_number: BlockNumber,
	/// What it cost, in planck; 0 if the call was free.
	pub fee: Balance,
	/// What it did to the market, in order.
	pub events: Vec<Event>,
}

impl From<Receipt> for Included {
	fn from(receipt: Receipt) -> Self {
		let Receipt { transaction, block_number, fee, events, .. } = receipt;
		Self { transaction, block_number: narrow(block_number), fee, events }
	}
}

impl Included {
	/// What the first event that `pick` wants holds.
	///
	/// # Errors
	///
	/// [`Error::EventMissing`], by this name, when there is none.
	pub fn find<T>(
		&self,
		name: &'static str,
		pick: impl FnMut(&Event) -> Option<T>,
	) -> Result<T, Error> {
		self.events.iter().find_map(pick).ok_or(Error::EventMissing(name))
	}
}
