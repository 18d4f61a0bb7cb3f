//! Figures from runs, and the file of weights that is made of them. Its fields have the names that
//! frame-omni-bencher gives them in templates.

use crate::{measure::Runs, proof, runtime::Benchmark};
use anyhow::Context;
use frame_benchmarking::{Analysis, BenchmarkSelector};
use frame_support::traits::StorageInfo;
use handlebars::Handlebars;
use serde::Serialize;
use std::path::Path;

/// A file of weights.
#[derive(Serialize)]
pub(crate) struct Page {
	pallet: String,
	date: String,
	cpuname: String,
	cmd: Command,
	benchmarks: Vec<Figures>,
}

#[derive(Serialize)]
struct Command {
	steps: u32,
	repeat: u32,
}

/// What a benchmark showed: a base and a slope for each parameter that matters. Times are in picoseconds.
/// Numbers are texts, as templates compare them.
#[derive(Serialize)]
pub(crate) struct Figures {
	name: String,
	components: Vec<Component>,
	component_ranges: Vec<Range>,
	base_weight: String,
	base_reads: String,
	base_writes: String,
	base_calculated_proof_size: String,
	component_weight: Vec<Slope>,
	component_reads: Vec<Slope>,
	component_writes: Vec<Slope>,
	component_calculated_proof_size: Vec<Slope>,
}

#[derive(Serialize)]
struct Component {
	name: String,
	is_used: bool,
}

#[derive(Serialize)]
struct Range {
	name: String,
	min: u32,
	max: u32,
}

#[derive(Serialize)]
struct Slope {
	name: String,
	slope: String,
}

impl Figures {
	/// Analyses what was seen.
	pub(crate) fn of(
		benchmark: &Benchmark,
		mut runs: Runs,
		storage: &[StorageInfo],
	) -> anyhow::Result<Self> {
		let name = &benchmark.name;
		let analysed = |analysis: anyhow::Result<Analysis>| {
			let analysis = analysis.with_context(|| format!("cannot analyse {name}"))?;
			Ok::<_, anyhow::Error>((analysis.base.to_string(), slopes(&analysis)))
		};
		// The greater of two ways to fit a line, for time varies; what is read and written does not.
		let time = analysed(Analysis::max(&runs.time, BenchmarkSelector::ExtrinsicTime))?;
		let count = |selector| analysed(Analysis::min_squares_iqr(&runs.storage, selector));
		let (reads, writes) = (count(BenchmarkSelector::Reads)?, count(BenchmarkSelector::Writes)?);
		for run in &mut runs.storage {
			run.proof_size = proof::bytes(run, storage);
		}
		let proof =
			analysed(Analysis::min_squares_iqr(&runs.storage, BenchmarkSelector::ProofSize))?;

		let used = [&time, &reads, &writes, &proof];
		let is_used =
			|name: &String| used.iter().any(|(_, all)| all.iter().any(|s| s.name == *name));
		let names = benchmark.parameters.iter().map(|(name, ..)| name.to_string());
		let component = |name| Component { is_used: is_used(&name), name };
		let components = names.map(component).collect();
		let range = |(name, min, max): &(frame_benchmarking::BenchmarkParameter, u32, u32)| Range {
			name: name.to_string(),
			min: *min,
			max: *max,
		};
		Ok(Self {
			name: name.clone(),
			components,
			component_ranges: benchmark.parameters.iter().map(range).collect(),
			base_weight: time.0,
			base_reads: reads.0,
			base_writes: writes.0,
			base_calculated_proof_size: proof.0,
			component_weight: time.1,
			component_reads: reads.1,
			component_writes: writes.1,
			component_calculated_proof_size: proof.1,
		})
	}
}

fn slopes(analysis: &Analysis) -> Vec<Slope> {
	let all = analysis.names.iter().zip(&analysis.slopes);
	all.filter(|(_, slope)| **slope > 0)
		.map(|(name, slope)| Slope { name: name.clone(), slope: slope.to_string() })
		.collect()
}

impl Page {
	/// The figures of a pallet, measured now and here.
	pub(crate) fn new(pallet: &str, steps: u32, repeat: u32, benchmarks: Vec<Figures>) -> Self {
		Self {
			pallet: pallet.into(),
			date: chrono::Utc::now().format("%Y-%m-%d").to_string(),
			cpuname: cpu_name(),
			cmd: Command { steps, repeat },
			benchmarks,
		}
	}

	/// Writes the file.
	pub(crate) fn write(&self, template: &Path, output: &Path) -> anyhow::Result<()> {
		let text = std::fs::read_to_string(template)
			.with_context(|| format!("cannot read {}", template.display()))?;
		std::fs::write(output, self.render(&text)?)
			.with_context(|| format!("cannot write {}", output.display()))
	}

	fn render(&self, template: &str) -> anyhow::Result<String> {
		handlebars::handlebars_helper!(underscore: |number: str| underscored(number));
		let mut handlebars = Handlebars::new();
		handlebars.register_helper("underscore", Box::new(underscore));
		handlebars.register_escape_fn(handlebars::no_escape);
		handlebars.render_template(template, self).context("the template cannot be filled in")
	}
}

/// `1234567` as `1_234_567`.
fn underscored(number: &str) -> String {
	let groups: Vec<&str> = number
		.as_bytes()
		.rchunks(3)
		.rev()
		.map(|group| std::str::from_utf8(group).unwrap_or_default())
		.collect();
	groups.join("_")
}

/// The processor's own name for itself.
fn cpu_name() -> String {
	let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
	let name = info.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
	name.map_or("not known".into(), |(_, name)| name.trim().into())
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn thousands_are_set_apart() {
		for (number, expected) in
			[("0", "0"), ("999", "999"), ("1000", "1_000"), ("12345678", "12_345_678")]
		{
			assert_eq!(underscored(number), expected);
		}
	}

	#[test]
	fn the_template_takes_base_slopes_reads_and_writes() {
		let slope = |slope: &str| vec![Slope { name: "b".into(), slope: slope.into() }];
		let figures = Figures {
			name: "post".into(),
			components: vec![Component { name: "b".into(), is_used: true }],
			component_ranges: vec![Range { name: "b".into(), min: 1, max: 9 }],
			base_weight: "1234567".into(),
			base_reads: "3".into(),
			base_writes: "0".into(),
			base_calculated_proof_size: "77".into(),
			component_weight: slope("8910"),
			component_reads: slope("2"),
			component_writes: vec![],
			component_calculated_proof_size: slope("5"),
		};
		let page = Page::new("pallet_x", 50, 20, vec![figures]);
		let file = page.render(include_str!("../../../runtime/weights.hbs")).unwrap();
		for part in [
			"//! Date: 20",
			"steps: 50, repeat: 20",
			"/// `b`: 1 to 9",
			"fn post(b: u32, ) -> Weight;",
			"post(b, T::DbWeight::get())",
			"Weight::from_parts(1_234_567, 77)",
			"Weight::from_parts(8_910, 0).saturating_mul(b.into())",
			"db.reads_writes(3, 0)",
			"db.reads(2_u64.saturating_mul(b.into()))",
			"Weight::from_parts(0, 5).saturating_mul(b.into())",
		] {
			assert!(file.contains(part), "{part} is not in\n{file}");
		}
		assert!(!file.contains("db.writes"), "{file}");
	}
}
