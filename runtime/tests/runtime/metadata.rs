//! What wallets and clients see of the runtime.

use codec::Decode;
use mutirao_runtime::Runtime;
use sp_core::OpaqueMetadata;
use std::path::PathBuf;

const METADATA_VERSION: u32 = 15;

/// Some constants follow from the state: there must be one, an empty one.
fn metadata() -> OpaqueMetadata {
	let mut state = sp_io::TestExternalities::default();
	let metadata = state.execute_with(|| Runtime::metadata_at_version(METADATA_VERSION));
	metadata.expect("the version is known")
}

/// The client's copy is current. After a deliberate change of the runtime, write it again:
/// `scripts/metadata`.
#[test]
fn client_metadata_is_current() {
	let metadata = metadata();
	let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../client/metadata.scale");
	if std::env::var_os("UPDATE_METADATA").is_some() {
		std::fs::write(&path, &*metadata).unwrap();
	}
	let checked_in = std::fs::read(&path).unwrap_or_default();
	assert!(
		checked_in == *metadata,
		"client/metadata.scale is stale: run scripts/metadata and review what changed for clients"
	);
}

/// A wallet that does not know an extension cannot sign: the list is fixed.
#[test]
fn transaction_extensions_are_the_standard_set() {
	let metadata = metadata();
	let metadata = frame_metadata::RuntimeMetadataPrefixed::decode(&mut &metadata[..]).unwrap();
	let frame_metadata::RuntimeMetadata::V15(metadata) = metadata.1 else { panic!("not V15") };
	let names: Vec<_> = metadata
		.extrinsic
		.signed_extensions
		.iter()
		.map(|extension| extension.identifier.as_str())
		.collect();
	assert_eq!(
		names,
		[
			"AuthorizeCall",
			"CheckNonZeroSender",
			"CheckSpecVersion",
			"CheckTxVersion",
			"CheckGenesis",
			"CheckMortality",
			"CheckNonce",
			"CheckWeight",
			"ChargeTransactionPayment",
			"CheckMetadataHash",
			"WeightReclaim",
		]
	);
}
