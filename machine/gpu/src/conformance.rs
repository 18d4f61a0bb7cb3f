//! Does a device compute what the VM computes? One verdict for each feature.

use mutirao_machine_core::Program;
use mutirao_machine_testgen::{Case, Outcome};
use mutirao_machine_wgsl::{compile::compile, manifest::Manifest};

use crate::{
	device::Gpu,
	error::GpuError,
	features::{source, EDGE_VALUES, FEATURES, INVOCATIONS, MANIFEST, WORDS},
	job::{Job, Outputs},
	run::Prepared,
	vm,
};

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
	/// Nothing: it refused, or the program faults on the VM.
	NotRun(String),
}

impl Verdict {
	/// Whether the device is proven wrong.
	pub const fn is_wrong(&self) -> bool {
		matches!(self, Self::Differs { .. })
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
		let verdict = check_feature(gpu, &source(feature), &inputs).unwrap_or_else(Verdict::NotRun);
		report(feature.name, &verdict);
	}
}

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
	let finished = match case.run_vm(&program) {
		Outcome::Finished(finished) => finished,
		other => return Verdict::NotRun(format!("{other:?}")),
	};
	match run_case(gpu, &case, &program) {
		Ok(found) => {
			let expected =
				found.keys().map(|index| (*index, finished.buffers[*index].clone())).collect();
			compare(&expected, &found)
		}
		Err(reason) => Verdict::NotRun(reason.to_string()),
	}
}

fn run_case(gpu: &Gpu, case: &Case, program: &Program) -> Result<Outputs, GpuError> {
	let buffers = program.definition().buffers.iter().zip(&case.inputs);
	let inputs = buffers
		.filter(|(buffer, _)| buffer.role == mutirao_machine_core::bytecode::Role::Input)
		.map(|(_, bytes)| bytes.as_slice())
		.collect();
	let job = Job::new(program, &case.parameters, inputs)?;
	let (outputs, _) = Prepared::new(gpu, program)?.run(&job)?;
	Ok(outputs)
}
