//! Bytes to values. Both sides use the same types, so bytes are all that need travel.

use crate::Error;
use codec::{Decode, DecodeAll};

/// Reads a value that takes all of the bytes.
///
/// # Errors
///
/// [`Error::Decode`], naming `what` was read.
pub(crate) fn decode<T: Decode>(what: &str, bytes: &[u8]) -> Result<T, Error> {
	T::decode_all(&mut &*bytes)
		.map_err(|e| Error::Decode { what: what.into(), reason: e.to_string() })
}
