//! `mutirao kernel build`.

use std::path::PathBuf;

use anyhow::Context as _;
use clap::Args;
use serde::Serialize;

use super::load::KernelPath;
use crate::output::{print, Format};

/// Arguments of `build`.
#[derive(Args)]
pub(crate) struct Build {
	#[command(flatten)]
	kernel: KernelPath,
	/// Where the program goes; without it, NAME.mtr in the current folder.
	#[arg(long, value_name = "FILE")]
	to: Option<PathBuf>,
}

#[derive(Serialize)]
struct Built {
	file: PathBuf,
	bytes: usize,
	hash: String,
}

impl Build {
	/// Writes the encoded program.
	pub(crate) fn run(self, format: Format) -> anyhow::Result<()> {
		let loaded = self.kernel.load()?;
		let encoded = loaded.program.encode();
		let file = self.to.unwrap_or_else(|| PathBuf::from(format!("{}.mtr", loaded.name)));
		std::fs::write(&file, &encoded)
			.with_context(|| format!("cannot write {}", file.display()))?;
		let hash = blake3::hash(&encoded).to_string();
		Ok(print(format, &Built { file, bytes: encoded.len(), hash }, |built| {
			format!("{}: {} bytes, {}", built.file.display(), built.bytes, built.hash)
		})?)
	}
}
