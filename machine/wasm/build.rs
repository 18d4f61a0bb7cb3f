//! Builds the guest as runtimes are built: wasm32v1-none, optimised for speed, thin LTO, panic =
//! abort. Its own target folder keeps it clear of the lock of the build that runs this.

use std::{env, path::PathBuf, process::Command};

fn main() {
	let manifest = PathBuf::from(variable("CARGO_MANIFEST_DIR"));
	let target = PathBuf::from(variable("OUT_DIR")).join("guest");
	let mut cargo = Command::new(variable("CARGO"));
	cargo
		.args(["build", "--offline", "--package", "mutirao-machine-guest"])
		.args(["--target", "wasm32v1-none", "--profile", "guest", "--target-dir"])
		.arg(&target)
		.current_dir(manifest.join("../.."));
	// Settings of the outer build are for its own target.
	for (name, _) in env::vars_os() {
		let name = name.to_string_lossy().into_owned();
		let is_outer = name.starts_with("CARGO_ENCODED_") || name.starts_with("CARGO_CFG_");
		if is_outer || name == "RUSTFLAGS" || name == "RUSTC_WORKSPACE_WRAPPER" {
			cargo.env_remove(name);
		}
	}
	let status = cargo.status().expect("cargo runs, for it runs this");
	assert!(status.success(), "the guest does not build; see above");
	let guest = target.join("wasm32v1-none/guest/mutirao_machine_guest.wasm");
	println!("cargo::rustc-env=MACHINE_GUEST={}", guest.display());
	for folder in ["../core", "../guest"] {
		println!("cargo::rerun-if-changed={folder}/src");
		println!("cargo::rerun-if-changed={folder}/Cargo.toml");
	}
	println!("cargo::rerun-if-changed=build.rs");
}

fn variable(name: &str) -> String {
	env::var(name).unwrap_or_else(|_| panic!("cargo sets {name}"))
}
