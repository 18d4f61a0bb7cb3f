//! Builds the runtime's WASM.

#[cfg(any(feature = "metadata-hash", feature = "upgraded-wasm"))]
#[path = "src/constants/identity.rs"]
#[allow(dead_code, unreachable_pub)]
mod identity;

fn main() {
	#[cfg(feature = "std")]
	build_wasm();
}

#[cfg(feature = "std")]
fn build_wasm() {
	// Lints ran on the native build; the WASM is compiled by whichever toolchain has the target,
	// and that one need not have clippy.
	std::env::remove_var("RUSTC_WORKSPACE_WRAPPER");
	let builder = substrate_wasm_builder::WasmBuilder::init_with_defaults();
	#[cfg(feature = "metadata-hash")]
	let builder = builder.enable_metadata_hash(identity::TOKEN_SYMBOL, identity::TOKEN_DECIMALS);
	builder.build();
	#[cfg(feature = "upgraded-wasm")]
	upgrade::build_wasm();
}

/// A second WASM for tests: what an upgrade from this version would bring.
#[cfg(feature = "upgraded-wasm")]
mod upgrade {
	use super::identity::{SS58_PREFIX, TOKEN_DECIMALS, TOKEN_SYMBOL};
	use codec::Decode;
	use frame_metadata::RuntimeMetadataPrefixed;
	use merkleized_metadata::{generate_metadata_digest, ExtraInfo};

	/// One more than `VERSION.spec_version`, as the feature `next-spec-version` makes it.
	const SPEC_VERSION: u32 = 2;
	const METADATA: &str = "../client/metadata.scale";

	/// Builds with the next version and the metadata's hash, as `on-chain-release-build` would. The
	/// hash comes from the checked-in metadata, which a test keeps current: this spares the second
	/// compilation and the executor that `enable_metadata_hash` needs.
	pub(super) fn build_wasm() {
		println!("cargo:rerun-if-changed={METADATA}");
		let metadata = std::fs::read(METADATA).expect("client/metadata.scale is checked in");
		let metadata = RuntimeMetadataPrefixed::decode(&mut metadata.as_slice())
			.expect("client/metadata.scale is metadata")
			.1;
		let info = ExtraInfo {
			spec_version: SPEC_VERSION,
			spec_name: "mutirao".into(),
			base58_prefix: SS58_PREFIX,
			decimals: TOKEN_DECIMALS,
			token_symbol: TOKEN_SYMBOL.into(),
		};
		let hash =
			generate_metadata_digest(&metadata, info).expect("the metadata can be hashed").hash();
		let hex = hash.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
		std::env::set_var("RUNTIME_METADATA_HASH", format!("0x{hex}"));
		substrate_wasm_builder::WasmBuilder::init_with_defaults()
			.enable_feature("next-spec-version")
			.set_file_name("upgraded_wasm_binary.rs")
			.build();
	}
}
