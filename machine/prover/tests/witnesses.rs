//! A witness is enough to compute its workgroup again; nothing in it can be left out or changed.

use mutirao_commitment::{BufferId, Opening, CHUNK_BYTES};
use mutirao_kernels::{Kernel, KERNELS};
use mutirao_machine_core::{
	bytecode::Role, run_resolved, ChunkId, Program, ResolvedPass, Run, RunError, Witness as Chunks,
};
use mutirao_machine_prover::{Computed, Error};
use mutirao_machine_wgsl::{compile::compile, manifest::Manifest};
use mutirao_types::{Witness, Workgroup};

fn program(kernel: &Kernel) -> Program {
	let manifest = Manifest::parse(kernel.manifest).unwrap();
	Program::new(compile(&manifest, kernel.source).unwrap().definition).unwrap()
}

/// A job with inputs that look random.
fn computed(kernel: &Kernel, parameters: &[u32]) -> Computed {
	let program = program(kernel);
	let words = program.summary(parameters).unwrap().buffer_words;
	let buffers = program.definition().buffers.iter().zip(words);
	let inputs = buffers.filter(|(buffer, _)| buffer.role == Role::Input).map(|(_, words)| {
		let word = |index: u32| index.wrapping_mul(0x9e37_79b1).rotate_left(index % 31);
		(0..words).flat_map(|index| word(index).to_le_bytes()).collect()
	});
	let inputs = inputs.collect();
	Computed::by_vm(program, parameters, inputs).unwrap()
}

fn nearest() -> (Program, Computed) {
	let kernel = mutirao_kernels::by_name("nearest").unwrap();
	(program(kernel), computed(kernel, &[2, 600, 4, 3]))
}

/// The first and the last workgroup of each pass.
fn workgroups(job: &Computed) -> Vec<Workgroup> {
	let passes = job.summary().passes.iter().zip(0u16..);
	let ends = |(pass, index): (&ResolvedPass, u16)| {
		[0, pass.workgroup_count - 1].map(|number| Workgroup { pass: index, number })
	};
	passes.flat_map(ends).collect()
}

fn name(job: &Computed, buffer: usize) -> BufferId {
	BufferId::of(job.buffer(buffer))
}

/// The opened chunks of what a pass reads, each verified, but for one that is left out.
fn chunks(
	pass: &ResolvedPass,
	witness: &Witness,
	job: &Computed,
	without: Option<ChunkId>,
) -> Chunks {
	let read = (0u8..).zip(&pass.slots).filter(|(_, slot)| slot.slice_words.is_none());
	let mut chunks = Chunks::new();
	let mut openings = witness.reads.iter();
	for (slot, resolved) in read {
		let opening = openings.next().expect("one for each slot that is read");
		let Some(opening) = opening else { continue };
		for (chunk, bytes) in opening.verify(&name(job, resolved.buffer)).unwrap().iter() {
			let id = ChunkId { slot, chunk };
			if Some(id) != without {
				chunks.push(id, bytes).unwrap();
			}
		}
	}
	assert_eq!(openings.next(), None, "and no more");
	chunks
}

/// What the chain compares with: the workgroup's words of each buffer that its pass writes.
fn committed(pass: &ResolvedPass, number: u32, witness: &Witness, job: &Computed) -> Vec<Vec<u32>> {
	let written = pass.slots.iter().filter_map(|slot| Some((slot.buffer, slot.slice_words?)));
	let words = |((buffer, words), opening): ((usize, u32), &Opening)| {
		opening.verify(&name(job, buffer)).unwrap();
		let bytes = 4 * words as usize;
		let start = number as usize * bytes;
		assert_eq!(opening.chunks[0] as usize, start / CHUNK_BYTES);
		let slice = &opening.bytes[start % CHUNK_BYTES..][..bytes];
		slice.chunks_exact(4).map(|word| u32::from_le_bytes(word.try_into().unwrap())).collect()
	};
	written.zip(&witness.slices).map(words).collect()
}

fn run(
	program: &Program,
	job: &Computed,
	workgroup: Workgroup,
	without: Option<ChunkId>,
) -> (Result<Run, RunError>, Vec<Vec<u32>>) {
	let pass = &job.summary().passes[usize::from(workgroup.pass)];
	let (witness, steps) = job.witness(workgroup).unwrap();
	assert_eq!(steps, pass.fuel);
	let chunks = chunks(pass, &witness, job, without);
	let run = run_resolved(program, pass, workgroup.number, &chunks);
	(run, committed(pass, workgroup.number, &witness, job))
}

