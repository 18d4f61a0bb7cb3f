//! Whether strangers' programs run where they can do no harm.

use super::Report;
use crate::gpu::executor::Confined;

/// Looks at how a device's executors are confined; `None`: it has none, the VM is safe by itself.
pub fn check(report: &mut Report, about: &str, confined: Option<&Confined>) {
	check_user(report);
	let Some(confined) = confined else { return };
	if confined.is_complete() {
		report.good(about, "its executors have no network, and limits");
		return;
	}
	if let Some(reason) = &confined.unfiltered {
		let remedy = "a Linux kernel with seccomp (any since 4.14) on x86-64 or ARM has them";
		let found = format!("system calls of its executors are not filtered: {reason}");
		report.warning(about, found, remedy);
	}
	for limit in &confined.unlimited {
		let remedy = "raise the hard limits of the worker's user (`ulimit -H`)";
		report.warning(about, format!("a limit could not be set: {limit}"), remedy);
	}
}

/// Whether the worker is somebody who can do anything. Said once.
fn check_user(report: &mut Report) {
	const ABOUT: &str = "user";
	let is_said = report.findings.iter().any(|finding| finding.about == ABOUT);
	let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
	let mut ids = status.lines().filter_map(|line| line.strip_prefix("Uid:"));
	let is_root = ids.next().and_then(|ids| ids.split_whitespace().nth(1)) == Some("0");
	if is_root && !is_said {
		let remedy = "use a user of its own, as docs/operating/mutirao-worker.service does";
		report.warning(ABOUT, "the worker runs as root", remedy);
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::doctor::Severity;

	#[test]
	fn what_could_not_be_taken_away_is_told() {
		let mut report = Report::default();
		let confined = Confined {
			unlimited: vec!["open files: not permitted".into()],
			unfiltered: Some("no seccomp".into()),
		};
		check(&mut report, "device A", Some(&confined));
		let of_device = report.findings.iter().filter(|finding| finding.about == "device A");
		let severities: Vec<_> = of_device.map(|finding| finding.severity).collect();
		assert_eq!(severities, [Severity::Warning; 2], "{}", report.text());
		let mut report = Report::default();
		let complete = Confined { unlimited: Vec::new(), unfiltered: None };
		check(&mut report, "device A", Some(&complete));
		assert!(report.findings.iter().any(|finding| finding.severity == Severity::Good));
	}
}
