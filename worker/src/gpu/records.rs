//! What is remembered of devices over restarts: which have shown that they are right, and which are
//! kept from serving.

use std::{
	collections::BTreeMap,
	fs,
	io::{self, Write as _},
	path::{Path, PathBuf},
	sync::{Arc, Mutex, MutexGuard, PoisonError},
	time::SystemTime,
};

use serde::{Deserialize, Serialize};

use super::DeviceInfo;

/// A device that may not serve.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Quarantined {
	/// Why.
	pub reason: String,
	/// Since when, in seconds since 1970.
	pub since_unix_s: u64,
}

/// A device that computed what the VM computes.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
struct Conforms {
	driver: String,
	/// The version of the worker that checked it.
	worker: String,
	steps_per_second: u64,
}

#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
struct Record {
	conforms: Option<Conforms>,
	quarantined: Option<Quarantined>,
}

/// By the devices' names. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Records {
	shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
	/// None: nothing survives this process.
	path: Option<PathBuf>,
	records: Mutex<BTreeMap<String, Record>>,
}

impl Records {
	/// Reads `devices.json` in a folder, which is made if it is not there.
	///
	/// # Errors
	///
	/// If the file cannot be read or is no record of devices.
	pub fn open(folder: &Path) -> io::Result<Self> {
		fs::create_dir_all(folder)?;
		let path = folder.join("devices.json");
		let records = match fs::read(&path) {
			Ok(text) => serde_json::from_slice(&text).map_err(|error| {
				let text = format!(
					"{} is no record of devices: {error}. Remove it to have all devices checked anew",
					path.display()
				);
				io::Error::new(io::ErrorKind::InvalidData, text)
			})?,
			Err(error) if error.kind() == io::ErrorKind::NotFound => BTreeMap::new(),
			Err(error) => return Err(error),
		};
		Ok(Self { shared: Arc::new(Shared { path: Some(path), records: Mutex::new(records) }) })
	}

	/// Why a device may not serve; nothing if it may.
	pub fn quarantined(&self, device: &str) -> Option<Quarantined> {
		self.records().get(device)?.quarantined.clone()
	}

	/// Keeps a device from serving, now and after a restart. The first reason stays. Before it serves
	/// again, it must be [cleared](Self::clear) and then show anew that it is right.
	pub fn quarantine(&self, device: &str, reason: &str) {
		let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
		let since_unix_s = since.map_or(0, |since| since.as_secs());
		tracing::error!(device, reason, "device quarantined");
		self.change(|records| {
			let record = records.entry(device.to_owned()).or_default();
			let quarantined = Quarantined { reason: reason.to_owned(), since_unix_s };
			record.quarantined.get_or_insert(quarantined);
			record.conforms = None;
		});
	}

	/// Lets a device serve again, once it has shown that it is right. Tells whether it was in
	/// quarantine.
	pub fn clear(&self, device: &str) -> bool {
		self.change(|records| {
			let record = records.get_mut(device);
			record.is_some_and(|record| record.quarantined.take().is_some())
		})
	}

	/// Declared steps per second of a device that has shown before that it is right: the same device
	/// with the same driver, to the same version of the worker.
	pub(super) fn conforms(&self, info: &DeviceInfo) -> Option<u64> {
		let records = self.records();
		let known = records.get(&info.name)?.conforms.as_ref()?;
		let is_same = known.driver == info.driver && known.worker == env!("CARGO_PKG_VERSION");
		is_same.then_some(known.steps_per_second)
	}

	/// Remembers that a device has shown that it is right.
	pub(super) fn set_conforms(&self, info: &DeviceInfo, steps_per_second: u64) {
		let (driver, worker) = (info.driver.clone(), env!("CARGO_PKG_VERSION").to_owned());
		self.change(|records| {
			let record = records.entry(info.name.clone()).or_default();
			record.conforms = Some(Conforms { driver, worker, steps_per_second });
		});
	}

	fn records(&self) -> MutexGuard<'_, BTreeMap<String, Record>> {
		self.shared.records.lock().unwrap_or_else(PoisonError::into_inner)
	}

	fn change<T>(&self, change: impl FnOnce(&mut BTreeMap<String, Record>) -> T) -> T {
		let mut records = self.records();
		let result = change(&mut records);
		if let Some(path) = &self.shared.path {
			if let Err(error) = save(path, &records) {
				let path = path.display();
				tracing::error!(%path, %error, "the record of devices cannot be written; it holds \
					until the worker ends");
			}
		}
		result
	}
}

fn save(path: &Path, records: &BTreeMap<String, Record>) -> io::Result<()> {
	let folder = path.parent().unwrap_or(Path::new("."));
	let mut file = tempfile::NamedTempFile::new_in(folder)?;
	serde_json::to_writer_pretty(&mut file, records)?;
	file.flush()?;
	file.as_file().sync_data()?;
	file.persist(path).map(|_| ()).map_err(|error| error.error)
}

#[cfg(test)]
mod tests {
	use super::*;
	use mutirao_types::Backend;

	fn info(name: &str, driver: &str) -> DeviceInfo {
		DeviceInfo {
			name: name.into(),
			backend: Backend::Vulkan,
			driver: driver.into(),
			memory_mib: 0,
			max_buffer_bytes: 0,
			loop_limit: None,
			steps_per_second: None,
		}
	}

	#[test]
	fn what_is_known_of_devices_survives_a_restart() {
		let folder = tempfile::tempdir().unwrap();
		let records = Records::open(folder.path()).unwrap();
		records.set_conforms(&info("a", "1"), 7);
		records.set_conforms(&info("b", "1"), 8);
		records.quarantine("b", "first");
		records.quarantine("b", "second");
		drop(records);
		let records = Records::open(folder.path()).unwrap();
		assert_eq!(records.conforms(&info("a", "1")), Some(7));
		assert_eq!(records.conforms(&info("a", "2")), None, "another driver");
		assert_eq!(records.quarantined("a"), None);
		assert_eq!(records.quarantined("b").unwrap().reason, "first");
		assert!(records.clear("b") && !records.clear("b") && !records.clear("c"));
		assert_eq!(Records::open(folder.path()).unwrap().quarantined("b"), None);
		assert_eq!(records.conforms(&info("b", "1")), None, "it must show anew that it is right");
	}

	#[test]
	fn a_file_that_is_no_record_is_an_error_that_says_what_to_do() {
		let folder = tempfile::tempdir().unwrap();
		fs::write(folder.path().join("devices.json"), "{\"a\": 1}").unwrap();
		let error = Records::open(folder.path()).unwrap_err().to_string();
		assert!(error.contains("devices.json") && error.contains("Remove it"), "{error}");
	}
}
