//! Everything that could keep this machine from earning: found in one go, said in order, each with what
//! to do about it; and then decided.

mod account;
mod configuration;
mod data;
mod devices;
mod node;
mod sandbox;

use serde::Serialize;

use crate::exit::Failure;

pub use account::check as check_account;
pub use configuration::check as check_configuration;
pub use data::check as check_data;
pub(crate) use data::is_private;
pub use devices::check as check_devices;
pub use node::{check as check_node, compare_clocks, Clocks};
pub use sandbox::check as check_sandbox;

/// How bad a finding is.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
	/// As it should be.
	Good,
	/// Worth knowing.
	Note,
	/// It works, and will not for ever, or not as well as it could.
	Warning,
	/// It does not work.
	Error,
}

/// One thing that was looked at.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Finding {
	/// How bad.
	pub severity: Severity,
	/// What was looked at, such as `clock`.
	pub about: String,
	/// What was found.
	pub found: String,
	/// What to do; empty if nothing.
	pub remedy: String,
	/// The exit code that an error has.
	#[serde(skip)]
	pub failure: Failure,
}

/// All that was looked at, in order.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize)]
pub struct Report {
	/// The findings.
	pub findings: Vec<Finding>,
}

impl Report {
	/// As it should be.
	pub fn good(&mut self, about: &str, found: impl Into<String>) {
		self.add(Severity::Good, Failure::Other, about, found.into(), String::new());
	}

	/// Worth knowing.
	pub fn note(&mut self, about: &str, found: impl Into<String>, remedy: impl Into<String>) {
		self.add(Severity::Note, Failure::Other, about, found.into(), remedy.into());
	}

	/// It works, and will not for ever.
	pub fn warning(&mut self, about: &str, found: impl Into<String>, remedy: impl Into<String>) {
		self.add(Severity::Warning, Failure::Other, about, found.into(), remedy.into());
	}

	/// It does not work.
	pub fn error(
		&mut self,
		failure: Failure,
		about: &str,
		found: impl Into<String>,
		remedy: impl Into<String>,
	) {
		self.add(Severity::Error, failure, about, found.into(), remedy.into());
	}

	fn add(
		&mut self,
		severity: Severity,
		failure: Failure,
		about: &str,
		found: String,
		remedy: String,
	) {
		self.findings.push(Finding { severity, about: about.into(), found, remedy, failure });
	}

	/// How many findings are so bad.
	pub fn count(&self, severity: Severity) -> usize {
		self.findings.iter().filter(|finding| finding.severity == severity).count()
	}

	/// The exit code: of the first error.
	pub fn failure(&self) -> Option<Failure> {
		let error = self.findings.iter().find(|finding| finding.severity == Severity::Error);
		error.map(|finding| finding.failure)
	}

	/// The findings for people, and what they come to.
	pub fn text(&self) -> String {
		let mut text = String::new();
		for finding in &self.findings {
			let mark = match finding.severity {
				Severity::Good => "ok     ",
				Severity::Note => "note   ",
				Severity::Warning => "warning",
				Severity::Error => "ERROR  ",
			};
			text += &format!("{mark}  {}: {}\n", finding.about, finding.found);
			if !finding.remedy.is_empty() {
				text += &format!("         -> {}\n", finding.remedy);
			}
		}
		let (errors, warnings) = (self.count(Severity::Error), self.count(Severity::Warning));
		text += &match errors {
			0 => format!("ready to serve ({warnings} warnings)\n"),
			_ => format!("not ready: {errors} errors, {warnings} warnings\n"),
		};
		text
	}
}

#[cfg(test)]
mod tests;
