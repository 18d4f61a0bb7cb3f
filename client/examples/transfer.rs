//! Makes one transfer between development accounts and prints block, fee and finality.

use anyhow::Context;
use clap::Parser;
use mutirao_client::Client;
use subxt_signer::{sr25519::Keypair, SecretUri};

/// A signed transfer between two development accounts, followed to finality.
#[derive(Parser)]
#[command(after_help = "Example:\n  transfer --from alice --to bob --amount 2.5")]
struct Args {
	/// The node's JSON-RPC address.
	#[arg(long, default_value = "ws://127.0.0.1:9944")]
	url: String,
	/// A development account: alice, bob, charlie, dave, eve or ferdie.
	#[arg(long, default_value = "alice")]
	from: String,
	/// A development account.
	#[arg(long, default_value = "bob")]
	to: String,
	/// How many MUT.
	#[arg(long, default_value_t = 1.0)]
	amount: f64,
}

const PLANCK_PER_MUT: f64 = 1e12;

fn development_account(name: &str) -> anyhow::Result<Keypair> {
	let mut seed = name.to_owned();
	if let Some(first) = seed.get_mut(..1) {
		first.make_ascii_uppercase();
	}
	let uri: SecretUri = format!("//{seed}").parse().context("not an account's name")?;
	Ok(Keypair::from_uri(&uri)?)
}

fn mut_amount(planck: u128) -> String {
	format!("{:.6} MUT", planck as f64 / PLANCK_PER_MUT)
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
	let args = Args::parse();
	let planck = (args.amount * PLANCK_PER_MUT).round();
	anyhow::ensure!(planck > 0.0 && planck < 1e30, "--amount must be positive and sensible");
	let from = development_account(&args.from)?;
	let to = development_account(&args.to)?.public_key().to_account_id();

	let client = Client::connect(&args.url).await?;
	let before = client.free_balance(&to).await?;
	println!("{} sends {} to {} ...", args.from, mut_amount(planck as u128), args.to);
	let receipt = client.transfer(&from, to, planck as u128).await?;
	let after = client.free_balance(&to).await?;

	println!("block      {} {:?}", receipt.block_number, receipt.block);
	println!("fee        {}", mut_amount(receipt.fee));
	println!("included   after {:.1} s", receipt.included_after.as_secs_f64());
	let finalized_after = receipt.finalized_after.context("transfers wait for finality")?;
	println!("finalised  after {:.1} s", finalized_after.as_secs_f64());
	println!("{:<10} {} -> {}", args.to, mut_amount(before), mut_amount(after));
	Ok(())
}
