//! Does a device compute what the VM computes? One verdict for each feature.

use mutirao_machine_core::Program;
use mutirao_machine_testgen::{wgsl, Case, Finished, Outcome};
use mutirao_machine_wgsl::{
	compile::{compile, CompileError},
	front::Rule,
	manifest::Manifest,
};

use crate::{
	device::Gpu,
	direct::Direct,
	features::{source, EDGE_VALUES, FEATURES, INVOCATIONS, MANIFEST, WORDS},
	job::{Job, Outputs},
	run::Prepared,
	starved::run_with_least_fuel,
	vm,
};

pub use crate::starved::check_starved;

/// What a device did with one feature or case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
	/// The same as the VM, in every byte.
	Equal,
	/// Something else.
	Differs {
		/// Index of the buffer.
		buffer: usize,
		/// Index of the first word that differs.
		word: usize,
		/// What the VM has there.
		expected: u32,
		/// What the device has there.
		found: u32,
	},
	/// Nothing: it refused.
	NotRun(String),
	/// It was not asked: the program faults on the VM, as some are meant to.
	Faulted,
}

impl Verdict {
	/// Whether the device fails the check.
	pub const fn is_wrong(&self) -> bool {
		matches!(self, Self::Differs { .. } | Self::NotRun(_))
	}
}

/// The names of all features, in the order in which [`features`] runs them.
pub fn feature_names() -> impl Iterator<Item = &'static str> {
	FEATURES.iter().map(|feature| feature.name)
}

