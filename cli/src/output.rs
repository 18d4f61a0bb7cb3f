//! Results as text or JSON, and progress on long work.

use std::io::IsTerminal as _;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

pub(crate) use mutirao_client::output::{print, printable, Format};

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
		Format::Text => eprintln!("{}", printable(text)),
		Format::Json => eprintln!("{}", serde_json::json!({ "stage": stage, "text": text })),
	}
}
