//! What the tool remembers of a job, so that a broken `job submit` can be gone on with.

use std::{
	fs,
	path::{Path, PathBuf},
};

use anyhow::Context as _;
use mutirao_client::{
	types::{BufferId, JobId, Verdict},
	AccountId, Balance, BlockNumber,
};
use serde::{Deserialize, Serialize};

use super::demands::Demand;
use crate::{
	exit::{failed, Failure},
	keystore::make_private,
	show,
};

/// Bytes of a record, at most.
const LONGEST: u64 = 1 << 20;

/// A named number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Parameter {
	pub(crate) name: String,
	pub(crate) value: u32,
}

/// A named buffer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Buffer {
	pub(crate) name: String,
	/// The hash that `b3sum` prints.
	pub(crate) blake3: String,
	pub(crate) bytes: u64,
}

impl Buffer {
	pub(crate) fn new(name: &str, id: &BufferId) -> Self {
		Self { name: name.into(), blake3: hex::encode(id.hash), bytes: id.bytes }
	}

	/// Its name on the chain; `None` if the hash is none.
	pub(crate) fn id(&self) -> Option<BufferId> {
		let hash = show::parse_hash(&self.blake3)?;
		Some(BufferId { hash, bytes: self.bytes })
	}
}

/// The heights of the blocks in which something happened to a job, as far as they were seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Heights {
	pub(crate) posted: Option<BlockNumber>,
	pub(crate) accepted: Option<BlockNumber>,
	pub(crate) attested: Option<BlockNumber>,
	pub(crate) audited: Option<BlockNumber>,
	pub(crate) finished: Option<BlockNumber>,
}

/// Who computes, for how much.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Deal {
	pub(crate) provider: String,
	pub(crate) offer: u64,
	/// Planck, in decimal digits.
	pub(crate) price: String,
}

/// A drawn workgroup.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Audit {
	pub(crate) pass: u16,
	pub(crate) workgroup: u32,
	/// Whether the chain computed it again and found it right.
	pub(crate) passed: bool,
}

/// What was checked on this machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Check {
	/// `vm`, or the adapter's name.
	pub(crate) on: String,
	/// Workgroups that were computed again.
	pub(crate) workgroups: u64,
	/// Workgroups of the whole job.
	pub(crate) of: u64,
	/// Whether all of them were right.
	pub(crate) right: bool,
	/// The first that was not.
	pub(crate) wrong: Option<(u16, u32)>,
}

/// Where an output goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Save {
	/// The output's name.
	pub(crate) name: String,
	/// A path, perhaps with a format before it; see [`crate::formats`].
	pub(crate) to: String,
}

/// A job of this user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Record {
	pub(crate) version: u32,
	pub(crate) genesis: String,
	pub(crate) chain: String,
	pub(crate) job: JobId,
	pub(crate) buyer: String,
	pub(crate) kernel: String,
	pub(crate) program: String,
	pub(crate) parameters: Vec<Parameter>,
	pub(crate) inputs: Vec<Buffer>,
	/// The buffers that passes write, in the transcript's order. Empty before the attestation.
	pub(crate) transcript: Vec<Buffer>,
	/// The names of those that are outputs.
	pub(crate) outputs: Vec<String>,
	pub(crate) save: Vec<Save>,
	/// Whether all workgroups are to be computed again. Older builds did not write it.
	#[serde(default, skip_serializing_if = "std::ops::Not::not")]
	pub(crate) full: bool,
	/// Planck, in decimal digits.
	pub(crate) price_cap: String,
	pub(crate) audit_fee: String,
	/// Fees of the buyer's transactions so far, also of those that the chain refused.
	pub(crate) fees: String,
	pub(crate) deal: Option<Deal>,
	pub(crate) audits: Vec<Audit>,
	pub(crate) heights: Heights,
	/// The next block whose events are read.
	pub(crate) next_block: BlockNumber,
	pub(crate) check: Option<Check>,
	pub(crate) verdict: Option<String>,
	/// What the buyer got back at the end, besides what was never taken; planck.
	pub(crate) returned: Option<String>,
	/// What the provider got at the end, the protocol's fee apart; planck. Older builds did not write it.
	#[serde(default, skip_serializing_if = "Option::is_none")]
	pub(crate) earned: Option<String>,
	/// What the buyer demanded on the chain.
	#[serde(default, skip_serializing_if = "Vec::is_empty")]
	pub(crate) demands: Vec<Demand>,
	/// The job that was posted in place of this one.
	pub(crate) replaced_by: Option<JobId>,
}

/// The present form of records.
pub(crate) const VERSION: u32 = 1;

impl Record {
	/// The parameters' values, in the program's order.
	pub(crate) fn values(&self) -> Vec<u32> {
		self.parameters.iter().map(|parameter| parameter.value).collect()
	}

	/// Adds a transaction's fee.
	pub(crate) fn pay(&mut self, fee: Balance) {
		let paid = self.fees.parse::<Balance>().unwrap_or(0);
		self.fees = paid.saturating_add(fee).to_string();
	}

