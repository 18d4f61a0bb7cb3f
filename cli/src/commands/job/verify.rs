//! `mutirao job verify`.

use std::path::PathBuf;

use anyhow::Context as _;
use clap::Args;
use mutirao_client::pallets::JobsExt;
use serde::Serialize;

use crate::{
	exit::{chain, failed, Failure},
	job::{
		receipt::{Receipt, Signed, LONGEST},
		save::hash_file,
	},
	output::{print, Format},
	settings::ChainArgs,
	show,
};

/// Arguments of `verify`.
#[derive(Args)]
pub(crate) struct Verify {
	/// The receipt's file.
	receipt: PathBuf,
	/// Look at the signature and the files only.
	#[arg(long)]
	offline: bool,
	#[command(flatten)]
	chain: ChainArgs,
}

#[derive(Serialize)]
struct Finding {
	what: &'static str,
	good: bool,
	text: String,
}

impl Verify {
	/// Checks the receipt.
	pub(crate) async fn run(self, format: Format) -> anyhow::Result<()> {
		let signed = self.read()?;
		let mut findings = vec![match signed.verify() {
			Ok(buyer) => good("signature", format!("by {}", show::address(&buyer))),
			Err(error) => bad("signature", error.to_string()),
		}];
		findings.push(match signed.receipt.costs.add_up() {
			true => good("costs", signed.receipt.costs.text()),
			false => bad("costs", "the total is not the sum of the rest".into()),
		});
		findings.extend(files(&signed.receipt));
		if !self.offline {
			findings.extend(self.on_chain(&signed.receipt).await?);
		}
		let wrong = findings.iter().filter(|finding| !finding.good).count();
		print(format, &findings, |findings| {
			let mark = |finding: &Finding| if finding.good { "ok  " } else { "BAD " };
			let line = |finding: &Finding| {
				format!("{} {}: {}\n", mark(finding), finding.what, finding.text)
			};
			findings.iter().map(line).collect()
		})?;
		match wrong {
			0 => Ok(()),
			_ => Err(failed(
				Failure::Wrong,
				format!("{wrong} statements of the receipt do not hold"),
			)),
		}
	}

	fn read(&self) -> anyhow::Result<Signed> {
		let cannot = || format!("cannot read {}", self.receipt.display());
		let length = std::fs::metadata(&self.receipt).with_context(cannot)?.len();
		let refused = |why: String| {
			failed(Failure::Wrong, format!("{} is no receipt: {why}", self.receipt.display()))
		};
		if length > LONGEST {
			return Err(refused(format!("it has {length} bytes")));
		}
		let text = std::fs::read(&self.receipt).with_context(cannot)?;
		serde_json::from_slice(&text).map_err(|error| refused(error.to_string()))
	}

	/// What the chain remembers of the job must be what the receipt says.
	async fn on_chain(&self, receipt: &Receipt) -> anyhow::Result<Vec<Finding>> {
		let client = self.chain.connect().await?;
		let genesis = show::hex(&client.genesis());
		if genesis != receipt.genesis {
			let text = format!("the receipt is of another one ({})", receipt.chain);
			return Ok(vec![bad("chain", text)]);
		}
		let Some(ended) = client.finished_job(receipt.job).await.map_err(chain)? else {
			let text = "the chain does not remember the job: it has not ended, or was pruned";
			return Ok(vec![bad("job", text.into())]);
		};
		let deal = ended.deal.as_ref();
		let claimed = receipt.deal.as_ref();
		let facts = [
			("buyer", show::address(&ended.buyer), as_written_now(&receipt.buyer)),
			("program", show::hex(&ended.program), receipt.program.clone()),
			("verdict", show::verdict(ended.verdict).into(), receipt.verdict.clone()),
			(
				"provider",
				deal.map(|deal| show::address(&deal.provider)).unwrap_or_default(),
				claimed.map(|deal| as_written_now(&deal.provider)).unwrap_or_default(),
			),
			(
				"price",
				deal.map(|deal| deal.price.to_string()).unwrap_or_default(),
				claimed.map(|deal| deal.price.clone()).unwrap_or_default(),
			),
		];
		let compare =
			|(what, on_chain, said): (&'static str, String, String)| match on_chain == said {
				true => good(what, said),
				false => bad(what, format!("`{on_chain}` on the chain, `{said}` in the receipt")),
			};
		Ok(facts.map(compare).into())
	}
}

/// An address with the chain's prefix: older receipts have the prefix 42.
fn as_written_now(address: &str) -> String {
	show::parse_account(address).map_or_else(|_| address.into(), |account| show::address(&account))
}

/// Files that a receipt names must be what they were.
fn files(receipt: &Receipt) -> Vec<Finding> {
	let mut findings = Vec::new();
	for output in &receipt.outputs {
		let attested = receipt.transcript.iter().find(|buffer| buffer.name == output.name);
		if attested.is_none_or(|buffer| buffer.blake3 != output.blake3) {
			findings.push(bad("output", format!("{} is not what was attested", output.name)));
		}
		let (Some(file), Some(hash)) = (&output.file, &output.file_blake3) else { continue };
		findings.push(match hash_file(file.as_ref()) {
			Ok(found) if found == *hash => good("file", file.clone()),
			Ok(_) => bad("file", format!("{file} was changed")),
			Err(error) => bad("file", format!("{error:#}")),
		});
	}
	findings
}

fn good(what: &'static str, text: String) -> Finding {
	Finding { what, good: true, text }
}

fn bad(what: &'static str, text: String) -> Finding {
	Finding { what, good: false, text }
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn accounts_are_compared_whatever_the_prefix() {
		let ours = "gZRUkf7Dz9gMomMVEVhwZd7XZsyMuvqLBpyq428Yv14qyMe21";
		let older = "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY";
		assert_eq!([ours, older].map(as_written_now), [ours, ours]);
		assert_eq!(as_written_now("nobody"), "nobody");
	}
}
