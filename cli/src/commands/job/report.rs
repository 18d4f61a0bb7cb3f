//! What is said at a job's end, and its exit code.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use mutirao_client::Chain;

use crate::{
	exit::{failed, Failure},
	job::{
		buyer::Buyer,
		receipt::{Output, Receipt, Signed},
		record::Record,
		save,
	},
	output::{print, Format},
	show,
};

/// Writes outputs and receipt, prints them, and fails unless all is well.
pub(crate) fn conclude<C: Chain>(
	buyer: &Buyer<'_, C>,
	record: &Record,
	receipt_file: Option<&Path>,
	format: Format,
) -> anyhow::Result<()> {
	let mut written = match record.check.is_some() {
		true => save::write(record, &buyer.store(record.job)?)?,
		false => save::Written::default(),
	};
	let outputs = std::mem::take(&mut written.outputs);
	let signed = Receipt::of(record, outputs, buyer.terms.protocol_fee).sign(buyer.key);
	let file = receipt_file.map_or_else(
		|| {
			buyer.data.join("receipts").join(format!(
				"{}-{}.json",
				record.genesis.get(2..18).unwrap_or("other"),
				record.job
			))
		},
		PathBuf::from,
	);
	write(&file, &signed)?;
	print(format, &signed, |signed| text(&signed.receipt, &file))?;
	judge(record)?;
	written.all(record)?;
	all_saved(record, &signed.receipt.outputs)
}

/// A job whose outputs were wanted in files is not done without them.
fn all_saved(record: &Record, outputs: &[Output]) -> anyhow::Result<()> {
	let is_saved = |name: &str| outputs.iter().any(|one| one.name == name && one.file.is_some());
	match record.save.iter().find(|save| !is_saved(&save.name)) {
		None => Ok(()),
		Some(save) => {
			let message = format!(
				"output {} of job {job} is no longer in the data folder: try `mutirao job fetch {job}`",
				save.name,
				job = record.job
			);
			Err(failed(Failure::Unavailable, message))
		}
	}
}

fn write(file: &Path, signed: &Signed) -> anyhow::Result<()> {
	let cannot = || format!("cannot write {}", file.display());
	if let Some(folder) = file.parent().filter(|folder| !folder.as_os_str().is_empty()) {
		std::fs::create_dir_all(folder).with_context(cannot)?;
	}
	let text = serde_json::to_string_pretty(signed)?;
	std::fs::write(file, text + "\n").with_context(cannot)
}

/// The exit code of a job that has ended.
pub(crate) fn judge(record: &Record) -> anyhow::Result<()> {
	let verdict = record.verdict.as_deref().unwrap_or("not ended");
	let wrong = record.check.as_ref().is_some_and(|check| !check.right);
	let lied = ["refunded: opening wrong", "refunded: challenge upheld"].contains(&verdict);
	let job = record.job;
	if lied {
		let message = format!(
			"job {job}: the result was wrong, and that was proven ({verdict}); submit it again"
		);
		return Err(failed(Failure::Wrong, message));
	}
	if wrong {
		let message = format!("job {job} is {verdict}, but its result is wrong: do not use it");
		return Err(failed(Failure::Wrong, message));
	}
	if verdict.starts_with("faulted") {
		let message = format!(
			"job {job}: {verdict}. The program is at fault: `mutirao kernel run` finds where"
		);
		return Err(failed(Failure::Fault, message));
	}
	if !record.settled() {
		let message = format!("job {job}: {verdict}. The price came back; submit it again");
		return Err(failed(Failure::NotDone, message));
	}
	if record.check.is_none() {
		let message = format!(
			"job {job} settled, but its results cannot be had: try `mutirao job fetch {job}`"
		);
		return Err(failed(Failure::Unavailable, message));
	}
	Ok(())
}

fn text(receipt: &Receipt, file: &Path) -> String {
	let mut text = format!(
		"job {} ({}): {}\n  cost: {}\n  audits: {} of {} passed\n",
		receipt.job,
		receipt.kernel,
		receipt.verdict,
		receipt.costs.text(),
		receipt.audits_passed,
		receipt.audits_drawn,
	);
	if let Some(check) = &receipt.check {
		let right = if check.right { "right" } else { "WRONG" };
		text += &format!(
			"  checked here: {right}, {} of {} workgroups on {}\n",
			check.workgroups, check.of, check.on
		);
	}
	let blocks = receipt.blocks;
	if let (Some(posted), Some(finished)) = (blocks.posted, blocks.finished) {
		text += &format!("  took: {}\n", show::blocks(finished.saturating_sub(posted).into()));
	}
	for output in &receipt.outputs {
		let place = output.file.as_deref().unwrap_or("not saved (`job fetch --to FOLDER`)");
		text += &format!("  {}: {}, {place}\n", output.name, show::bytes(output.bytes));
	}
	text + &format!("  receipt: {}\n", file.display())
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::{
		exit::failure_of,
		job::record::{tests::record, Check},
	};

	fn code(verdict: &str, right: Option<bool>) -> Option<Failure> {
		let mut record = record(1);
		record.verdict = Some(verdict.into());
		record.check = right.map(|right| Check {
			on: "vm".into(),
			workgroups: 1,
			of: 1,
			right,
			wrong: (!right).then_some((0, 0)),
		});
		judge(&record).err().map(|error| failure_of(&error))
	}

	#[test]
	fn what_was_to_be_saved_must_be() {
		let mut record = record(1);
		record.save = save::plan(&record.outputs, &[], Some(Path::new("/out"))).unwrap();
		let output = |file: Option<&str>| Output {
			name: "edges".into(),
			blake3: String::new(),
			bytes: 4,
			file: file.map(String::from),
			file_blake3: None,
		};
		all_saved(&record, &[output(Some("/out/edges"))]).unwrap();
		for outputs in [vec![output(None)], Vec::new()] {
			let error = all_saved(&record, &outputs).unwrap_err();
			assert_eq!(failure_of(&error), Failure::Unavailable, "{error:#}");
		}
		record.save.clear();
		all_saved(&record, &[output(None)]).unwrap();
	}

	#[test]
	fn every_end_has_its_exit_code() {
		assert_eq!(code("settled", Some(true)), None);
		assert_eq!(code("settled", Some(false)), Some(Failure::Wrong));
		assert_eq!(code("settled", None), Some(Failure::Unavailable));
		assert_eq!(code("refunded: challenge upheld", Some(false)), Some(Failure::Wrong));
		assert_eq!(code("refunded: opening wrong", None), Some(Failure::Wrong));
		assert_eq!(code("refunded: late", None), Some(Failure::NotDone));
		assert_eq!(code("faulted: race", Some(true)), Some(Failure::Fault));
	}
}
