//! Computing a job's workgroups again, and comparing them with what the provider committed to.

use std::{
	sync::{
		atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
		Mutex,
	},
	thread,
};

use mutirao_client::types::Workgroup;
use mutirao_machine_core::{
	run_resolved, ByteBuffers, ParameterError, Program, ResolvedPass, RunError, Summary,
};
use mutirao_machine_gpu::{Gpu, GpuError, Job, Prepared};

/// Workgroups that one turn of a thread takes.
const TURN: usize = 16;

/// Why nothing can be compared.
#[derive(Debug, thiserror::Error)]
pub(crate) enum VerifyError {
	/// The parameters do not fit the program.
	#[error(transparent)]
	Parameters(#[from] ParameterError),
	/// A buffer is missing or has another length.
	#[error("buffer {0} of the job is missing or has the wrong length")]
	Buffer(usize),
	/// A GPU cannot compute it.
	#[error(transparent)]
	Device(#[from] GpuError),
	/// The GPU computes something else than the VM: the provider is right, or nobody is.
	#[error("the GPU here disagrees with the VM about pass {}, workgroup {}", .0.pass, .0.number)]
	Differs(Workgroup),
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Finding {
	/// All that was computed is right.
	Right,
	/// The committed slice of this workgroup is wrong.
	Wrong(Workgroup),
	/// The program does in this workgroup what it may not do.
	Fault(Workgroup, String),
}

/// A job with all the bytes that its provider committed to.
pub(crate) struct Work<'a> {
	program: &'a Program,
	summary: Summary,
	parameters: Vec<u32>,
	/// By the program's buffers.
	buffers: Vec<&'a [u8]>,
}

impl<'a> Work<'a> {
	/// Puts the buffers, by their index in the program, together.
	pub(crate) fn new(
		program: &'a Program,
		parameters: &[u32],
		buffers: Vec<&'a [u8]>,
	) -> Result<Self, VerifyError> {
		let summary = program.summary(parameters)?;
		for (index, words) in summary.buffer_words.iter().enumerate() {
			let wanted = 4 * u64::from(*words);
			if buffers.get(index).is_none_or(|bytes| bytes.len() as u64 != wanted) {
				return Err(VerifyError::Buffer(index));
			}
		}
		Ok(Self { program, summary, parameters: parameters.into(), buffers })
	}

	/// Workgroups of all passes.
	pub(crate) fn workgroups(&self) -> u64 {
		self.summary.passes.iter().map(|pass| u64::from(pass.workgroup_count)).sum()
	}

	/// So many workgroups that a seed names, as the chain draws them: in proportion to the steps that
	/// they declare. Each is named once.
	pub(crate) fn draw(&self, count: u64, seed: &[u8; 32]) -> Vec<Workgroup> {
		let mut drawn = std::collections::BTreeSet::new();
		let count = count.min(self.workgroups());
		// Small jobs' workgroups come again and again; then the rest are taken in order.
		for index in 0..count.saturating_mul(8) {
			if drawn.len() as u64 == count {
				break;
			}
			let hash = blake3::keyed_hash(seed, &index.to_le_bytes());
			let number =
				hash.as_bytes().first_chunk::<16>().copied().map_or(0, u128::from_le_bytes);
			let step = number.checked_rem(self.summary.declared_steps.into()).unwrap_or(0);
			drawn.extend(self.at_step(step));
		}
		let in_order = self.all().filter(|(pass, number)| !drawn.contains(&(*pass, *number)));
		let rest: Vec<_> = in_order.take((count as usize).saturating_sub(drawn.len())).collect();
		let named = drawn.into_iter().chain(rest);
		named.map(|(pass, number)| Workgroup { pass, number }).collect()
	}

	fn at_step(&self, mut step: u128) -> Option<(u16, u32)> {
		for (index, pass) in (0u16..).zip(&self.summary.passes) {
			let steps = u128::from(pass.fuel) * u128::from(pass.workgroup_count);
			if step < steps {
				return Some((index, u32::try_from(step / u128::from(pass.fuel.max(1))).ok()?));
			}
			step -= steps;
		}
		None
	}

	fn all(&self) -> impl Iterator<Item = (u16, u32)> + '_ {
		let passes = (0u16..).zip(&self.summary.passes);
		passes.flat_map(|(index, pass)| (0..pass.workgroup_count).map(move |n| (index, n)))
	}

	/// All workgroups, in order.
	pub(crate) fn every(&self) -> Vec<Workgroup> {
		self.all().map(|(pass, number)| Workgroup { pass, number }).collect()
	}

	/// Computes one workgroup from the committed buffers, on the VM.
	pub(crate) fn check(&self, workgroup: Workgroup) -> Finding {
		let Some(pass) = self.summary.passes.get(usize::from(workgroup.pass)) else {
			return Finding::Right;
		};
		let given: Vec<&[u8]> = pass.slots.iter().map(|slot| self.buffers[slot.buffer]).collect();
		match run_resolved(self.program, pass, workgroup.number, &ByteBuffers::new(&given)) {
			Ok(run) => match self.equals(pass, workgroup.number, &run.slices) {
				true => Finding::Right,
				false => Finding::Wrong(workgroup),
			},
			Err(RunError::Fault(fault)) => Finding::Fault(workgroup, fault.reason.to_string()),
			Err(error) => Finding::Fault(workgroup, error.to_string()),
		}
	}

	fn equals(&self, pass: &ResolvedPass, number: u32, slices: &[Vec<u32>]) -> bool {
		let written = pass.slots.iter().filter_map(|slot| Some((slot.buffer, slot.slice_words?)));
		written.zip(slices).all(|((buffer, words), slice)| {
			let start = 4 * number as usize * words as usize;
			let committed = self.buffers[buffer].get(start..start + 4 * words as usize);
			let computed = slice.iter().flat_map(|word| word.to_le_bytes());
			committed.is_some_and(|bytes| bytes.iter().copied().eq(computed))
		})
	}

	/// Computes these workgroups on the VM, on all processors, until one is not right. `progress` gets
	/// the number of those that are done.
	pub(crate) fn check_all(
		&self,
		workgroups: &[Workgroup],
		progress: &(dyn Fn(u64) + Sync),
	) -> Finding {
		let (next, done) = (AtomicUsize::new(0), AtomicU64::new(0));
		let (stop, first) = (AtomicBool::new(false), Mutex::new(None::<(usize, Finding)>));
		let work = || {
			while !stop.load(Ordering::Relaxed) {
				let start = next.fetch_add(TURN, Ordering::Relaxed);
				let Some(turn) = workgroups.get(start..) else { return };
				for (index, workgroup) in (start..).zip(turn.iter().take(TURN)) {
					let finding = self.check(*workgroup);
					if finding != Finding::Right {
						stop.store(true, Ordering::Relaxed);
						let mut first = first.lock().unwrap_or_else(|poison| poison.into_inner());
						if first.as_ref().is_none_or(|(earlier, _)| index < *earlier) {
							*first = Some((index, finding));
						}
						break;
					}
					progress(done.fetch_add(1, Ordering::Relaxed) + 1);
				}
				if turn.len() <= TURN {
					return;
				}
			}
		};
		let threads = thread::available_parallelism().map_or(1, usize::from);
		thread::scope(|scope| {
			for _ in 0..threads {
				scope.spawn(work);
			}
		});
		let first = first.into_inner().unwrap_or_else(|poison| poison.into_inner());
		first.map_or(Finding::Right, |(_, finding)| finding)
	}

	/// Computes the whole job on a GPU. What differs is asked of the VM before it is called wrong.
	pub(crate) fn check_on_gpu(
		&self,
		adapter: Option<&str>,
	) -> Result<(String, Finding), VerifyError> {
		use mutirao_machine_core::bytecode::Role;
		let gpu = Gpu::open(adapter)?;
		let buffers = self.program.definition().buffers.iter().zip(&self.buffers);
		let inputs = buffers.filter(|(buffer, _)| buffer.role == Role::Input);
		let inputs: Vec<&[u8]> = inputs.map(|(_, bytes)| *bytes).collect();
		let job = Job::new(self.program, &self.parameters, inputs).map_err(GpuError::from)?;
		let (outputs, _) = Prepared::new(&gpu, self.program)?.run(&job)?;
		let name = gpu.adapter().name.clone();
		for (index, pass) in (0u16..).zip(&self.summary.passes) {
			for slot in &pass.slots {
				let Some(words) = slot.slice_words else { continue };
				let computed = outputs.get(&slot.buffer).map_or(&[][..], Vec::as_slice);
				let size = 4 * words as usize;
				let pairs = computed.chunks(size).zip(self.buffers[slot.buffer].chunks(size));
				let differing = (0u32..).zip(pairs).find(|(_, (ours, theirs))| ours != theirs);
				let Some((number, _)) = differing else { continue };
				let workgroup = Workgroup { pass: index, number };
				return match self.check(workgroup) {
					Finding::Right => Err(VerifyError::Differs(workgroup)),
					finding => Ok((name, finding)),
				};
			}
		}
		Ok((name, Finding::Right))
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::job::kernel::Kernel;
	use mutirao_machine_prover::Computed;

	/// A computed job of the catalogue's two-pass kernel: its buffers by index.
	fn computed() -> (Kernel, Vec<u32>, Vec<Vec<u8>>) {
		let kernel = Kernel::of_catalogue("mlp_i8").unwrap().unwrap();
		let parameters = vec![70, 16, 12, 10, 7];
		let words = kernel.program.summary(&parameters).unwrap().buffer_words;
		let inputs = kernel.with_role(mutirao_machine_core::bytecode::Role::Input);
		let bytes =
			|index: usize| (0..4 * words[index]).map(|byte| (byte * 37 % 251) as u8).collect();
		let inputs = inputs.into_iter().map(|(index, _)| bytes(index)).collect();
		let computed = Computed::by_vm(kernel.program.clone(), &parameters, inputs).unwrap();
		let buffers = (0..words.len()).map(|index| computed.buffer(index).to_vec()).collect();
		(kernel, parameters, buffers)
	}

	fn work<'a>(kernel: &'a Kernel, parameters: &[u32], buffers: &'a [Vec<u8>]) -> Work<'a> {
		let buffers = buffers.iter().map(Vec::as_slice).collect();
		Work::new(&kernel.program, parameters, buffers).unwrap()
	}

	#[test]
	fn honest_work_is_right_and_one_changed_byte_is_found() {
		let (kernel, parameters, mut buffers) = computed();
		let honest = work(&kernel, &parameters, &buffers);
		let all = honest.every();
		assert_eq!(all.len() as u64, honest.workgroups());
		let counted = AtomicU64::new(0);
		let count = |done| {
			counted.fetch_max(done, Ordering::Relaxed);
		};
		assert_eq!(honest.check_all(&all, &count), Finding::Right);
		assert_eq!(counted.into_inner(), all.len() as u64);
		// The scores: 700 words, of which workgroup 3 of pass 2 owns 192 to 255.
		let scores =
			kernel.program.definition().buffers.iter().position(|b| b.name == "class_scores");
		buffers[scores.unwrap()][4 * 200] ^= 1;
		let lie = work(&kernel, &parameters, &buffers);
		let finding = lie.check_all(&all, &|_| {});
		assert_eq!(finding, Finding::Wrong(Workgroup { pass: 2, number: 3 }));
	}

	#[test]
	fn draws_are_distinct_complete_and_by_seed() {
		let (kernel, parameters, buffers) = computed();
		let work = work(&kernel, &parameters, &buffers);
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

	#[test]
	fn a_buffer_of_the_wrong_length_is_refused() {
		let (kernel, parameters, mut buffers) = computed();
		buffers[2].pop();
		let given = buffers.iter().map(Vec::as_slice).collect();
		let refused = Work::new(&kernel.program, &parameters, given);
		assert!(matches!(refused, Err(VerifyError::Buffer(2))));
	}
}
