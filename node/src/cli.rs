//! The command line.

use clap::Parser;

const EXAMPLES: &str = "\
Examples:
  mutirao-node --dev                     one validator, a fresh chain, blocks every 3 s
  mutirao-node --chain local --alice     the first of four validators of a local network
  mutirao-node --chain spec.json --validator --name NAME
                                         a validator of the network that spec.json describes
  mutirao-node key generate              a new key pair
  mutirao-node export-chain-spec --chain testnet-template > spec.json

Operating guides: docs/operating/validator.md, docs/operating/rpc-node.md";

/// A node of the Mutirão chain: validates, serves JSON-RPC, or both.
#[derive(Debug, Parser)]
#[command(name = "mutirao-node", version = env!("SUBSTRATE_CLI_IMPL_VERSION"), after_help = EXAMPLES)]
pub(crate) struct Cli {
	#[command(subcommand)]
	pub subcommand: Option<Subcommand>,

	#[command(flatten)]
	pub run: sc_cli::RunCmd,
}

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Subcommand {
	/// Generate, inspect, insert and use keys.
	#[command(subcommand)]
	Key(sc_cli::KeySubcommand),

	/// Print a chain specification, plain or raw.
	ExportChainSpec(sc_cli::ExportChainSpecCmd),

	/// Execute one stored block again and check it.
	CheckBlock(sc_cli::CheckBlockCmd),

	/// Write blocks to a file.
	ExportBlocks(sc_cli::ExportBlocksCmd),

	/// Write the state at a block as a chain specification.
	ExportState(sc_cli::ExportStateCmd),

	/// Read blocks from a file.
	ImportBlocks(sc_cli::ImportBlocksCmd),

	/// Delete the chain's data.
	PurgeChain(sc_cli::PurgeChainCmd),

	/// Take the newest blocks back, as far as finality allows.
	Revert(sc_cli::RevertCmd),

	/// Print what the database knows about the chain.
	ChainInfo(sc_cli::ChainInfoCmd),
}
