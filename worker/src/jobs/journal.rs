//! What survives the process: a record for each job, and the block up to which blocks were read.
//!
//! Every change is on the disk, and not only in the system's cache, before the call that returns. So
//! what was written before something was sent is there after any crash.

mod error;

use std::path::Path;

use codec::{Decode, Encode};
use mutirao_client::{Balance, BlockNumber};
use mutirao_types::{JobBuffer, JobId};
use redb::{Database, ReadableDatabase, ReadableTable, TableDefinition};

use self::error::LAYOUT;
use super::{earnings::Earnings, Record};

pub use error::JournalError;

const RECORDS: TableDefinition<u64, &[u8]> = TableDefinition::new("records");
const NUMBERS: TableDefinition<&str, u64> = TableDefinition::new("numbers");
const SUMS: TableDefinition<&str, &[u8]> = TableDefinition::new("sums");
const NEXT_BLOCK: &str = "next block";
const LAYOUT_NAME: &str = "layout";
const EARNINGS: &str = "earnings";

/// The journal. One process has it open at a time.
#[derive(Debug)]
pub struct Journal {
	database: Database,
	path: String,
}

impl Journal {
	/// Opens a journal, or starts one. The folder must be there.
	///
	/// # Errors
	///
	/// [`JournalError::Database`] if another process has it open, [`JournalError::Layout`].
	pub fn open(path: &Path) -> Result<Self, JournalError> {
		let name = path.display().to_string();
		let database = Database::create(path).map_err(failed(&name))?;
		let journal = Self { database, path: name };
		journal.check_layout()?;
		Ok(journal)
	}

	fn check_layout(&self) -> Result<(), JournalError> {
		let found = self.write(|transaction| {
			transaction.open_table(RECORDS)?;
			transaction.open_table(SUMS)?;
			let mut numbers = transaction.open_table(NUMBERS)?;
			let found = numbers.get(LAYOUT_NAME)?.map(|found| found.value());
			if found.is_none() {
				numbers.insert(LAYOUT_NAME, LAYOUT)?;
			}
			Ok(found.unwrap_or(LAYOUT))
		})?;
		match found {
			LAYOUT => Ok(()),
			found => Err(JournalError::Layout { path: self.path.clone(), found }),
		}
	}

	/// All records, by job.
	///
	/// # Errors
	///
	/// As for every use of it.
	pub fn records(&self) -> Result<Vec<Record>, JournalError> {
		let bytes: Vec<(JobId, Vec<u8>)> = self.read(|transaction| {
			let table = transaction.open_table(RECORDS)?;
			table
				.iter()?
				.map(|entry| {
					let (job, bytes) = entry?;
					Ok((job.value(), bytes.value().to_vec()))
				})
				.collect()
		})?;
		bytes.into_iter().map(|(job, bytes)| self.decode(job, &bytes)).collect()
	}

	/// A job's record.
	///
	/// # Errors
	///
	/// As for every use of it.
	pub fn get(&self, job: JobId) -> Result<Option<Record>, JournalError> {
		let bytes = self.read(|transaction| {
			let found = transaction.open_table(RECORDS)?.get(job)?;
			Ok(found.map(|bytes| bytes.value().to_vec()))
		})?;
		bytes.map(|bytes| self.decode(job, &bytes)).transpose()
	}

	/// Keeps a record, in place of the job's former one.
	///
	/// # Errors
	///
	/// As for every use of it.
	pub fn put(&self, record: &Record) -> Result<(), JournalError> {
		self.write(|transaction| {
			transaction.open_table(RECORDS)?.insert(record.job, record.encode().as_slice())?;
			Ok(())
		})
	}

	/// Changes a job's record, if there is one; the record as it is now.
	///
	/// # Errors
	///
	/// As for every use of it.
	pub fn change(
		&self,
		job: JobId,
		change: impl FnOnce(&mut Record),
	) -> Result<Option<Record>, JournalError> {
		self.write(|transaction| {
			let mut table = transaction.open_table(RECORDS)?;
			let bytes = table.get(job)?.map(|bytes| bytes.value().to_vec());
			let Some(bytes) = bytes else { return Ok(Ok(None)) };
			let mut record = match self.decode(job, &bytes) {
				Ok(record) => record,
				Err(error) => return Ok(Err(error)),
			};
			change(&mut record);
			table.insert(job, record.encode().as_slice())?;
			Ok(Ok(Some(record)))
		})?
	}

	/// Forgets a job.
	///
	/// # Errors
	///
	/// As for every use of it.
	pub fn remove(&self, job: JobId) -> Result<(), JournalError> {
		self.write(|transaction| {
			transaction.open_table(RECORDS)?.remove(job)?;
			Ok(())
		})
	}

