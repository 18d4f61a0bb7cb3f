//! What a journal keeps, and what it refuses.

use super::*;
use crate::jobs::tests::support::record;

#[test]
fn records_and_position_survive_a_restart() {
	let folder = tempfile::tempdir().unwrap();
	let path = folder.path().join("journal.redb");
	let journal = Journal::open(&path).unwrap();
	assert_eq!(journal.next_block().unwrap(), None);
	journal.put(&record(3)).unwrap();
	journal.put(&record(5)).unwrap();
	journal.advance(17, &[(5, JobBuffer::Written(1), 9), (99, JobBuffer::Input(0), 0)]).unwrap();
	journal.advance(18, &[(5, JobBuffer::Written(1), 9)]).unwrap();
	drop(journal);
	let journal = Journal::open(&path).unwrap();
	assert_eq!(journal.next_block().unwrap(), Some(18));
	let jobs: Vec<JobId> = journal.records().unwrap().iter().map(|one| one.job).collect();
	assert_eq!(jobs, [3, 5]);
	let demands = journal.get(5).unwrap().unwrap().demands;
	assert_eq!(demands, [(JobBuffer::Written(1), 9)], "each demand is noted once");
	journal.remove(3).unwrap();
	assert_eq!(journal.get(3).unwrap(), None);
}

#[test]
fn what_is_concluded_is_counted_with_it() {
	let folder = tempfile::tempdir().unwrap();
	let journal = Journal::open(&folder.path().join("journal.redb")).unwrap();
	journal.conclude(&record(1), |earnings| earnings.earned += 7).unwrap();
	journal.add_fee(2).unwrap();
	let earnings = journal.earnings().unwrap();
	assert_eq!((earnings.earned, earnings.fees), (7, 2));
	assert_eq!(journal.get(1).unwrap(), Some(record(1)));
}

#[test]
fn a_journal_of_another_layout_or_a_damaged_record_is_refused_by_name() {
	let folder = tempfile::tempdir().unwrap();
	let path = folder.path().join("journal.redb");
	let journal = Journal::open(&path).unwrap();
	journal
		.write(|transaction| {
			transaction.open_table(RECORDS)?.insert(4, [1, 2, 3].as_slice())?;
			Ok(())
		})
		.unwrap();
	assert!(matches!(journal.get(4), Err(JournalError::Damaged { job: 4, .. })));
	journal
		.write(|transaction| {
			transaction.open_table(NUMBERS)?.insert(LAYOUT_NAME, 99)?;
			Ok(())
		})
		.unwrap();
	drop(journal);
	let error = Journal::open(&path).unwrap_err();
	assert!(matches!(error, JournalError::Layout { found: 99, .. }), "{error}");
}

#[test]
fn a_second_worker_is_told() {
	let folder = tempfile::tempdir().unwrap();
	let path = folder.path().join("journal.redb");
	let _first = Journal::open(&path).unwrap();
	let error = anyhow::Error::from(Journal::open(&path).unwrap_err());
	let error = format!("{error:#}");
	assert!(error.contains("another worker running"), "{error}");
	assert_eq!(error.matches("already open").count(), 1, "{error}");
	assert!(!error.contains(".."), "{error}");
}
