//! Computing a job's workgroups again, and comparing them with what the provider committed to.

use std::{
	collections::BTreeSet,
	iter, panic,
	sync::atomic::{AtomicBool, AtomicUsize, Ordering},
	thread,
};

use mutirao_client::types::Workgroup;
use mutirao_machine_core::bytecode::Role;
use mutirao_machine_gpu::{Gpu, GpuError, Job, Outputs, Prepared};
use mutirao_machine_prover::{Checked, Computed, Error};

/// Why nothing can be compared.
#[derive(Debug, thiserror::Error)]
pub(crate) enum VerifyError {
	/// The buffers are not those that were committed to.
	#[error(transparent)]
	Buffers(#[from] Error),
	/// A GPU cannot compute it.
	#[error(transparent)]
	Device(#[from] GpuError),
	/// The GPU computes something else than the VM: the provider is right, or nobody is.
	#[error("the GPU here disagrees with the VM about pass {}, workgroup {}", .0.pass, .0.number)]
	Differs(Workgroup),
}

/// A job with all the bytes that its provider committed to.
pub(crate) struct Work {
	computed: Computed,
	parameters: Vec<u32>,
}

impl Work {
	/// A job that was computed with these parameters.
	pub(crate) fn new(computed: Computed, parameters: Vec<u32>) -> Self {
		Self { computed, parameters }
	}

	/// How many workgroups all passes have.
	pub(crate) fn workgroups(&self) -> u64 {
		let passes = self.computed.summary().passes.iter();
		passes.map(|pass| u64::from(pass.workgroup_count)).sum()
	}

	/// So many workgroups that a seed names, as the chain draws them: in proportion to the steps that
	/// they declare. Each is named once.
	pub(crate) fn draw(&self, count: u64, seed: &[u8; 32]) -> Vec<Workgroup> {
		let mut drawn = BTreeSet::new();
		let count = count.min(self.workgroups());
		// Small jobs' workgroups come again and again; then the rest are taken in order.
		for index in 0..count.saturating_mul(8) {
			if drawn.len() as u64 == count {
				break;
			}
			let hash = blake3::keyed_hash(seed, &index.to_le_bytes());
			let number =
				hash.as_bytes().first_chunk::<16>().copied().map_or(0, u128::from_le_bytes);
			let declared = self.computed.summary().declared_steps;
			let step = number.checked_rem(declared.into()).unwrap_or(0);
			drawn.extend(self.at_step(step));
		}
		let in_order = self.computed.workgroups().map(|one| (one.pass, one.number));
		let rest = in_order.filter(|one| !drawn.contains(one));
		let rest: Vec<_> = rest.take((count as usize).saturating_sub(drawn.len())).collect();
		let named = drawn.into_iter().chain(rest);
		named.map(|(pass, number)| Workgroup { pass, number }).collect()
	}

	fn at_step(&self, mut step: u128) -> Option<(u16, u32)> {
		for (index, pass) in (0u16..).zip(&self.computed.summary().passes) {
			let steps = u128::from(pass.fuel) * u128::from(pass.workgroup_count);
			if step < steps {
				return Some((index, u32::try_from(step / u128::from(pass.fuel.max(1))).ok()?));
			}
			step -= steps;
		}
		None
	}

	/// All workgroups, in order.
	pub(crate) fn every(&self) -> Vec<Workgroup> {
		self.computed.workgroups().collect()
	}

	/// Computes these workgroups on the VM, on all processors, until one is wrong. `progress` gets the
	/// number of those that were begun.
	pub(crate) fn check_all(
		&self,
		workgroups: &[Workgroup],
		progress: &(dyn Fn(u64) + Sync),
	) -> Result<Checked, Error> {
		let (next, stop) = (AtomicUsize::new(0), AtomicBool::new(false));
		let begin = || {
			let at = next.fetch_add(1, Ordering::Relaxed);
			let workgroup = workgroups.get(at).filter(|_| !stop.load(Ordering::Relaxed))?;
			progress(at as u64 + 1);
			Some(*workgroup)
		};
		let work = || {
			let checked = self.computed.check_all(iter::from_fn(begin));
			if checked.as_ref().map_or(true, Checked::is_wrong) {
				stop.store(true, Ordering::Relaxed);
			}
			checked
		};
		let threads = thread::available_parallelism().map_or(1, usize::from);
		thread::scope(|scope| {
			let running: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
			let parts = running.into_iter().map(|thread| {
				thread.join().unwrap_or_else(|panicked| panic::resume_unwind(panicked))
			});
			parts.reduce(|sum, part| Ok(sum?.and(part?))).unwrap_or_else(|| Ok(Checked::default()))
		})
	}

	/// Computes the whole job on a GPU. What differs is asked of the VM before it is called wrong.
	pub(crate) fn check_on_gpu(
		&self,
		adapter: Option<&str>,
	) -> Result<(String, Checked), VerifyError> {
		let gpu = Gpu::open(adapter)?;
		let program = self.computed.program();
		let buffers = program.definition().buffers.iter().enumerate();
		let inputs = buffers.filter(|(_, buffer)| buffer.role == Role::Input);
		let inputs = inputs.map(|(index, _)| self.computed.buffer(index)).collect();
		let job = Job::new(program, &self.parameters, inputs).map_err(GpuError::from)?;
		let outputs = Prepared::new(&gpu, program)?.run_over_faults(&job)?;
		let differing = self.differing(&outputs);
		let checked = self.check_all(&differing, &|_| {})?;
		// A workgroup that faults may leave anything, and those that read it differ then, too.
		if let (Some(first), true) = (differing.first(), checked.is_right()) {
			return Err(VerifyError::Differs(*first));
		}
		Ok((gpu.adapter().name.clone(), Checked { workgroups: self.workgroups(), ..checked }))
	}

	/// The workgroups whose committed slices are not these, in order.
	fn differing(&self, outputs: &Outputs) -> Vec<Workgroup> {
		let mut all = BTreeSet::new();
		for (index, pass) in (0u16..).zip(&self.computed.summary().passes) {
			for slot in &pass.slots {
				let Some(words) = slot.slice_words else { continue };
				let found = outputs.get(&slot.buffer).map_or(&[][..], Vec::as_slice);
				let size = 4 * words as usize;
				let pairs = found.chunks(size).zip(self.computed.buffer(slot.buffer).chunks(size));
				let differing = (0u32..).zip(pairs).filter(|(_, (ours, theirs))| ours != theirs);
				all.extend(differing.map(|(number, _)| (index, number)));
			}
		}
		all.into_iter().map(|(pass, number)| Workgroup { pass, number }).collect()
	}
}

#[cfg(test)]
mod tests {
	use std::sync::atomic::AtomicU64;

	use super::*;
	use crate::job::kernel::Kernel;
	use mutirao_machine_core::Program;
	use mutirao_machine_prover::Check;
	use mutirao_machine_testgen::LateFault;
	use mutirao_machine_wgsl::{compile::compile, manifest::Manifest};

	/// A computed job of the catalogue's two-pass kernel: its buffers by index.
	fn computed() -> (Kernel, Vec<u32>, Vec<Vec<u8>>) {
		let kernel = Kernel::of_catalogue("mlp_i8").unwrap().unwrap();
		let parameters = vec![70, 16, 12, 10, 7];
		let words = kernel.program.summary(&parameters).unwrap().buffer_words;
		let inputs = kernel.with_role(Role::Input);
		let bytes =
			|index: usize| (0..4 * words[index]).map(|byte| (byte * 37 % 251) as u8).collect();
		let inputs = inputs.into_iter().map(|(index, _)| bytes(index)).collect();
		let computed = Computed::by_vm(kernel.program.clone(), &parameters, inputs).unwrap();
		let buffers = (0..words.len()).map(|index| computed.buffer(index).to_vec()).collect();
		(kernel, parameters, buffers)
	}

	fn work(program: &Program, parameters: &[u32], buffers: &[Vec<u8>]) -> Work {
		let computed = Computed::from_buffers(program.clone(), parameters, buffers.to_vec());
		Work::new(computed.unwrap(), parameters.to_vec())
	}

	#[test]
	fn honest_work_is_right_and_one_changed_byte_is_found() {
		let (kernel, parameters, mut buffers) = computed();
		let honest = work(&kernel.program, &parameters, &buffers);
		let all = honest.every();
		assert_eq!(all.len() as u64, honest.workgroups());
		let counted = AtomicU64::new(0);
		let count = |begun| {
			counted.fetch_max(begun, Ordering::Relaxed);
		};
		let checked = honest.check_all(&all, &count).unwrap();
		assert_eq!(checked, Checked { workgroups: all.len() as u64, found: None });
		assert_eq!(counted.into_inner(), all.len() as u64);
		// The scores: 700 words, of which workgroup 3 of pass 2 owns 192 to 255.
		let scores =
			kernel.program.definition().buffers.iter().position(|b| b.name == "class_scores");
		let buffer = scores.unwrap();
		buffers[buffer][4 * 200] ^= 1;
		let lie = work(&kernel.program, &parameters, &buffers);
		let checked = lie.check_all(&all, &|_| {}).unwrap();
		let at = Workgroup { pass: 2, number: 3 };
		assert_eq!(checked.found, Some((at, Check::Wrong { buffer, word: 200 })));
	}

	#[test]
	fn draws_are_distinct_complete_and_by_seed() {
		let (kernel, parameters, buffers) = computed();
		let work = work(&kernel.program, &parameters, &buffers);
		let all = work.workgroups();
		for count in [1, 4, all - 1, all, all + 9] {
			let mut drawn = work.draw(count, &[1; 32]);
			assert_eq!(drawn.len() as u64, count.min(all), "{count}");
			drawn.sort_by_key(|one| (one.pass, one.number));
			drawn.dedup();
			assert_eq!(drawn.len() as u64, count.min(all), "{count}");
			assert!(drawn.iter().all(|one| work.every().contains(one)));
		}
		assert_eq!(work.draw(4, &[1; 32]), work.draw(4, &[1; 32]));
		assert_ne!(work.draw(4, &[1; 32]), work.draw(4, &[2; 32]));
	}

	/// Workgroups 3 and 190 of the second pass take too many turns. Made up are the bytes that those leave.
	fn faulty() -> (Program, LateFault<'static>) {
		let manifest = Manifest::parse(LateFault::MANIFEST).unwrap();
		let compiled = compile(&manifest, LateFault::SOURCE).unwrap();
		let job = LateFault { words: 200 * 64, at_fault: &[3, 190], seed: 0 };
		(Program::new(compiled.definition).unwrap(), job)
	}

	/// A buyer's program may be at fault, and its provider a liar.
	#[test]
	fn a_fault_hides_no_lie() {
		let (program, job) = faulty();
		let mut buffers = job.buffers(77);
		let at = |number| Workgroup { pass: 1, number };
		let found = |buffers: &[Vec<u8>]| {
			let work = work(&program, &[job.words], buffers);
			let on_vm = work.check_all(&work.every(), &|_| {}).unwrap().found.unwrap();
			let on_gpu = work.check_on_gpu(None).unwrap().1.found.unwrap();
			[on_vm, on_gpu]
		};
		for (workgroup, check) in found(&buffers) {
			assert!(matches!(check, Check::Fault(_)), "{workgroup:?}: {check:?}");
			assert!([at(3), at(190)].contains(&workgroup), "{workgroup:?}");
		}
		// Behind one of them, before the other.
		buffers[2][4 * (100 * 64 + 7)] ^= 4;
		let lie = (at(100), Check::Wrong { buffer: 2, word: 100 * 64 + 7 });
		assert_eq!(found(&buffers), [lie, lie]);
	}
}
