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
		Format::Text => writeln!(out, "{}", printable(text(value).trim_end())),
		Format::Json => writeln!(out, "{}", serde_json::to_string(value)?),
	}
}

/// A text without what a terminal would obey: names, addresses and errors are what strangers wrote.
pub fn printable(text: &str) -> String {
	let is_bare = |c: char| c.is_control() && c != '\n' && c != '\t';
	// They change the order of what stands around them.
	let turns = |c| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
	text.chars()
		.map(|c| if is_bare(c) || turns(c) { char::REPLACEMENT_CHARACTER } else { c })
		.collect()
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn nothing_that_is_printed_commands_the_terminal() {
		let said = "good\tnews\nRadeon\u{1b}[2K\r\u{202e}0 TUM \u{9b}1A";
		let shown = printable(said);
		assert_eq!(shown, "good\tnews\nRadeon\u{fffd}[2K\u{fffd}\u{fffd}0 TUM \u{fffd}1A");
		assert_eq!(printable("São Paulo → 3 µs"), "São Paulo → 3 µs");
	}
}
