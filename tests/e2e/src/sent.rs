//! Programs that are run to their end.

use anyhow::{bail, Context, Result};
use serde_json::Value;
use std::process::{Command, Stdio};

/// What a program that has ended left.
pub struct Sent {
	/// Its exit code; `None`: a signal ended it.
	pub code: Option<i32>,
	/// Its standard output.
	pub stdout: String,
	/// Its standard error.
	pub stderr: String,
	line: String,
}

impl Sent {
	/// Runs a program to its end.
	pub fn run(mut command: Command) -> Result<Self> {
		let line = format!("{command:?}");
		let output = command.stdin(Stdio::null()).output().with_context(|| line.clone())?;
		Ok(Self {
			code: output.status.code(),
			stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
			stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
			line,
		})
	}

	/// Fails unless the exit code is 0.
	pub fn success(self) -> Result<Self> {
		if self.code != Some(0) {
			bail!("{}: exit code {:?}\n{}{}", self.line, self.code, self.stdout, self.stderr);
		}
		Ok(self)
	}

	/// The JSON that a program that succeeded printed.
	pub fn json(self) -> Result<Value> {
		let sent = self.success()?;
		serde_json::from_str(&sent.stdout)
			.with_context(|| format!("{}: {}", sent.line, sent.stdout))
	}
}
