//! Why a journal cannot be used.

use mutirao_types::JobId;

/// How records are laid out. A journal of another layout is refused, never misread.
pub(super) const LAYOUT: u64 = 1;

/// What can go wrong with a journal.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
	/// The file cannot be opened, read or written.
	#[error("the journal {path}: {reason}. Is the disk full, or another worker running?")]
	Database {
		/// Where it is.
		path: String,
		/// Why: no source, as whoever prints those would say it twice.
		reason: String,
	},
	/// It was written by another version of this program.
	#[error(
		"the journal {path} has layout {found}, and this worker reads {LAYOUT}: use the version that \
		 wrote it until no job is open"
	)]
	Layout {
		/// Where it is.
		path: String,
		/// What it says.
		found: u64,
	},
	/// A record is not what was written.
	#[error(
		"the journal {path} is damaged at job {job}: move it away; jobs are found on the chain"
	)]
	Damaged {
		/// Where it is.
		path: String,
		/// Whose record.
		job: JobId,
	},
}
