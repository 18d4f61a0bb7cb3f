//! `mutirao kernel disasm`.

use clap::Args;
use mutirao_machine_core::bytecode::Operation;
use serde::Serialize;

use super::load::{KernelPath, Loaded};
use crate::output::{print, Format};

/// Arguments of `disasm`.
#[derive(Args)]
pub(crate) struct Disasm {
	#[command(flatten)]
	kernel: KernelPath,
}

#[derive(Serialize)]
struct Line {
	kernel: usize,
	operation: usize,
	depth: usize,
	text: String,
	/// Line of the source.
	source_line: Option<u32>,
}

impl Disasm {
	/// Prints every operation.
	pub(crate) fn run(self, format: Format) -> anyhow::Result<()> {
		let loaded = self.kernel.load()?;
		Ok(print(format, &listing(&loaded), |lines| text(&loaded, lines))?)
	}
}

fn listing(loaded: &Loaded) -> Vec<Line> {
	let mut lines = Vec::new();
	for (kernel, code) in loaded.program.definition().kernels.iter().enumerate() {
		let mut depth = 0usize;
		for (operation, code) in code.code.iter().enumerate() {
			let closes = matches!(code, Operation::End | Operation::Else | Operation::Continuing);
			let opens = matches!(
				code,
				Operation::If(_) | Operation::Loop | Operation::Else | Operation::Continuing
			);
			depth = depth.saturating_sub(usize::from(closes));
			lines.push(Line {
				kernel,
				operation,
				depth,
				text: format!("{code:?}"),
				source_line: loaded.lines.find(kernel, operation as u32).map(|place| place.line),
			});
			depth += usize::from(opens);
		}
	}
	lines
}

/// Each source line once, above the operations that it became.
fn text(loaded: &Loaded, lines: &[Line]) -> String {
	let mut text = String::new();
	let mut shown = (usize::MAX, None);
	for line in lines {
		if shown.0 != line.kernel {
			text += &format!("kernel {}\n", line.kernel);
		}
		if shown != (line.kernel, line.source_line) {
			if let Some(number) = line.source_line {
				let source = loaded.source.lines().nth(number as usize - 1).unwrap_or_default();
				text += &format!("; {number}: {}\n", source.trim());
			}
			shown = (line.kernel, line.source_line);
		}
		let indent = "  ".repeat(line.depth);
		text += &format!("{:5}  {indent}{}\n", line.operation, line.text);
	}
	text
}
