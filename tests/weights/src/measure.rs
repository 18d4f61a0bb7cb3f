//! Running a benchmark over its parameters' ranges.

use crate::runtime::{Benchmark, List, Look, Runtime};
use frame_benchmarking::{BenchmarkParameter, BenchmarkResult};

/// What was seen.
pub(crate) struct Runs {
	pub(crate) time: Vec<BenchmarkResult>,
	pub(crate) storage: Vec<BenchmarkResult>,
}

/// Runs a benchmark `repeat` times for each of `steps` values of each parameter, the others being at
/// their highest; without parameters as often as it would be with one.
pub(crate) fn run(
	runtime: &Runtime,
	list: &List,
	benchmark: &Benchmark,
	steps: u32,
	repeat: u32,
) -> anyhow::Result<Runs> {
	let run = |values: &[(BenchmarkParameter, u32)], look, count, verifies| {
		runtime.run(list, benchmark, values, look, count, verifies)
	};
	let mut runs = Runs { time: Vec::new(), storage: Vec::new() };
	let selections = selections(benchmark, steps);
	let repeat = if benchmark.parameters.is_empty() { repeat * steps } else { repeat };
	for values in &selections {
		run(values, Look::Time, 1, true)?;
		runs.storage.extend(run(values, Look::Storage, 1, false)?);
		runs.time.extend(run(values, Look::Time, repeat, false)?);
	}
	Ok(runs)
}

fn selections(benchmark: &Benchmark, steps: u32) -> Vec<Vec<(BenchmarkParameter, u32)>> {
	let parameters = &benchmark.parameters;
	let highest = || parameters.iter().map(|(name, _, highest)| (*name, *highest));
	if parameters.is_empty() {
		return vec![Vec::new()];
	}
	let mut selections = Vec::new();
	for (index, (name, low, high)) in parameters.iter().enumerate() {
		let span = u64::from(high.saturating_sub(*low));
		for step in 0..u64::from(steps) {
			let value = low + (span * step / u64::from(steps - 1)) as u32;
			let mut values: Vec<_> = highest().collect();
			values[index] = (*name, value);
			selections.push(values);
		}
	}
	selections
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn each_parameter_goes_from_its_lowest_to_its_highest_value() {
		let parameters = vec![(BenchmarkParameter::a, 3, 10), (BenchmarkParameter::b, 0, u32::MAX)];
		let benchmark = Benchmark { name: "x".into(), parameters };
		let values: Vec<Vec<u32>> = selections(&benchmark, 3)
			.into_iter()
			.map(|values| values.into_iter().map(|(_, value)| value).collect())
			.collect();
		let most = u32::MAX;
		let expected = [[3, most], [6, most], [10, most], [10, 0], [10, most / 2], [10, most]];
		assert_eq!(values, expected);
	}

	#[test]
	fn without_parameters_there_is_one_selection() {
		let benchmark = Benchmark { name: "x".into(), parameters: vec![] };
		assert_eq!(selections(&benchmark, 50), [vec![]]);
	}
}
