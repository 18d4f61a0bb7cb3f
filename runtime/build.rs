//! Builds the runtime's WASM.

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
	let builder = builder.enable_metadata_hash("MUT", 12);
	builder.build();
}
