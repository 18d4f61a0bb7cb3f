//! A buyer's hand on a provider's data plane, for bytes that the command line would never send.

use crate::Sent;
use anyhow::{Context, Result};
use codec::Encode as _;
use mutirao_client::AccountId;
use std::{
	process::Command,
	time::{SystemTime, UNIX_EPOCH},
};
use subxt_signer::sr25519::Keypair;
use tempfile::NamedTempFile;

/// What a token is signed for, so that the signature is good for nothing else.
const DOMAIN: &[u8; 24] = b"mutirao upload token v1\n";
/// How long a token holds, in seconds.
const TOKEN_SECONDS: u64 = 600;

/// Brings a provider these bytes as the first piece of a job's first input, whatever the job says of it;
/// the status of the answer. They must fit into one chunk of 1 KiB.
pub fn bring(
	url: &str,
	buyer: &Keypair,
	provider: AccountId,
	job: u64,
	genesis: [u8; 32],
	bytes: &[u8],
) -> Result<u16> {
	let expires = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs() + TOKEN_SECONDS;
	let claims = (buyer.public_key().0, provider.0, job, genesis, expires);
	let signature = buyer.sign(&(DOMAIN, &claims).encode()).0;
	let token: String =
		(&claims, signature).encode().iter().map(|byte| format!("{byte:02x}")).collect();
	// The numbers of the chunks, their bytes, and no values of other parts of the tree.
	let opening = (vec![0u32], bytes, Vec::<[u8; 32]>::new()).encode();
	let body = NamedTempFile::new()?;
	std::fs::write(body.path(), opening)?;
	let mut put = Command::new("curl");
	put.args(["-s", "-o", "/dev/null", "-w", "%{http_code}", "--max-time", "20", "-X", "PUT"])
		.args(["-H", &format!("Authorization: Mutirao {token}")])
		.args(["-H", "Content-Type: application/vnd.mutirao.opening"])
		.arg("--data-binary")
		.arg(format!("@{}", body.path().display()))
		.arg(format!("{url}/v1/jobs/{job}/inputs/0/pieces/0"));
	let status = Sent::run(put)?.success()?.stdout;
	status.trim().parse().with_context(|| format!("curl says: {status}"))
}
