//! Finalised blocks, one after the other, without a gap.

use crate::{pallets::answer, BlockNumber, Error, Event, OnChain};
use std::time::Duration;
use subxt::utils::H256;
use tokio::time::sleep;

/// How often a follower looks for a new block. Blocks come every three seconds.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// What a block did to the market.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Block {
	/// Its height.
	pub number: BlockNumber,
	/// Its hash.
	pub hash: H256,
	/// The market's events in it, in order.
	pub events: Vec<Event>,
}

/// Blocks of a chain.
pub trait Blocks: Sync {
	/// The height of the last finalised block.
	fn finalized_number(&self) -> answer!(BlockNumber);

	/// A finalised block. Nodes that prune their state answer for recent ones only.
	fn block(&self, number: BlockNumber) -> answer!(Block);
}

impl<T: OnChain + Sync> Blocks for T {
	async fn finalized_number(&self) -> Result<BlockNumber, Error> {
		let (_, at) = self.client().latest("the last finalised block").await?;
		Ok(narrow(at.block_number()))
	}

	async fn block(&self, number: BlockNumber) -> Result<Block, Error> {
		let read = self.client().read("a block's events", |link, _| async move {
			let at = link.chain.at_block(u64::from(number)).await.map_err(Error::query)?;
			let hash = at.block_hash();
			let mut events = Vec::new();
			for event in at.events().fetch().await.map_err(Error::query)?.iter() {
				events.extend(Event::read(&event.map_err(Error::query)?)?);
			}
			Ok(Block { number, hash, events })
		});
		read.await
	}
}

/// The chain counts blocks in 32 bits, subxt in 64.
pub(crate) fn narrow(number: u64) -> BlockNumber {
	BlockNumber::try_from(number).unwrap_or(BlockNumber::MAX)
}

/// Reads one finalised block after the other. Which one is next is all it remembers, so it can be kept
/// over restarts of the program.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Follower {
	next: BlockNumber,
}

impl Follower {
	/// Starts with the block at this height.
	pub fn from(next: BlockNumber) -> Self {
		Self { next }
	}

	/// The height of the block that it reads next.
	pub fn position(&self) -> BlockNumber {
		self.next
	}

	/// Waits for the next block to be final, and reads it.
	///
	/// # Errors
	///
	/// Those of [`Blocks`]. The same block is next then.
	pub async fn next(&mut self, chain: &impl Blocks) -> Result<Block, Error> {
		while chain.finalized_number().await? < self.next {
			sleep(LOOK_EVERY).await;
		}
		let block = chain.block(self.next).await?;
		self.next = self.next.saturating_add(1);
		Ok(block)
	}
}