	/// Remembers how a job ended and what it earned, at once and once only.
	///
	/// # Errors
	///
	/// As for every use of it.
	pub fn conclude(
		&self,
		record: &Record,
		add: impl FnOnce(&mut Earnings),
	) -> Result<(), JournalError> {
		self.write(|transaction| {
			transaction.open_table(RECORDS)?.insert(record.job, record.encode().as_slice())?;
			let mut sums = transaction.open_table(SUMS)?;
			let bytes = sums.get(EARNINGS)?.map(|bytes| bytes.value().to_vec());
			let mut earnings = bytes.as_deref().map(read_earnings).unwrap_or_default();
			add(&mut earnings);
			sums.insert(EARNINGS, earnings.encode().as_slice())?;
			Ok(())
		})
	}

	/// What was earned so far.
	///
	/// # Errors
	///
	/// As for every use of it.
	pub fn earnings(&self) -> Result<Earnings, JournalError> {
		let bytes = self.read(|transaction| {
			let found = transaction.open_table(SUMS)?.get(EARNINGS)?;
			Ok(found.map(|bytes| bytes.value().to_vec()))
		})?;
		Ok(bytes.as_deref().map(read_earnings).unwrap_or_default())
	}

	/// The block that is read next.
	///
	/// # Errors
	///
	/// As for every use of it.
	pub fn next_block(&self) -> Result<Option<BlockNumber>, JournalError> {
		let found = self.read(|transaction| {
			let found = transaction.open_table(NUMBERS)?.get(NEXT_BLOCK)?;
			Ok(found.map(|number| number.value()))
		})?;
		Ok(found.map(|number| BlockNumber::try_from(number).unwrap_or(BlockNumber::MAX)))
	}

	/// Remembers which block is read next, and the demands that the ones before it had, at once.
	///
	/// # Errors
	///
	/// As for every use of it.
	pub fn advance(
		&self,
		next: BlockNumber,
		demands: &[(JobId, JobBuffer, u32)],
	) -> Result<(), JournalError> {
		for (job, buffer, chunk) in demands {
			self.change(*job, |record| {
				if !record.demands.contains(&(*buffer, *chunk)) {
					record.demands.push((*buffer, *chunk));
				}
			})?;
		}
		self.write(|transaction| {
			transaction.open_table(NUMBERS)?.insert(NEXT_BLOCK, u64::from(next))?;
			Ok(())
		})
	}

	/// Adds to what was paid for calls.
	///
	/// # Errors
	///
	/// As for every use of it.
	pub fn add_fee(&self, fee: Balance) -> Result<(), JournalError> {
		if fee == 0 {
			return Ok(());
		}
		self.write(|transaction| {
			let mut sums = transaction.open_table(SUMS)?;
			let bytes = sums.get(EARNINGS)?.map(|bytes| bytes.value().to_vec());
			let mut earnings = bytes.as_deref().map(read_earnings).unwrap_or_default();
			earnings.fees = earnings.fees.saturating_add(fee);
			sums.insert(EARNINGS, earnings.encode().as_slice())?;
			Ok(())
		})
	}

	fn decode(&self, job: JobId, bytes: &[u8]) -> Result<Record, JournalError> {
		let mut rest = bytes;
		match Record::decode(&mut rest) {
			Ok(record) if rest.is_empty() && record.job == job => Ok(record),
			_ => Err(JournalError::Damaged { path: self.path.clone(), job }),
		}
	}

	fn read<T>(
		&self,
		read: impl FnOnce(&redb::ReadTransaction) -> Result<T, redb::Error>,
	) -> Result<T, JournalError> {
		let reading = || -> Result<T, redb::Error> { read(&self.database.begin_read()?) };
		reading().map_err(failed(&self.path))
	}

	/// Writes, and waits until it is on the disk.
	fn write<T>(
		&self,
		write: impl FnOnce(&redb::WriteTransaction) -> Result<T, redb::Error>,
	) -> Result<T, JournalError> {
		let writing = || -> Result<T, redb::Error> {
			let transaction = self.database.begin_write()?;
			let value = write(&transaction)?;
			transaction.commit()?;
			Ok(value)
		};
		writing().map_err(failed(&self.path))
	}
}

fn read_earnings(mut bytes: &[u8]) -> Earnings {
	Earnings::decode(&mut bytes).unwrap_or_default()
}

fn failed<E: Into<redb::Error>>(path: &str) -> impl FnOnce(E) -> JournalError {
	let path = path.to_owned();
	move |error| {
		let reason = error.into().to_string();
		JournalError::Database { path, reason: reason.trim_end_matches('.').into() }
	}
}

#[cfg(test)]
mod tests;
