//! How patient and how trusting a client is.

use std::{path::PathBuf, time::Duration};

/// Bounds of a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FetchOptions {
	/// Whether addresses that are not public may be asked: loopback, private networks. Never for
	/// sources that others name.
	pub allow_private: bool,
	/// Requests at once to each source. Each holds about 3 MiB of memory.
	pub connections_per_source: usize,
	/// How long connecting may take.
	pub connect_timeout: Duration,
	/// How long a request may take from its beginning to the end of its answer.
	pub piece_timeout: Duration,
	/// Failures in a row after which a source is left out. A lie counts as all of them.
	pub attempts: u32,
	/// How long a transfer may take, apart from its bytes.
	pub grace: Duration,
	/// The slowest speed at which a transfer goes on.
	pub min_bytes_per_second: u64,
	/// A PEM file with the authorities that are trusted for `https`, instead of the system's.
	pub authorities: Option<PathBuf>,
}

impl Default for FetchOptions {
	fn default() -> Self {
		Self {
			allow_private: false,
			connections_per_source: 2,
			connect_timeout: Duration::from_secs(10),
			piece_timeout: Duration::from_secs(60),
			attempts: 3,
			grace: Duration::from_secs(120),
			min_bytes_per_second: 64 * 1024,
			authorities: None,
		}
	}
}

impl FetchOptions {
	/// The longest that a transfer of so many bytes may take.
	pub fn time_for(&self, bytes: u64) -> Duration {
		self.grace + Duration::from_secs(bytes / self.min_bytes_per_second.max(1))
	}
}
