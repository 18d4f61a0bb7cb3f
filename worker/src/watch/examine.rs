//! Whether the results of a job are right, as far as one looks.

use mutirao_machine_prover::{Check, Computed, Error};
use mutirao_types::Workgroup;

use crate::gpu::draw;

/// How many workgroups are computed again.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Thoroughness {
	/// So many, drawn with a probability in proportion to their steps.
	Some(u32),
	/// All.
	All,
}

/// What was found.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Finding {
	/// So many workgroups were computed again, and none is wrong.
	Right(u64),
	/// This one is wrong.
	Wrong(Workgroup),
}

/// Computes workgroups again until one is wrong. Takes as long as the VM takes. A workgroup that faults
/// is not wrong, and does not end it: whoever reads what a pass wrote may be misled by what is wrong
/// there, which is looked for by itself.
///
/// # Errors
///
/// If a run cannot be made, or bytes are not those that were committed to.
pub fn examine(
	computed: &Computed,
	thoroughness: Thoroughness,
	seed: u64,
) -> Result<Finding, Error> {
	examine_while(computed, thoroughness, seed, || true)
}

/// The same for as long as `goes_on`, which is asked before each workgroup. What was right until then is
/// found to be right.
///
/// # Errors
///
/// As [`examine`].
pub(super) fn examine_while(
	computed: &Computed,
	thoroughness: Thoroughness,
	seed: u64,
	goes_on: impl Fn() -> bool,
) -> Result<Finding, Error> {
	let checked = match thoroughness {
		Thoroughness::All => computed.check_all(computed.workgroups().take_while(|_| goes_on()))?,
		Thoroughness::Some(count) => {
			let mut random = fastrand::Rng::with_seed(seed);
			let drawn = (0..count).map(|_| draw(computed.summary(), &mut random));
			computed.check_all(drawn.take_while(|_| goes_on()))?
		}
	};
	Ok(match checked.found {
		Some((workgroup, Check::Wrong { .. })) => Finding::Wrong(workgroup),
		_ => Finding::Right(checked.workgroups),
	})
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::jobs::tests::support::late_fault;
	use mutirao_machine_core::Program;
	use mutirao_machine_wgsl::{compile::compile, manifest::Manifest};

	/// Two passes of nearest neighbours, and as many buffers.
	fn honest() -> (Program, Vec<u32>, Vec<Vec<u8>>) {
		let kernel = mutirao_kernels::by_name("nearest").unwrap();
		let manifest = Manifest::parse(kernel.manifest).unwrap();
		let program = Program::new(compile(&manifest, kernel.source).unwrap().definition).unwrap();
		let parameters = vec![2, 300, 4, 2];
		let words = program.summary(&parameters).unwrap().buffer_words;
		let inputs = program.definition().buffers.iter().zip(&words);
		let inputs = inputs
			.filter(|(buffer, _)| buffer.role == mutirao_machine_core::bytecode::Role::Input)
			.map(|(_, words)| (0..4 * words).map(|at| (at % 251) as u8).collect())
			.collect();
		(program, parameters, inputs)
	}

	fn with_lie(buffer_written: usize, byte: usize) -> Computed {
		let (program, parameters, inputs) = honest();
		let computed = Computed::by_vm(program.clone(), &parameters, inputs).unwrap();
		let count = program.definition().buffers.len();
		let mut buffers: Vec<Vec<u8>> =
			(0..count).map(|index| computed.buffer(index).to_vec()).collect();
		let written: Vec<usize> = computed.summary().written().map(|slot| slot.buffer).collect();
		buffers[written[buffer_written]][byte] ^= 1;
		Computed::from_buffers(program, &parameters, buffers).unwrap()
	}

	#[test]
	fn what_is_right_is_right_however_one_looks() {
		let (program, parameters, inputs) = honest();
		let computed = Computed::by_vm(program, &parameters, inputs).unwrap();
		let all: u64 =
			computed.summary().passes.iter().map(|pass| u64::from(pass.workgroup_count)).sum();
		assert_eq!(examine(&computed, Thoroughness::All, 0).unwrap(), Finding::Right(all));
		assert_eq!(examine(&computed, Thoroughness::Some(9), 0).unwrap(), Finding::Right(9));
	}

	#[test]
	fn whoever_looks_at_all_finds_any_lie() {
		for buffer in 0..2 {
			let found = examine(&with_lie(buffer, 0), Thoroughness::All, 0).unwrap();
			assert!(matches!(found, Finding::Wrong(_)), "{buffer}");
		}
	}

	/// Whoever reads what is wrong may fault: the fault says nothing, and the search goes on.
	#[test]
	fn a_workgroup_that_faults_is_not_wrong_and_does_not_end_the_search() {
		let sample = late_fault();
		let program = Program::decode(&sample.code).unwrap();
		// The first workgroup of the second pass takes more turns than it has fuel for.
		let x = words(&[vec![100_000], vec![0; 127]].concat());
		let found = |y: Vec<u32>| {
			let buffers = vec![x.clone(), x.clone(), words(&y)];
			let computed = Computed::from_buffers(program.clone(), &sample.parameters, buffers);
			examine(&computed.unwrap(), Thoroughness::All, 0).unwrap()
		};
		assert_eq!(found([vec![0; 64], vec![1; 64]].concat()), Finding::Right(4));
		let wrong = Workgroup { pass: 1, number: 1 };
		assert_eq!(found([vec![0; 64], vec![1; 63], vec![2]].concat()), Finding::Wrong(wrong));
	}

	fn words(words: &[u32]) -> Vec<u8> {
		words.iter().flat_map(|word| word.to_le_bytes()).collect()
	}

	#[test]
	fn whoever_is_stopped_looks_no_further() {
		let left = std::cell::Cell::new(2);
		let goes_on = || left.replace(left.get() - 1) > 0;
		let found = examine_while(&with_lie(1, 0), Thoroughness::All, 0, goes_on).unwrap();
		assert_eq!(found, Finding::Right(2));
	}

	#[test]
	fn whoever_looks_at_some_finds_a_lie_sooner_or_later() {
		let lie = with_lie(0, 0);
		let found = (0..200).filter(|seed| {
			matches!(examine(&lie, Thoroughness::Some(2), *seed).unwrap(), Finding::Wrong(_))
		});
		assert!(found.count() > 0);
	}
}
