//! How much of a disk is free.

use std::{path::Path, process::Command};

/// A gibibyte, in bytes.
pub(crate) const GIB: u64 = 1 << 30;
/// What the store may take where there is room enough, in GiB.
pub(crate) const USUAL_QUOTA: u64 = 100;

/// Bytes that are free on the disk of a folder, which may be still to be made, as POSIX's `df` tells;
/// `None` if it does not.
pub(crate) fn free_bytes(folder: &Path) -> Option<u64> {
	let absolute = std::path::absolute(folder).ok()?;
	let there = absolute.ancestors().find(|folder| folder.exists())?;
	let output = Command::new("df").arg("-Pk").arg(there).output().ok()?;
	let text = String::from_utf8(output.stdout).ok()?;
	let kibibytes: u64 = text.lines().nth(1)?.split_whitespace().nth(3)?.parse().ok()?;
	kibibytes.checked_mul(1024)
}

/// How much of a disk with so many free bytes the store may take, in GiB: at most three quarters, as work
/// in progress and the journal are beside it.
pub(crate) fn fitting_quota(free: Option<u64>) -> u64 {
	let most = free.map_or(USUAL_QUOTA, |free| free / 4 * 3 / GIB);
	most.clamp(1, USUAL_QUOTA)
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn no_more_than_three_quarters_of_the_disk_are_suggested() {
		assert_eq!(fitting_quota(Some(11 * GIB)), 8);
		assert_eq!(fitting_quota(Some(GIB)), 1);
		assert_eq!(fitting_quota(Some(5_000 * GIB)), USUAL_QUOTA);
		assert_eq!(fitting_quota(None), USUAL_QUOTA);
	}

	#[test]
	fn the_disk_of_a_folder_that_is_not_made_yet_is_found() {
		let folder = tempfile::tempdir().unwrap();
		assert!(free_bytes(folder.path()).is_some());
		assert!(free_bytes(&folder.path().join("not/made")).is_some());
	}
}
