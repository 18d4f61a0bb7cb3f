//! Measures a pallet's weights on the runtime's WASM: `scripts/weights`.
//!
//! It does what `frame-omni-bencher v1 benchmark pallet` does, with the same parts of the SDK (the
//! runtime's benchmarks, the state that counts reads and writes, the executor, the analysis) and the same
//! template, but is built from crates that the node has already
//! ([ADR 7](../../../docs/adr/0007-weights.md)).

mod measure;
mod page;
mod proof;
mod runtime;

use anyhow::{ensure, Context};
use clap::Parser;
use std::path::PathBuf;

#[allow(dead_code, unreachable_pub)]
mod built {
	include!(env!("WASM_BINARY"));
}

/// Measures the weights of a pallet.
#[derive(Parser)]
struct Arguments {
	/// A compiled runtime with the feature `runtime-benchmarks`. This repository's if none is given.
	#[arg(long)]
	runtime: Option<PathBuf>,
	/// The genesis on which benchmarks run.
	#[arg(long, default_value = "development")]
	preset: String,
	/// The pallet's crate, such as `pallet_jobs`.
	#[arg(long, required_unless_present = "print_runtime")]
	pallet: Option<String>,
	/// Print only where the runtime is.
	#[arg(long)]
	print_runtime: bool,
	/// Measure only benchmarks whose names begin like this.
	#[arg(long, default_value = "")]
	benchmark: String,
	/// Measure also benchmarks that are for comparison, and not part of any weight.
	#[arg(long)]
	extra: bool,
	/// Values of each parameter, from its lowest to its highest.
	#[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(2..=1_000))]
	steps: u32,
	/// Runs for each value.
	#[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=1_000))]
	repeat: u32,
	/// A handlebars template of a file of weights, as frame-omni-bencher takes it.
	#[arg(long, requires = "output")]
	template: Option<PathBuf>,
	/// Where to write the file. Without it the figures are printed as JSON lines, times in picoseconds.
	#[arg(long, requires = "template")]
	output: Option<PathBuf>,
}

fn main() -> anyhow::Result<()> {
	let arguments = Arguments::parse();
	let path = match (&arguments.runtime, built::WASM_BINARY_PATH) {
		(Some(path), _) => path.clone(),
		(None, Some(path)) => PathBuf::from(path),
		(None, None) => anyhow::bail!("built with SKIP_WASM_BUILD: name a --runtime"),
	};
	if arguments.print_runtime {
		println!("{}", path.display());
		return Ok(());
	}
	let code = std::fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
	let runtime = runtime::Runtime::new(code, &arguments.preset)?;
	let pallet = arguments.pallet.unwrap_or_default();
	let list = runtime.list(&pallet, arguments.extra)?;
	let wanted = |name: &str| name.starts_with(&arguments.benchmark);
	let chosen: Vec<_> = list.benchmarks.iter().filter(|one| wanted(&one.name)).collect();
	ensure!(!chosen.is_empty(), "{pallet} has no such benchmark");

	let mut figures = Vec::new();
	for benchmark in chosen {
		eprintln!("{pallet}::{}", benchmark.name);
		let runs = measure::run(&runtime, &list, benchmark, arguments.steps, arguments.repeat)?;
		figures.push(page::Figures::of(benchmark, runs, &list.storage)?);
	}
	match (arguments.template, arguments.output) {
		(Some(template), Some(output)) => {
			let page = page::Page::new(&pallet, arguments.steps, arguments.repeat, figures);
			page.write(&template, &output)
		}
		_ => figures.iter().try_for_each(|figures| {
			println!("{}", serde_json::to_string(figures)?);
			Ok(())
		}),
	}
}
