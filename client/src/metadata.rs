//! What this program was compiled against.

use crate::Error;
use subxt::{ArcMetadata, Metadata};

/// The checked-in metadata, from which [`crate::api`] is generated.
const CHECKED_IN: &[u8] = include_bytes!("../metadata.scale");

/// The description of the chain that this program knows.
///
/// # Errors
///
/// [`Error::Decode`] when the file is damaged.
pub fn known_metadata() -> Result<ArcMetadata, Error> {
	Metadata::decode_from(CHECKED_IN).map(Metadata::arc).map_err(|reason| Error::Decode {
		what: "the metadata that this program was built with".into(),
		reason: reason.to_string(),
	})
}
