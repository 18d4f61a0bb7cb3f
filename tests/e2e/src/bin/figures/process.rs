//! What the system says of a process.

use anyhow::{Context, Result};
use std::{fs, path::Path, process::Command};

/// Memory that a process has, in bytes.
pub(crate) fn resident_bytes(pid: u32) -> Result<f64> {
	let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
	let line = status.lines().find(|line| line.starts_with("VmRSS")).context("no VmRSS")?;
	let kib: f64 = line.split_whitespace().nth(1).context("no figure")?.parse()?;
	Ok(kib * 1024.0)
}

/// Processor time that a process has taken since it started, in seconds.
pub(crate) fn cpu_seconds(pid: u32) -> Result<f64> {
	let stat = fs::read_to_string(format!("/proc/{pid}/stat"))?;
	// After the name in parentheses: the state is the third field, times are the 14th and 15th.
	let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
	let ticks: Vec<f64> = fields.skip(11).take(2).map(str::parse).collect::<Result<_, _>>()?;
	let output = Command::new("getconf").arg("CLK_TCK").output()?;
	let ticks_per_second: f64 = String::from_utf8_lossy(&output.stdout).trim().parse()?;
	Ok(ticks.iter().sum::<f64>() / ticks_per_second)
}

/// The process that `mutirao-worker run` with these settings is.
pub(crate) fn worker(settings: &Path) -> Result<u32> {
	let settings = settings.display().to_string();
	let is_it = |pid: &u32| {
		let line = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
		let words: Vec<_> = line.split(|byte| *byte == 0).collect();
		words.contains(&settings.as_bytes()) && words.contains(&b"run".as_slice())
	};
	let processes = fs::read_dir("/proc")?.flatten();
	let mut ids = processes.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
	ids.find(is_it).context("the worker does not run")
}
