//! Following the chain: best blocks as they come, or finalised ones.

use super::{error::Error, query::Market};
use futures::{stream::BoxStream, StreamExt};
use mutirao_runtime::{Block, BlockNumber, Hash};
use sc_client_api::{
	BlockImportNotification, BlockchainEvents, FinalityNotification, HeaderBackend,
};
use serde::{Deserialize, Serialize};

/// Blocks that come at once are sent one by one, up to this many. More come only after the node was
/// cut off for long.
const MAX_AT_ONCE: usize = 256;

/// Which blocks are followed.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Blocks {
	/// Each that becomes the best. It may be retracted.
	#[default]
	Best,
	/// Each that becomes final.
	Finalized,
}

/// A block of the chain that is followed.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct BlockView {
	pub(super) hash: Hash,
	number: BlockNumber,
	finalized: bool,
}

/// What is sent to a subscriber about a block.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Message<About> {
	pub(super) block: BlockView,
	/// Blocks that have left the best chain since the last message, newest first.
	pub(super) retracted: Vec<Hash>,
	#[serde(flatten)]
	pub(super) about: About,
}

/// Blocks that came at once, oldest first.
#[derive(Debug, Default)]
pub(super) struct Step {
	pub(super) blocks: Vec<BlockView>,
	pub(super) retracted: Vec<Hash>,
}

impl Step {
	/// # Errors
	///
	/// If there are too many to send them one by one.
	pub(super) fn check(self) -> Result<Self, Error> {
		if self.blocks.len() > MAX_AT_ONCE {
			return Err(Error::TooManyBlocks(self.blocks.len()));
		}
		Ok(self)
	}
}

impl Market {
	/// The block to start from.
	pub(super) fn newest(&self, blocks: Blocks) -> BlockView {
		let info = self.client.info();
		match blocks {
			Blocks::Best => {
				BlockView { hash: info.best_hash, number: info.best_number, finalized: false }
			}
			Blocks::Finalized => BlockView {
				hash: info.finalized_hash,
				number: info.finalized_number,
				finalized: true,
			},
		}
	}

	/// Blocks from now on.
	pub(super) fn follow(&self, blocks: Blocks) -> BoxStream<'static, Step> {
		match blocks {
			Blocks::Best => self
				.client
				.import_notification_stream()
				.filter(|new| futures::future::ready(new.is_new_best))
				.map(best)
				.boxed(),
			Blocks::Finalized => self.client.finality_notification_stream().map(finalized).boxed(),
		}
	}
}

fn best(new: BlockImportNotification<Block>) -> Step {
	let mut step = Step::default();
	if let Some(route) = &new.tree_route {
		step.retracted = route.retracted().iter().map(|block| block.hash).collect();
		let enacted = route.enacted().iter();
		step.blocks = enacted
			.map(|block| BlockView { hash: block.hash, number: block.number, finalized: false })
			.collect();
	}
	step.blocks.push(BlockView { hash: new.hash, number: new.header.number, finalized: false });
	step
}

fn finalized(new: FinalityNotification<Block>) -> Step {
	let implied = new.tree_route.iter().rev().zip(1..);
	let number = |below: BlockNumber| new.header.number.saturating_sub(below);
	let mut blocks: Vec<_> = implied
		.map(|(hash, below)| BlockView { hash: *hash, number: number(below), finalized: true })
		.collect();
	blocks.reverse();
	blocks.push(BlockView { hash: new.hash, number: new.header.number, finalized: true });
	Step { blocks, retracted: Vec::new() }
}
