//! What worker and command line ask of a chain, be it a real one or a fake.

use crate::{
	pallets::{answer, AttestationsExt, BenchmarksExt, JobsExt, ProgramsExt, ProvidersExt},
	AccountId, Blocks, Call, Client, Included,
};

/// Whatever reads a chain through a [`Client`]. The Ext traits are implemented for all of them.
pub trait OnChain {
	/// The client.
	fn client(&self) -> &Client;
}

impl OnChain for Client {
	fn client(&self) -> &Client {
		self
	}
}

/// Whatever submits in an account's name.
pub trait Submit: Sync {
	/// In whose name. For a proxy: the account that it acts for.
	fn account(&self) -> AccountId;

	/// Submits a call and waits until it is in a block, or until that block is final.
	///
	/// Fails with [`crate::Error::Failed`] when the call failed, [`crate::Error::Rejected`] when no block
	/// took it.
	fn submit(&self, call: Call) -> answer!(Included);
}

/// All of it: the market's reads and calls, blocks as they become final.
pub trait Chain:
	ProgramsExt + ProvidersExt + JobsExt + AttestationsExt + BenchmarksExt + Blocks + Submit
{
}

impl<T> Chain for T where
	T: ProgramsExt + ProvidersExt + JobsExt + AttestationsExt + BenchmarksExt + Blocks + Submit
{
}
