//! What the programs that measure share: figures as JSON lines, processes, a market with one provider.

pub(crate) mod lives;
pub(crate) mod market;
pub(crate) mod process;

use anyhow::{Context, Result};

/// Prints a figure.
pub(crate) fn print(name: &str, value: f64, unit: &str) {
	println!("{}", serde_json::json!({ "name": name, "value": value, "unit": unit }));
}

/// Prints the median and the 99th percentile.
pub(crate) fn print_quantiles(name: &str, mut values: Vec<f64>, unit: &str) -> Result<()> {
	print(&format!("{name}_p50"), quantile(&mut values, 0.50)?, unit);
	print(&format!("{name}_p99"), quantile(&mut values, 0.99)?, unit);
	Ok(())
}

/// The value below which a share `q` of the values lie.
pub(crate) fn quantile(values: &mut [f64], q: f64) -> Result<f64> {
	values.sort_by(f64::total_cmp);
	let index = ((values.len() as f64 * q) as usize).min(values.len().saturating_sub(1));
	values.get(index).copied().context("nothing was measured")
}
