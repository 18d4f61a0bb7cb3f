//! The results of a task: written to files while they are hashed, and read again by the worker.

use std::{
	collections::BTreeMap,
	fs::{self, File},
	io::{self, Read as _, Write as _},
	path::{Path, PathBuf},
	thread,
};

use codec::{DecodeAll as _, Encode as _};
use mutirao_commitment::{ChainingValue, Outboard, GROUP_BYTES};
use mutirao_machine_core::Summary;

use super::{device::Written, DeviceError};

/// The file of a buffer's bytes.
pub(super) fn bytes_path(folder: &Path, buffer: usize) -> PathBuf {
	folder.join(format!("{buffer}.bytes"))
}

/// The file of a buffer's outboard. It is there only if the buffer is complete.
pub(super) fn outboard_path(folder: &Path, buffer: usize) -> PathBuf {
	folder.join(format!("{buffer}.outboard"))
}

/// The buffers that a pass writes, by their index in the program, with their lengths in bytes.
pub(super) fn written_bytes(summary: &Summary) -> BTreeMap<usize, u64> {
	summary.written().map(|slot| (slot.buffer, 4 * u64::from(slot.words))).collect()
}

/// A buffer while it is written.
pub(super) struct Output {
	folder: PathBuf,
	buffer: usize,
	bytes: u64,
	written: u64,
	file: File,
	groups: Vec<ChainingValue>,
	/// Bytes of a buffer of a single group, which is hashed in the end.
	only: Vec<u8>,
}

impl Output {
	/// Starts a buffer of so many bytes. What an earlier task left of it is gone then.
	pub(super) fn create(folder: &Path, buffer: usize, bytes: u64) -> io::Result<Self> {
		match fs::remove_file(outboard_path(folder, buffer)) {
			Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
			_ => {}
		}
		let file = File::create(bytes_path(folder, buffer))?;
		let (groups, only, folder) = (Vec::new(), Vec::new(), folder.to_owned());
		Ok(Self { folder, buffer, bytes, written: 0, file, groups, only })
	}

	/// Writes the next bytes, and hashes them meanwhile. They begin at a whole group, and end at one
	/// unless they are the last.
	pub(super) fn write(&mut self, data: &[u8]) -> io::Result<()> {
		if self.bytes <= GROUP_BYTES as u64 {
			self.only.extend_from_slice(data);
			self.file.write_all(data)?;
		} else {
			let first = self.groups.len() as u64;
			let (written, values) = thread::scope(|scope| {
				let hashing = scope.spawn(|| group_values(first, data));
				(self.file.write_all(data), hashing.join())
			});
			written?;
			self.groups.extend(values.map_err(|_| io::Error::other("hashing failed"))?);
		}
		self.written += data.len() as u64;
		Ok(())
	}

	/// Whether all bytes were written.
	pub(super) fn is_complete(&self) -> bool {
		self.written == self.bytes
	}

	/// Puts everything on disk and names the buffer.
	pub(super) fn finish(self) -> io::Result<Outboard> {
		let outboard = match self.bytes <= GROUP_BYTES as u64 {
			true => Some(Outboard::of(&self.only)),
			false => Outboard::from_groups(self.bytes, self.groups),
		};
		let outboard = outboard.ok_or(io::ErrorKind::UnexpectedEof)?;
		self.file.sync_data()?;
		// The name comes last: an outboard says that its buffer is whole.
		let path = outboard_path(&self.folder, self.buffer);
		let unfinished = path.with_extension("unfinished");
		let mut file = File::create(&unfinished)?;
		file.write_all(&outboard.encode())?;
		file.sync_data()?;
		fs::rename(unfinished, path)?;
		Ok(outboard)
	}
}

/// Hashes groups on all processors.
fn group_values(first: u64, data: &[u8]) -> Vec<ChainingValue> {
	let groups = data.len().div_ceil(GROUP_BYTES);
	let threads = thread::available_parallelism().map_or(1, usize::from);
	let share = groups.div_ceil(threads).max(1);
	let some = |(first, data): (u64, &[u8])| -> Vec<ChainingValue> {
		let groups = (first..).zip(data.chunks(GROUP_BYTES));
		groups.map(|(number, data)| Outboard::group_value(number, data)).collect()
	};
	let shares = (first..).step_by(share).zip(data.chunks(share * GROUP_BYTES));
	if groups < 2 * threads {
		return shares.flat_map(some).collect();
	}
	thread::scope(|scope| {
		let running: Vec<_> = shares.map(|share| scope.spawn(move || some(share))).collect();
		running.into_iter().flat_map(|thread| thread.join().unwrap_or_default()).collect()
	})
}

