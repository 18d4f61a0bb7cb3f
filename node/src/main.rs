//! `mutirao-node`: a node of the Mutirão chain.

mod chain_spec;
mod cli;
mod command;
mod rpc;
mod service;

fn main() -> sc_cli::Result<()> {
	// Wallets name accounts so; without this, RPC methods and `key` would refuse their addresses.
	mutirao_runtime::genesis_presets::use_own_addresses();
	command::run()
}
