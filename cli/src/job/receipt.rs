//! Receipts: the facts of a finished job, signed by its buyer.
//!
//! The signature (sr25519, context `substrate`) is of `mutirao receipt v2`, a line feed, and the receipt
//! in JSON without blanks, its fields in the order in which they are written here. Receipts of version 1,
//! of `mutirao receipt v1`, lack `demand_deposits`, and hold as well.

use mutirao_client::{
	keys::Keypair,
	types::{JobId, Permill},
	AccountId,
};
use serde::{Deserialize, Serialize};
use subxt_signer::sr25519::{self, PublicKey, Signature};

use super::{
	costs::Costs,
	record::{Audit, Buffer, Check, Deal, Heights, Parameter, Record},
};
use crate::show;

/// The present form of receipts.
const VERSION: u32 = 2;
/// The form of those that say nothing of demands.
const WITHOUT_DEMANDS: u32 = 1;
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
	#[error("its costs are not those of a receipt of version {0}")]
	Form(u32),
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
		[format!("mutirao receipt v{}\n", self.version).as_bytes(), &text].concat()
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
		let (version, costs) = (self.receipt.version, &self.receipt.costs);
		match version {
			WITHOUT_DEMANDS | VERSION => {}
			_ => return Err(ReceiptError::Version(version)),
		}
		if costs.demand_deposits.is_some() != (version >= VERSION) {
			return Err(ReceiptError::Form(version));
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

#[cfg(test)]
mod tests {
	use super::*;
	use crate::job::costs::tests::{demand, settled};
	use subxt_signer::sr25519::dev;

	const FEE: Permill = Permill::from_percent(2);

	fn receipt() -> Receipt {
		let mut record = settled();
		record.demands.push(demand(500, true));
		Receipt::of(&record, Vec::new(), FEE)
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
		let newer = text.replace("\"version\": 2", "\"version\": 3");
		let newer: Signed = serde_json::from_str(&newer).unwrap();
		assert_eq!(newer.verify(), Err(ReceiptError::Version(3)));
	}

	/// What was signed stays signed: the order of fields, their names and forms.
	fn holds_to_the_byte(text: &str, buyer: &str) -> Costs {
		let signed: Signed = serde_json::from_str(text).unwrap();
		assert_eq!(signed.receipt.buyer, buyer);
		assert_eq!(signed.verify().unwrap().0, dev::charlie().public_key().0);
		assert_eq!(serde_json::to_string_pretty(&signed).unwrap() + "\n", text);
		assert!(signed.receipt.costs.add_up());
		signed.receipt.costs
	}

	#[test]
	fn a_receipt_of_the_first_builds_holds() {
		// With the prefix 42, as it was signed.
		let buyer = AccountId::from(dev::charlie().public_key().0).to_string();
		let costs = holds_to_the_byte(include_str!("tests/receipt.json"), &buyer);
		assert_eq!(costs.demand_deposits, None);
	}

	#[test]
	fn a_receipt_with_demands_holds() {
		let buyer = show::address(&AccountId::from(dev::charlie().public_key().0));
		let costs = holds_to_the_byte(include_str!("tests/receipt-2.json"), &buyer);
		assert_eq!(costs.demand_deposits.as_deref(), Some("10000000000"));
	}

	/// Deposits that were lost cannot be left out of a receipt, nor put into one that was signed without.
	#[test]
	fn what_a_receipt_says_of_demands_is_signed() {
		let signed = receipt().sign(&dev::alice().into());
		let costs = &signed.receipt.costs;
		assert_eq!((costs.demand_deposits.as_deref(), costs.total.as_str()), (Some("500"), "1515"));
		let text = serde_json::to_string(&signed).unwrap();
		let changed = |from: &str, to: &str| {
			let changed = text.replace(from, to);
			assert_ne!(changed, text);
			serde_json::from_str::<Signed>(&changed).unwrap().verify()
		};
		let said = "\"demand_deposits\":\"500\",";
		assert_eq!(changed("\"500\"", "\"5\""), Err(ReceiptError::Signature));
		assert_eq!(changed(said, ""), Err(ReceiptError::Form(2)));
		assert_eq!(changed("\"version\":2", "\"version\":1"), Err(ReceiptError::Form(1)));
		let mut older = signed;
		(older.receipt.version, older.receipt.costs.demand_deposits) = (1, None);
		assert_eq!(older.verify(), Err(ReceiptError::Signature));
	}
}
