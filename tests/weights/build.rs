//! Builds the runtime's WASM with its benchmarks, beside the one that a chain runs and without touching
//! it.

use std::path::PathBuf;

fn main() {
	// As in runtime/build.rs.
	std::env::remove_var("RUSTC_WORKSPACE_WRAPPER");
	// The builder works in the build directory that OUT_DIR lies in: one of its own keeps it out of the
	// way of the runtime's own build, which may run at the same time.
	let out = PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
	let own = out.join("benchmarks/build/runtime/out");
	std::fs::create_dir_all(&own).expect("OUT_DIR can be written");
	// By this file's time cargo and the builder agree on whether the WASM is new.
	let invoked = own.join("../invoked.timestamp");
	if !invoked.exists() {
		std::fs::hard_link(out.join("../invoked.timestamp"), invoked).expect("cargo made it");
	}
	std::env::set_var("OUT_DIR", &own);
	let runtime = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../runtime/Cargo.toml");
	let runtime = runtime.canonicalize().expect("the runtime is there");
	substrate_wasm_builder::WasmBuilder::new()
		.with_project(runtime)
		.expect("the runtime is there")
		.import_memory()
		.export_heap_base()
		.enable_feature("runtime-benchmarks")
		.build();
	println!("cargo:rustc-env=WASM_BINARY={}", own.join("wasm_binary.rs").display());
}