	/// Notes the deal.
	pub(crate) fn agree(&mut self, provider: &AccountId, offer: u64, price: Balance) {
		let provider = show::address(provider);
		self.deal = Some(Deal { provider, offer, price: price.to_string() });
	}

	/// Notes the end.
	pub(crate) fn end(&mut self, verdict: Verdict) {
		self.verdict = Some(show::verdict(verdict).into());
	}

	/// Whether the job settled.
	pub(crate) fn settled(&self) -> bool {
		self.verdict.as_deref() == Some(show::verdict(Verdict::Settled))
	}
}

/// The records of one chain.
pub(crate) struct Records {
	folder: PathBuf,
}

impl Records {
	/// Those of the chain with this genesis, in the tool's folder.
	pub(crate) fn new(data: &Path, genesis: &[u8; 32]) -> Self {
		Self { folder: data.join("jobs").join(hex::encode(&genesis[..8])) }
	}

	fn file(&self, job: JobId) -> PathBuf {
		self.folder.join(format!("{job}.json"))
	}

	/// Writes a record, whole or not at all.
	pub(crate) fn save(&self, record: &Record) -> anyhow::Result<()> {
		make_private(&self.folder)?;
		let file = self.file(record.job);
		let cannot = || format!("cannot write {}", file.display());
		let mut new = tempfile::NamedTempFile::new_in(&self.folder).with_context(cannot)?;
		serde_json::to_writer_pretty(&mut new, record).with_context(cannot)?;
		new.persist(&file).with_context(cannot)?;
		Ok(())
	}

	/// A job's record; `None` if this machine did not post it.
	pub(crate) fn load(&self, job: JobId) -> anyhow::Result<Option<Record>> {
		let file = self.file(job);
		let length = match fs::metadata(&file) {
			Ok(metadata) => metadata.len(),
			Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
			Err(error) => return Err(error).context(format!("cannot read {}", file.display())),
		};
		let bad = |why: String| {
			let what = format!("{} is no record of a job: {why}", file.display());
			failed(Failure::Other, what)
		};
		if length > LONGEST {
			return Err(bad(format!("{length} bytes")));
		}
		let text = fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?;
		let record: Record =
			serde_json::from_slice(&text).map_err(|error| bad(error.to_string()))?;
		match record.version == VERSION && record.job == job {
			true => Ok(Some(record)),
			false => Err(bad("it is of another version or job".into())),
		}
	}
}

#[cfg(test)]
pub(crate) mod tests {
	use super::*;

	pub(crate) fn record(job: JobId) -> Record {
		Record {
			version: VERSION,
			genesis: show::hex(&[7; 32]),
			chain: "A chain".into(),
			job,
			buyer: show::address(&AccountId::from([1; 32])),
			kernel: "sobel".into(),
			program: show::hex(&[2; 32]),
			parameters: vec![Parameter { name: "width".into(), value: 4 }],
			inputs: vec![Buffer::new("image", &BufferId::of(&[1, 2, 3, 4]))],
			transcript: Vec::new(),
			outputs: vec!["edges".into()],
			save: Vec::new(),
			full: false,
			price_cap: "100".into(),
			audit_fee: "4".into(),
			fees: "0".into(),
			deal: None,
			audits: Vec::new(),
			heights: Heights::default(),
			next_block: 0,
			check: None,
			verdict: None,
			returned: None,
			earned: None,
			demands: Vec::new(),
			replaced_by: None,
		}
	}

	#[test]
	fn a_record_is_kept_for_each_chain() {
		let folder = tempfile::tempdir().unwrap();
		let (records, other) =
			(Records::new(folder.path(), &[7; 32]), Records::new(folder.path(), &[8; 32]));
		assert_eq!(records.load(3).unwrap(), None);
		let mut kept = record(3);
		kept.pay(5);
		kept.pay(6);
		records.save(&kept).unwrap();
		kept.agree(&[9; 32].into(), 4, 77);
		records.save(&kept).unwrap();
		let read = records.load(3).unwrap().unwrap();
		assert_eq!(read, kept);
		assert_eq!((read.fees.as_str(), read.deal.unwrap().price.as_str()), ("11", "77"));
		assert_eq!(other.load(3).unwrap(), None);
		// Older builds wrote nothing of demands.
		let text = fs::read_to_string(records.file(3)).unwrap();
		assert!(!text.contains("demands") && !text.contains("earned"), "{text}");
		assert!(!text.contains("full"), "{text}");
	}

	#[test]
	fn what_is_no_record_is_told_with_its_file() {
		let folder = tempfile::tempdir().unwrap();
		let records = Records::new(folder.path(), &[7; 32]);
		records.save(&record(3)).unwrap();
		fs::copy(records.file(3), records.file(4)).unwrap();
		fs::write(records.file(5), "{").unwrap();
		for job in [4, 5] {
			let error = records.load(job).unwrap_err().to_string();
			assert!(error.contains(&format!("{job}.json is no record")), "{error}");
		}
	}
}