/// The chunks that a workgroup's witness shows.
fn shown(job: &Computed, workgroup: Workgroup) -> Vec<ChunkId> {
	let pass = &job.summary().passes[usize::from(workgroup.pass)];
	let read = (0u8..).zip(&pass.slots).filter(|(_, slot)| slot.slice_words.is_none());
	let (witness, _) = job.witness(workgroup).unwrap();
	let openings =
		read.zip(&witness.reads).filter_map(|((slot, _), one)| Some((slot, one.as_ref()?)));
	let ids = |(slot, opening): (u8, &Opening)| {
		opening.chunks.iter().map(move |chunk| ChunkId { slot, chunk: *chunk }).collect::<Vec<_>>()
	};
	openings.flat_map(ids).collect()
}

#[test]
fn an_honest_witness_gives_the_committed_slice() {
	for kernel in &KERNELS {
		let program = program(kernel);
		for parameters in kernel.examples {
			let job = computed(kernel, parameters);
			for workgroup in workgroups(&job) {
				let (run, committed) = run(&program, &job, workgroup, None);
				let context = format!("{} {parameters:?} {workgroup:?}", kernel.name);
				assert_eq!(run.expect(&context).slices, committed, "{context}");
			}
		}
	}
}

#[test]
fn without_any_one_chunk_the_run_is_void() {
	let (program, job) = nearest();
	for workgroup in workgroups(&job) {
		let shown = shown(&job, workgroup);
		assert!(!shown.is_empty(), "{workgroup:?} reads something");
		for missing in shown {
			let (run, _) = run(&program, &job, workgroup, Some(missing));
			assert_eq!(run, Err(RunError::MissingChunk(missing)), "{workgroup:?}");
		}
	}
}

#[test]
fn a_changed_byte_of_a_result_shows_in_its_own_workgroup() {
	let (program, honest) = nearest();
	let buffers = program.definition().buffers.len();
	// The last buffer is an output, and the last workgroup of the last pass wrote its last word.
	let mut lie: Vec<Vec<u8>> = (0..buffers).map(|index| honest.buffer(index).to_vec()).collect();
	*lie[buffers - 1].last_mut().unwrap() ^= 1;
	let lie = Computed::from_buffers(program.clone(), &[2, 600, 4, 3], lie).unwrap();
	assert_ne!(lie.transcript(), honest.transcript());
	let all = workgroups(&lie);
	let (wrong, right) = all.split_last().unwrap();
	let (computed, committed) = run(&program, &lie, *wrong, None);
	assert_ne!(computed.expect("runs").slices, committed);
	for workgroup in right {
		let (computed, committed) = run(&program, &lie, *workgroup, None);
		assert_eq!(computed.expect("runs").slices, committed, "{workgroup:?}");
	}
}

#[test]
fn a_changed_byte_of_a_witness_does_not_verify() {
	let (_, job) = nearest();
	let (witness, _) = job.witness(Workgroup { pass: 0, number: 0 }).unwrap();
	let pass = &job.summary().passes[0];
	for (opening, slot) in witness.reads.iter().flatten().chain(&witness.slices).zip(&pass.slots) {
		let name = name(&job, slot.buffer);
		opening.verify(&name).unwrap();
		for at in [0, opening.bytes.len() - 1] {
			let mut changed = opening.clone();
			changed.bytes[at] ^= 1;
			assert!(changed.verify(&name).is_err(), "slot of buffer {}", slot.buffer);
		}
	}
}

#[test]
fn a_fault_is_shown_without_slices() {
	let (_, job) = nearest();
	let workgroup = Workgroup { pass: 1, number: 1 };
	let (witness, steps) = job.witness(workgroup).unwrap();
	let (fault, declared) = job.fault_witness(workgroup).unwrap();
	assert_eq!((fault.reads, declared), (witness.reads, steps));
	assert!(fault.slices.is_empty() && !witness.slices.is_empty());
}

#[test]
fn there_is_no_witness_of_a_workgroup_that_is_not() {
	let (_, job) = nearest();
	let passes = job.summary().passes.len() as u16;
	let beyond = job.summary().passes[0].workgroup_count;
	for (pass, number) in [(passes, 0), (0, beyond)] {
		match job.witness(Workgroup { pass, number }) {
			Err(Error::NoSuchWorkgroup { pass: named, number: of }) => {
				assert_eq!((named, of), (pass, number));
			}
			other => panic!("pass {pass}, workgroup {number}: {other:?}"),
		}
	}
}

#[test]
fn buffers_that_do_not_fit_the_job_are_refused() {
	let (program, job) = nearest();
	let all: Vec<Vec<u8>> =
		(0..program.definition().buffers.len()).map(|index| job.buffer(index).to_vec()).collect();
	let (mut few, mut long) = (all.clone(), all);
	few.pop();
	long[0].push(0);
	for buffers in [few, long] {
		let refused = Computed::from_buffers(program.clone(), &[2, 600, 4, 3], buffers);
		assert!(matches!(refused, Err(Error::Inputs(_))), "{refused:?}");
	}
}
