//! Results as text or JSON, and progress on long work.

use std::io::IsTerminal as _;

use clap::ValueEnum;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde::Serialize;

/// How results are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
	/// For people.
	Text,
	/// One JSON object on standard output.
	Json,
}

/// Prints a result: `text` for people, or the value as JSON.
pub(crate) fn print<T: Serialize>(
	format: Format,
	value: &T,
	text: impl FnOnce(&T) -> String,
) -> anyhow::Result<()> {
	match format {
		Format::Text => println!("{}", text(value).trim_end()),
		Format::Json => println!("{}", serde_json::to_string(value)?),
	}
	Ok(())
}

/// A progress bar on standard error, if that is a terminal.
pub(crate) fn progress(total: u64, unit: &str) -> ProgressBar {
	let template = format!("{{wide_bar}} {{pos}}/{{len}} {unit} {{eta}}");
	let style =
		ProgressStyle::with_template(&template).unwrap_or_else(|_| ProgressStyle::default_bar());
	ProgressBar::with_draw_target(Some(total), target()).with_style(style)
}

fn target() -> ProgressDrawTarget {
	match std::io::stderr().is_terminal() {
		true => ProgressDrawTarget::stderr(),
		false => ProgressDrawTarget::hidden(),
	}
}

/// A progress bar of bytes on standard error, if that is a terminal.
pub(crate) fn transfer(total: u64, what: &str) -> ProgressBar {
	let template = format!("{what} {{wide_bar}} {{bytes}}/{{total_bytes}} {{eta}}");
	let style =
		ProgressStyle::with_template(&template).unwrap_or_else(|_| ProgressStyle::default_bar());
	ProgressBar::with_draw_target(Some(total), target()).with_style(style)
}

/// A line on standard error about what happens now; in JSON, one object a line.
pub(crate) fn news(format: Format, stage: &str, text: &str) {
	match format {
		Format::Text => eprintln!("{text}"),
		Format::Json => eprintln!("{}", serde_json::json!({ "stage": stage, "text": text })),
	}
}
