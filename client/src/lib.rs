//! A typed client of the Mutirão chain.
//!
//! [`Client`] connects to one of several nodes, goes on over another connection when one breaks, and
//! refuses a chain whose runtime this program does not understand. An [`Account`] submits in an account's
//! name, or as its proxy. The Ext traits read the market and call it in the words of `mutirao-types`;
//! [`fake::FakeChain`] has the same traits, for tests without a node.
//!
//! | module | what it is about |
//! |---|---|
//! | `client`, `connection`, `backoff` | nodes, broken connections, reads that are asked again |
//! | `compatibility`, `shape`, `metadata` | whether the chain is the one that this program knows |
//! | `submit`, `send`, `track`, `nonce` | signing, sending, following to inclusion or finality |
//! | `receipt`, `dispatch_error`, `event` | what became of it, in words |
//! | `call`, `account` | calls as values; in whose name they are sent |
//! | `view`, `scale` | what pallets' view functions answer |
//! | [`keys`] | secrets from files and the environment |
//! | [`money`], [`address`] | amounts and accounts as people write them |
//! | `output`, `help` | what command lines share, with the feature `terminal` |
//! | [`terms`], `holds` | the market's constants; what is on hold of an account's money |
//! | `node` | the node's own JSON-RPC methods |
//! | [`pallets`] | an Ext trait, calls and events for each pallet of the market |
//! | `chain`, `blocks` | the traits that worker and command line are written against |
//! | [`fake`] | a chain in memory |
//! | [`api`] | everything else, generated from `metadata.scale` |
//!
//! ```no_run
//! use mutirao_client::{pallets::JobsExt, Account, Client};
//! use subxt_signer::sr25519::dev;
//!
//! # async fn example() -> Result<(), mutirao_client::Error> {
//! let client = Client::connect("ws://127.0.0.1:9944").await?;
//! println!("the deadlines' clock shows {}", client.now().await?);
//! let worker = Account::new(client, dev::bob());
//! worker.accept(41, 7).await?;
//! # Ok(())
//! # }
//! ```

mod account;
pub mod address;
mod backoff;
mod blocks;
mod call;
mod chain;
mod client;
mod compatibility;
mod connection;
mod dispatch_error;
mod error;
mod event;
pub mod fake;
#[cfg(feature = "terminal")]
pub mod help;
mod holds;
pub mod keys;
mod metadata;
pub mod money;
mod node;
mod nonce;
#[cfg(feature = "terminal")]
pub mod output;
pub mod pallets;
mod receipt;
mod scale;
mod send;
mod shape;
mod submit;
pub mod terms;
#[cfg(test)]
mod test;
mod track;
mod view;

pub use account::Account;
pub use blocks::{Block, Blocks, Follower};
pub use call::{Call, ProxyType};
pub use chain::{Chain, OnChain, Submit};
pub use client::{Client, Options};
pub use compatibility::{Change, Difference, Incompatible, Kind};
pub use dispatch_error::DispatchError;
pub use error::Error;
pub use event::Event;
pub use holds::Hold;
pub use metadata::known_metadata;
pub use mutirao_types as types;
pub use receipt::{Included, Receipt};
pub use submit::{SubmitOptions, Until, ACCEPT_LIFE};

/// Calls, storage and events of the chain, generated from `metadata.scale`.
#[allow(missing_docs, clippy::all)]
#[subxt::subxt(runtime_metadata_path = "metadata.scale")]
pub mod api {}

/// The chain's types, as subxt needs them.
pub type Config = subxt::PolkadotConfig;
/// An account's public key.
pub type AccountId = subxt::utils::AccountId32;
/// An amount in planck; 10¹² planck are one MUT.
pub type Balance = u128;
/// A block's height.
pub type BlockNumber = u32;