/// What an executor left in its task's folder. Lengths are checked; that files and hashes belong together
/// is not.
///
/// # Errors
///
/// If a buffer is not there or not whole.
pub(super) fn load(
	folder: &Path,
	summary: &Summary,
) -> Result<BTreeMap<usize, Written>, DeviceError> {
	let buffers = written_bytes(summary).into_iter();
	buffers.map(|(buffer, bytes)| Ok((buffer, load_one(folder, buffer, bytes)?))).collect()
}

fn load_one(folder: &Path, buffer: usize, bytes: u64) -> Result<Written, DeviceError> {
	let path = bytes_path(folder, buffer);
	let wrong = || io::Error::new(io::ErrorKind::InvalidData, "it is not of the task's buffer");
	let found = fs::metadata(&path).map_err(DeviceError::local("a result", &path))?.len();
	if found != bytes {
		return Err(DeviceError::local("a result", path)(wrong()));
	}
	let path = outboard_path(folder, buffer);
	let failed = DeviceError::local("an outboard", &path);
	match read_outboard(&path, bytes) {
		Ok(Some(outboard)) if outboard.id().bytes == bytes => {
			Ok(Written { path: bytes_path(folder, buffer), outboard })
		}
		Ok(_) => Err(failed(wrong())),
		Err(error) => Err(failed(error)),
	}
}

fn read_outboard(path: &Path, bytes: u64) -> io::Result<Option<Outboard>> {
	// Two values for each group, the id and the lengths of the levels.
	let most = bytes.div_ceil(GROUP_BYTES as u64).saturating_mul(64).saturating_add(1024);
	let mut encoded = Vec::new();
	File::open(path)?.take(most + 1).read_to_end(&mut encoded)?;
	let fits = encoded.len() as u64 <= most;
	Ok(fits.then(|| Outboard::decode_all(&mut encoded.as_slice()).ok()).flatten())
}

#[cfg(test)]
mod tests {
	use super::*;

	fn noise(bytes: usize) -> Vec<u8> {
		let mut random = fastrand::Rng::with_seed(bytes as u64);
		(0..bytes).map(|_| random.u8(..)).collect()
	}

	#[test]
	fn what_is_written_is_hashed_and_found_again() {
		let folder = tempfile::tempdir().unwrap();
		for bytes in [4, 1024, 16_380, 16_384, 16_388, 100_000, 5 << 20, (40 << 20) + 8] {
			let data = noise(bytes);
			let mut output = Output::create(folder.path(), 3, bytes as u64).unwrap();
			for slab in data.chunks(16 << 20) {
				assert!(!output.is_complete());
				output.write(slab).unwrap();
			}
			assert!(output.is_complete());
			assert!(load_one(folder.path(), 3, bytes as u64).is_err(), "it has no outboard yet");
			let outboard = output.finish().unwrap();
			assert_eq!(outboard, Outboard::of(&data), "{bytes} bytes");
			let loaded = load_one(folder.path(), 3, bytes as u64).unwrap();
			assert_eq!(loaded.outboard, outboard);
			assert_eq!(fs::read(&loaded.path).unwrap(), data);
			assert!(load_one(folder.path(), 3, bytes as u64 + 4).is_err(), "another length");
		}
		let outboard = outboard_path(folder.path(), 3);
		fs::write(&outboard, vec![0xff; 200_000]).unwrap();
		assert!(load_one(folder.path(), 3, (40 << 20) + 8).is_err(), "no outboard");
	}

	#[test]
	fn what_does_not_fit_on_the_disk_is_an_error() {
		let folder = tempfile::tempdir().unwrap();
		let full = bytes_path(folder.path(), 0);
		std::os::unix::fs::symlink("/dev/full", full).unwrap();
		let mut output = Output::create(folder.path(), 0, 1 << 20).unwrap();
		let error = output.write(&[1; 1 << 20]).unwrap_err();
		assert_eq!(error.kind(), io::ErrorKind::StorageFull);
	}
}
