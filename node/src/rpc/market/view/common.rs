//! Numbers, texts and names of buffers.

use mutirao_runtime::Hash;
use mutirao_types::BufferId;
use serde::{Serialize, Serializer};

/// A number that JavaScript's may not hold, as a decimal string.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Decimal(pub(crate) u128);

impl From<u128> for Decimal {
	fn from(number: u128) -> Self {
		Self(number)
	}
}

impl From<u64> for Decimal {
	fn from(number: u64) -> Self {
		Self(number.into())
	}
}

impl Serialize for Decimal {
	fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
		serializer.collect_str(&self.0)
	}
}

/// A text that somebody put on the chain. The chain takes UTF-8 only, or ASCII.
pub(crate) fn text(bytes: &[u8]) -> String {
	String::from_utf8_lossy(bytes).into_owned()
}

/// What the chain calls a buffer.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct BufferView {
	hash: Hash,
	bytes: u64,
}

impl From<BufferId> for BufferView {
	fn from(buffer: BufferId) -> Self {
		Self { hash: buffer.hash.into(), bytes: buffer.bytes }
	}
}
