//! Receipts: the facts of a finished job, signed by its buyer.
//!
//! The signature (sr25519, context `substrate`) is of `mutirao receipt v1`, a line feed, and the receipt
//! in JSON without blanks, its fields in the order in which they are written here.

use mutirao_client::{
	keys::Keypair,
	types::{JobId, Permill},
	AccountId, Balance,
};
use serde::{Deserialize, Serialize};
use subxt_signer::sr25519::{self, PublicKey, Signature};

use super::record::{Audit, Buffer, Check, Deal, Heights, Parameter, Record};
use crate::show;

const DOMAIN: &[u8] = b"mutirao receipt v1\n";
/// The present form of receipts.
const VERSION: u32 = 1;
/// Bytes of a receipt's file, at most.
pub(crate) const LONGEST: u64 = 1 << 20;

/// An output that was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Output {
	pub(crate) name: String,
	pub(crate) blake3: String,
	pub(crate) bytes: u64,
	/// Where it was written, if it was.
	pub(crate) file: Option<String>,
	/// The BLAKE3 hash of that file, whatever its format.
	pub(crate) file_blake3: Option<String>,
}

/// What was paid, in planck: decimal digits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Costs {
	/// The job's price, the protocol's fee included. 0 unless it settled.
	pub(crate) price: String,
	/// The part of the price that is the protocol's.
	pub(crate) protocol_fee: String,
	/// What the chain's checking cost.
	pub(crate) audit_fee: String,
	/// Fees of the buyer's transactions.
	pub(crate) transaction_fees: String,
	/// All of these, the protocol's fee once.
	pub(crate) total: String,
}

/// The facts. Many are a record's too: they stand here once more because their order is signed, and
/// because serde's `flatten` could not refuse fields that the signature does not cover.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Receipt {
	pub(crate) version: u32,
	pub(crate) chain: String,
	pub(crate) genesis: String,
	pub(crate) job: JobId,
	pub(crate) buyer: String,
	pub(crate) kernel: String,
	pub(crate) program: String,
	pub(crate) parameters: Vec<Parameter>,
	pub(crate) inputs: Vec<Buffer>,
	pub(crate) outputs: Vec<Output>,
	pub(crate) transcript: Vec<Buffer>,
	pub(crate) deal: Option<Deal>,
	pub(crate) audits_drawn: usize,
	pub(crate) audits_passed: usize,
	pub(crate) audits: Vec<Audit>,
	pub(crate) check: Option<Check>,
	pub(crate) blocks: Heights,
	pub(crate) verdict: String,
	pub(crate) costs: Costs,
}

/// A receipt and who says so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Signed {
	pub(crate) receipt: Receipt,
	/// 64 bytes in hexadecimal.
	pub(crate) signature: String,
}

/// Why a receipt does not hold by itself.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ReceiptError {
	#[error("it is of version {0}, and this program knows version {VERSION}: update it")]
	Version(u32),
	#[error("its buyer or its signature is malformed")]
	Malformed,
	#[error("it was changed after it was signed, or its buyer did not sign it")]
	Signature,
}

impl Receipt {
	/// The receipt of a job whose record is complete. `outputs` in the program's order; `protocol_fee` is
	/// the chain's part of prices.
	pub(crate) fn of(record: &Record, outputs: Vec<Output>, protocol_fee: Permill) -> Self {
		let passed = record.audits.iter().filter(|audit| audit.passed).count();
		Self {
			version: VERSION,
			chain: record.chain.clone(),
			genesis: record.genesis.clone(),
			job: record.job,
			buyer: record.buyer.clone(),
			kernel: record.kernel.clone(),
			program: record.program.clone(),
			parameters: record.parameters.clone(),
			inputs: record.inputs.clone(),
			outputs,
			transcript: record.transcript.clone(),
			deal: record.deal.clone(),
			audits_drawn: record.audits.len(),
			audits_passed: passed,
			audits: record.audits.clone(),
			check: record.check.clone(),
			blocks: record.heights,
			verdict: record.verdict.clone().unwrap_or_else(|| "not ended".into()),
			costs: Costs::of(record, protocol_fee),
		}
	}

	fn message(&self) -> Vec<u8> {
		// Structs of strings and numbers: nothing that JSON cannot hold.
		let text = serde_json::to_vec(self).unwrap_or_default();
		[DOMAIN, &text].concat()
	}

	/// Signs it with the buyer's key.
	pub(crate) fn sign(self, key: &Keypair) -> Signed {
		let signature = show::hex(&key.sign(&self.message()).0);
		Signed { receipt: self, signature }
	}
}

