//! What the executor takes away from itself before it touches a driver.

use codec::{Decode, Encode};
use rlimit::Resource;

use super::filter;

/// The most open files.
const FILES: u64 = 4096;
/// The most threads and processes of this user, which a chain of forks would reach.
const PROCESSES: u64 = 16_384;

/// How far an executor has confined itself. What could not be done is said, and the task goes on.
#[derive(Clone, Debug, Decode, Encode, Eq, PartialEq)]
pub struct Confined {
	/// Limits that could not be set, and why.
	pub unlimited: Vec<String>,
	/// Why system calls are not filtered: an old kernel, or another processor than this program
	/// knows. The executor can then reach the network.
	pub unfiltered: Option<String>,
}

impl Confined {
	/// Whether everything was done.
	pub fn is_complete(&self) -> bool {
		self.unlimited.is_empty() && self.unfiltered.is_none()
	}
}

/// Sets limits, then the filter of system calls, for all threads of this process.
///
/// Address space is limited on request only: a hardware driver maps much more than it uses.
pub(super) fn confine(address_space: Option<u64>) -> Confined {
	let mut limits = vec![
		("core files", Resource::CORE, 0),
		("open files", Resource::NOFILE, FILES),
		("processes", Resource::NPROC, PROCESSES),
	];
	limits.extend(address_space.map(|bytes| ("address space", Resource::AS, bytes)));
	let failed = |(what, resource, most): (&str, Resource, u64)| {
		limit(resource, most).err().map(|error| format!("{what}: {error}"))
	};
	let unlimited = limits.into_iter().filter_map(failed).collect();
	Confined { unlimited, unfiltered: filter::install().err() }
}

fn limit(resource: Resource, most: u64) -> std::io::Result<()> {
	let (_, hard) = resource.get()?;
	let most = most.min(hard);
	resource.set(most, most)
}
