//! Results of command lines: text for people, JSON for programs.

use clap::ValueEnum;
use serde::Serialize;
use std::io::Write as _;

/// How results are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
	/// For people.
	Text,
	/// One JSON object on standard output.
	Json,
}

/// Prints a result on standard output: `text` for people, or the value as JSON.
///
/// # Errors
///
/// If it cannot be written, as when nobody reads on: `mutirao offers | head -1`.
pub fn print<T: Serialize>(
	format: Format,
	value: &T,
	text: impl FnOnce(&T) -> String,
) -> std::io::Result<()> {
	let mut out = std::io::stdout().lock();
	match format {
		Format::Text => writeln!(out, "{}", text(value).trim_end()),
		Format::Json => writeln!(out, "{}", serde_json::to_string(value)?),
	}
}
