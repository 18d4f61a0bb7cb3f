//! A kernel's files.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Args;
use mutirao_machine_core::{bytecode::LineTable, Program, RunError};
use mutirao_machine_gpu::vm::VmError;
use mutirao_machine_wgsl::{
	compile::{compile, SourcePass},
	manifest::Manifest,
};

use crate::exit::{failed, Failure};

/// Which kernel.
#[derive(Args)]
pub(crate) struct KernelPath {
	/// The kernel's folder, or its manifest.
	path: PathBuf,
}

/// A compiled kernel with its source.
pub(crate) struct Loaded {
	pub(crate) name: String,
	pub(crate) source: String,
	pub(crate) source_path: PathBuf,
	pub(crate) program: Program,
	pub(crate) lines: LineTable,
	pub(crate) source_passes: Vec<SourcePass>,
}

impl KernelPath {
	/// Reads and compiles the kernel.
	pub(crate) fn load(&self) -> anyhow::Result<Loaded> {
		load(&self.path)
	}
}

/// Reads and compiles the kernel in a folder, or of a manifest.
pub(crate) fn load(path: &Path) -> anyhow::Result<Loaded> {
	let manifest_path = match path.is_dir() {
		true => path.join("manifest.toml"),
		false => path.into(),
	};
	let text = read(&manifest_path)?;
	let refused = |path: &Path, error: &dyn std::fmt::Display| {
		failed(Failure::Refused, format!("{}:{error}", path.display()))
	};
	let manifest = Manifest::parse(&text).map_err(|error| refused(&manifest_path, &error))?;
	let folder = manifest_path.parent().unwrap_or(Path::new("."));
	let source_path = folder.join(&manifest.program.source);
	let source = read(&source_path)?;
	let compiled = compile(&manifest, &source).map_err(|error| match &error {
		mutirao_machine_wgsl::compile::CompileError::Manifest(inner) => {
			refused(&manifest_path, inner)
		}
		_ => refused(&source_path, &error),
	})?;
	let program =
		Program::new(compiled.definition).map_err(|error| refused(&source_path, &error))?;
	Ok(Loaded {
		name: manifest.program.name,
		source,
		source_path,
		program,
		lines: compiled.lines,
		source_passes: compiled.source_passes,
	})
}

fn read(path: &Path) -> anyhow::Result<String> {
	std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}

impl Loaded {
	/// A VM error with the line of the source that it comes from.
	pub(crate) fn explain(&self, error: &VmError) -> anyhow::Error {
		let RunError::Fault(fault) = &error.error else {
			return failed(Failure::Input, error);
		};
		// What comes before the first line of an entry point, such as its built-in values, is shown as
		// that line.
		let kernel = self.program.definition().kernels.get(fault.kernel);
		let end = kernel.map_or(0, |kernel| kernel.code.len());
		let mut operations = fault.operation..end;
		let Some(place) =
			operations.find_map(|operation| self.lines.find(fault.kernel, operation as u32))
		else {
			return failed(Failure::Fault, error);
		};
		let text = self.source.lines().nth(place.line as usize - 1).unwrap_or_default();
		let message = format!(
			"{}:{}:{}: pass {}, workgroup {}: {}\n  {}",
			self.source_path.display(),
			place.line,
			place.column,
			error.pass,
			error.workgroup,
			fault.reason,
			text.trim()
		);
		failed(Failure::Fault, message)
	}
}