impl Signed {
	/// Checks the signature, and that it is the named buyer's; who that is.
	pub(crate) fn verify(&self) -> Result<AccountId, ReceiptError> {
		if self.receipt.version != VERSION {
			return Err(ReceiptError::Version(self.receipt.version));
		}
		let buyer = show::parse_account(&self.receipt.buyer);
		let buyer = buyer.map_err(|_| ReceiptError::Malformed)?;
		let digits = self.signature.strip_prefix("0x").unwrap_or(&self.signature);
		let signature: [u8; 64] = hex::decode(digits)
			.ok()
			.and_then(|bytes| bytes.try_into().ok())
			.ok_or(ReceiptError::Malformed)?;
		let message = self.receipt.message();
		match sr25519::verify(&Signature(signature), message, &PublicKey(buyer.0)) {
			true => Ok(buyer),
			false => Err(ReceiptError::Signature),
		}
	}
}

impl Costs {
	/// What a job has cost its buyer.
	pub(crate) fn of(record: &Record, protocol_fee: Permill) -> Self {
		let planck = |text: &str| text.parse::<Balance>().unwrap_or(0);
		let agreed = record.deal.as_ref().map_or(0, |deal| planck(&deal.price));
		let (price, audit_fee) = match record.settled() {
			true => (agreed, planck(&record.audit_fee)),
			// What did not come back of price and audit fee, if the end was seen.
			false => {
				let escrow = agreed.saturating_add(planck(&record.audit_fee));
				let returned = record.returned.as_deref().map_or(escrow, planck);
				(escrow.saturating_sub(returned), 0)
			}
		};
		let fees = planck(&record.fees);
		let protocol_fee = if record.settled() { protocol_fee.mul_floor(price) } else { 0 };
		Self {
			price: price.to_string(),
			protocol_fee: protocol_fee.to_string(),
			audit_fee: audit_fee.to_string(),
			transaction_fees: fees.to_string(),
			total: price.saturating_add(audit_fee).saturating_add(fees).to_string(),
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::job::record::tests::record;
	use mutirao_client::types::{FaultKind, Verdict};
	use subxt_signer::sr25519::dev;

	const FEE: Permill = Permill::from_percent(2);

	fn receipt() -> Receipt {
		Receipt::of(&settled(), Vec::new(), FEE)
	}

	fn settled() -> Record {
		let mut settled = record(3);
		settled.buyer = show::address(&AccountId::from(dev::alice().public_key().0));
		settled.agree(&[9; 32].into(), 4, 1_000);
		settled.end(Verdict::Settled);
		settled.pay(11);
		settled
	}

	#[test]
	fn a_receipt_holds_until_anything_is_changed() {
		let signed = receipt().sign(&dev::alice().into());
		let text = serde_json::to_string_pretty(&signed).unwrap();
		let read: Signed = serde_json::from_str(&text).unwrap();
		assert_eq!(read.verify().unwrap().0, dev::alice().public_key().0);
		let cheaper = text.replace("\"1000\"", "\"999\"");
		let cheaper: Signed = serde_json::from_str(&cheaper).unwrap();
		assert_eq!(cheaper.verify(), Err(ReceiptError::Signature));
		let other = receipt().sign(&dev::bob().into());
		assert_eq!(other.verify(), Err(ReceiptError::Signature));
		let more = text.replacen('{', "{\"extra\": 1,", 1);
		assert!(serde_json::from_str::<Signed>(&more).is_err());
		let newer = text.replace("\"version\": 1", "\"version\": 2");
		let newer: Signed = serde_json::from_str(&newer).unwrap();
		assert_eq!(newer.verify(), Err(ReceiptError::Version(2)));
	}

	/// What was signed stays signed: the order of fields, their names and forms.
	#[test]
	fn a_receipt_of_the_first_builds_holds() {
		let text = include_str!("tests/receipt.json");
		let signed: Signed = serde_json::from_str(text).unwrap();
		// With the prefix 42, as it was signed.
		assert_eq!(
			signed.receipt.buyer,
			AccountId::from(dev::charlie().public_key().0).to_string()
		);
		assert_eq!(signed.verify().unwrap().0, dev::charlie().public_key().0);
		assert_eq!(serde_json::to_string_pretty(&signed).unwrap() + "\n", text);
	}

	#[test]
	fn costs_are_what_did_not_come_back() {
		let costs = Costs::of(&settled(), FEE);
		assert_eq!((costs.price.as_str(), costs.protocol_fee.as_str()), ("1000", "20"));
		assert_eq!((costs.audit_fee.as_str(), costs.total.as_str()), ("4", "1015"));
		let mut faulted = settled();
		faulted.end(Verdict::Faulted(FaultKind::Race));
		faulted.returned = Some("904".into());
		let costs = Costs::of(&faulted, FEE);
		assert_eq!((costs.price.as_str(), costs.total.as_str()), ("100", "111"));
	}
}