/// Checks all features on a device; calls `report` after each.
pub fn features(gpu: &Gpu, mut report: impl FnMut(&'static str, &Verdict)) {
	let inputs = edge_inputs();
	for feature in FEATURES {
		let verdict = check_feature(gpu, &source(feature.declarations, feature.body), &inputs)
			.unwrap_or_else(Verdict::NotRun);
		report(feature.name, &verdict);
	}
}

/// A small known computation, to see whether a device that was trusted still computes: arithmetic,
/// barriers, workgroup memory and atomics.
///
/// # Errors
///
/// The name of the feature that the device gets wrong, and how.
pub fn health(gpu: &Gpu) -> Result<(), (&'static str, Verdict)> {
	let inputs = edge_inputs();
	let asked = FEATURES.iter().filter(|feature| HEALTH.contains(&feature.name));
	for feature in asked {
		let verdict = check_feature(gpu, &source(feature.declarations, feature.body), &inputs)
			.unwrap_or_else(Verdict::NotRun);
		if verdict != Verdict::Equal {
			return Err((feature.name, verdict));
		}
	}
	Ok(())
}

/// The features that [`health`] asks for.
const HEALTH: [&str; 4] =
	["wrapping arithmetic", "workgroup memory and barriers", "atomics on u32", "private arrays"];

/// Three words for each invocation: all pairs of edge values, and a third that goes round.
fn edge_inputs() -> Vec<u8> {
	let count = EDGE_VALUES.len();
	let invocations = 0..INVOCATIONS as usize;
	let first = invocations.clone().map(|i| EDGE_VALUES[i % count]);
	let second = invocations.clone().map(|i| EDGE_VALUES[i / count % count]);
	let third = invocations.map(|i| EDGE_VALUES[(i * 7 + i / count) % count]);
	first.chain(second).chain(third).flat_map(u32::to_le_bytes).collect()
}

fn check_feature(gpu: &Gpu, source: &str, input: &[u8]) -> Result<Verdict, String> {
	let manifest = Manifest::parse(MANIFEST).map_err(|error| error.to_string())?;
	let compiled = compile(&manifest, source).map_err(|error| error.to_string())?;
	let program = Program::new(compiled.definition).map_err(|error| error.to_string())?;
	debug_assert_eq!(WORDS, 4);
	let job = Job::new(&program, &[INVOCATIONS], vec![input]).map_err(|error| error.to_string())?;
	let expected = vm::run(&job, |_| {}).map_err(|error| error.to_string())?.outputs;
	let prepared = Prepared::new(gpu, &program).map_err(|error| error.to_string())?;
	let (found, _) = prepared.run(&job).map_err(|error| error.to_string())?;
	Ok(compare(&expected, &found))
}

/// The WGSL that a seed names.
pub fn random_source(seed: u64) -> String {
	let parts = wgsl::source(seed);
	source(&parts.declarations, &parts.body)
}

/// Compiles the WGSL that a seed names, and compares the VM with the device, once given the program
/// and once given the text, which the device's own compiler takes; `None` if the kernel exceeds a
/// limit of the machine.
pub fn check_random_source(gpu: &Gpu, seed: u64) -> Option<Verdict> {
	let text = random_source(seed);
	match check_source(gpu, &text, &edge_inputs()) {
		Ok(verdict) => verdict,
		Err(reason) => Some(Verdict::NotRun(reason)),
	}
}

fn check_source(gpu: &Gpu, text: &str, input: &[u8]) -> Result<Option<Verdict>, String> {
	let manifest = Manifest::parse(MANIFEST).map_err(|error| error.to_string())?;
	let compiled = match compile(&manifest, text) {
		Err(CompileError::Source(refusal)) if refusal.rule == Rule::Limit => return Ok(None),
		result => result.map_err(|error| error.to_string())?,
	};
	let program = Program::new(compiled.definition).map_err(|error| error.to_string())?;
	let job = Job::new(&program, &[INVOCATIONS], vec![input]).map_err(|error| error.to_string())?;
	let expected = vm::run(&job, |_| {}).map_err(|error| error.to_string())?.outputs;
	let prepared = Prepared::new(gpu, &program).map_err(|error| error.to_string())?;
	let (lowered, _) = prepared.run(&job).map_err(|error| error.to_string())?;
	let verdict = compare(&expected, &lowered);
	if verdict != Verdict::Equal {
		return Ok(Some(verdict));
	}
	let direct =
		Direct::new(gpu, text, &compiled.source_passes).map_err(|error| error.to_string())?;
	let (as_written, _) = direct.run(&job).map_err(|error| error.to_string())?;
	Ok(Some(compare(&expected, &as_written)))
}

/// Compares what a device wrote with what the VM wrote.
pub fn compare(expected: &Outputs, found: &Outputs) -> Verdict {
	for (buffer, expected) in expected {
		let found = found.get(buffer).map_or(&[][..], Vec::as_slice);
		let word = |bytes: &[u8], at: usize| {
			let bytes = bytes.get(4 * at..4 * at + 4).unwrap_or(&[0; 4]);
			u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]])
		};
		let words = expected.len().max(found.len()) / 4;
		let differs = (0..words).find(|at| word(expected, *at) != word(found, *at));
		if let Some(at) = differs {
			let (expected, found) = (word(expected, at), word(found, at));
			return Verdict::Differs { buffer: *buffer, word: at, expected, found };
		}
	}
	Verdict::Equal
}

/// Runs the random program of a seed on the VM and on a device.
pub fn random_case(gpu: &Gpu, seed: u64) -> Verdict {
	let case = Case::generate(seed);
	let program = case.program();
	match case.run_vm(&program) {
		Outcome::Finished(finished) => check_case(gpu, &case, &finished),
		Outcome::Fault { .. } => Verdict::Faulted,
		Outcome::Void => Verdict::NotRun("its parameters do not fit".into()),
	}
}

/// Runs a case on a device, with no more fuel than it needs, and compares with what the VM made of it.
pub fn check_case(gpu: &Gpu, case: &Case, finished: &Finished) -> Verdict {
	match run_with_least_fuel(gpu, case, finished) {
		Ok(found) => {
			let expected =
				found.keys().map(|index| (*index, finished.buffers[*index].clone())).collect();
			compare(&expected, &found)
		}
		Err(reason) => Verdict::NotRun(reason),
	}
}
