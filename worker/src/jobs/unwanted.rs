//! Jobs that the chain did not let us take: they are tried again, some times, with ever longer pauses. What
//! was in the way may pass, and each try has a fee.

use std::collections::HashMap;

use mutirao_client::BlockNumber;
use mutirao_types::JobId;

/// Blocks before the second try; twice as many before each that follows.
const FIRST_PAUSE: BlockNumber = 8;
/// Tries of one job.
const MOST_TRIES: u32 = 5;

/// Such jobs.
#[derive(Debug, Default)]
pub(super) struct Unwanted {
	jobs: HashMap<JobId, Try>,
}

#[derive(Debug)]
struct Try {
	why: String,
	count: u32,
	not_before: BlockNumber,
}

impl Unwanted {
	/// Takes note that the chain refused a job in about this block.
	pub(super) fn note(&mut self, job: JobId, why: String, block: BlockNumber) {
		let count = self.jobs.get(&job).map_or(0, |last| last.count).saturating_add(1);
		let not_before = match count < MOST_TRIES {
			true => block.saturating_add(FIRST_PAUSE << (count - 1)),
			false => BlockNumber::MAX,
		};
		self.jobs.insert(job, Try { why, count, not_before });
	}

	/// Why a job is not tried in this block, if it was refused before.
	pub(super) fn why(&self, job: JobId, block: BlockNumber) -> Option<String> {
		let last = self.jobs.get(&job).filter(|last| block < last.not_before)?;
		Some(last.why.clone())
	}

	/// Forgets other jobs than these.
	pub(super) fn retain(&mut self, keep: impl Fn(JobId) -> bool) {
		self.jobs.retain(|job, _| keep(*job));
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn pauses_double_and_tries_end() {
		let (mut unwanted, mut block, mut waited) = (Unwanted::default(), 100, Vec::new());
		for _ in 1..MOST_TRIES {
			unwanted.note(1, "busy".into(), block);
			let began = block;
			while unwanted.why(1, block).is_some() {
				block += 1;
			}
			waited.push(block - began);
		}
		assert_eq!(waited, [8, 16, 32, 64]);
		unwanted.note(1, "busy".into(), block);
		assert_eq!(unwanted.why(1, BlockNumber::MAX - 1).as_deref(), Some("busy"));
		assert_eq!(unwanted.why(2, block), None);
		unwanted.retain(|job| job != 1);
		assert_eq!(unwanted.why(1, block), None);
	}
}
