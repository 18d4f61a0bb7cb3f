//! Programs of jobs: fetched once, checked here, compared with what the chain says of them.

use std::{
	collections::HashMap,
	sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use mutirao_client::{Balance, Chain, Error};
use mutirao_data::store::disk_bytes;
use mutirao_machine_core::{bytecode::Role, Program, Summary};
use mutirao_types::{BufferId, JobRequest, ProgramId, Quote};

use super::{loops::most_iterations, policy::Needs, Refusal};
use crate::gpu;

const WORD: u64 = 4;
/// A device's buffers take a multiple of so many bytes.
const PADDING: u64 = 16;
/// Programs that are kept decoded.
const KEPT: usize = 64;

/// A program that passed every check.
#[derive(Debug)]
pub(super) struct Checked {
	/// Its bytecode.
	pub(super) code: Vec<u8>,
	/// The same, decoded.
	pub(super) program: Program,
}

/// A job's program with the job's parameters.
#[derive(Clone, Debug)]
pub(super) struct Planned {
	/// The program.
	pub(super) checked: Arc<Checked>,
	/// What it comes to.
	pub(super) summary: Arc<Summary>,
	/// What the chain says that it asks for.
	pub(super) quote: Quote,
	/// What it takes of a device and of the store.
	pub(super) needs: Needs,
}

impl Planned {
	/// Indices of the buffers that passes write, in the transcript's order.
	pub(super) fn written(&self) -> Vec<u16> {
		let slots = self.summary.written();
		slots.map(|slot| u16::try_from(slot.buffer).unwrap_or(u16::MAX)).collect()
	}

	/// Whether a pass reads nothing but inputs.
	pub(super) fn reads_inputs_only(&self, pass: usize) -> bool {
		let pass = self.summary.passes.get(pass);
		pass.is_some_and(|pass| gpu::reads_inputs_only(&self.checked.program, pass))
	}
}

/// Programs that were checked lately.
#[derive(Default)]
pub(super) struct Programs {
	kept: Mutex<HashMap<ProgramId, Result<Arc<Checked>, Refusal>>>,
}

impl Programs {
	/// A job's program, checked against what the chain quotes for it.
	///
	/// # Errors
	///
	/// Those of reads.
	pub(super) async fn plan(
		&self,
		chain: &impl Chain,
		request: &JobRequest<Balance>,
	) -> Result<Result<Planned, Refusal>, Error> {
		let checked = match self.checked(chain, request.program).await? {
			Ok(checked) => checked,
			Err(refusal) => return Ok(Err(refusal)),
		};
		let quote = chain.quote(request.program, request.parameters.clone()).await?;
		let Some(quote) = quote else { return Ok(Err(Refusal::NoProgram)) };
		let summary = match checked.program.summary(&request.parameters) {
			Ok(summary) => summary,
			Err(error) => return Ok(Err(Refusal::BadProgram(error.to_string()))),
		};
		let needs = needs(&checked.program, &summary);
		let planned = Planned { checked, summary: Arc::new(summary), quote, needs };
		Ok(agree(&planned, request).map(|()| planned))
	}

	async fn checked(
		&self,
		chain: &impl Chain,
		id: ProgramId,
	) -> Result<Result<Arc<Checked>, Refusal>, Error> {
		let known = self.kept().get(&id).cloned();
		if let Some(known) = known {
			return Ok(known);
		}
		// Two that ask at once fetch it twice; none waits for the other's node.
		let Some(code) = chain.program_code(id).await? else { return Ok(Err(Refusal::NoProgram)) };
		let checked = check(id, code);
		let mut kept = self.kept();
		if kept.len() >= KEPT {
			kept.clear();
		}
		kept.insert(id, checked.clone());
		Ok(checked)
	}

	fn kept(&self) -> MutexGuard<'_, HashMap<ProgramId, Result<Arc<Checked>, Refusal>>> {
		self.kept.lock().unwrap_or_else(PoisonError::into_inner)
	}
}

fn needs(program: &Program, summary: &Summary) -> Needs {
	let bytes = |words: u32| u64::from(words) * WORD;
	let written = summary.written().map(|slot| disk_bytes(bytes(slot.words)));
	Needs {
		longest_buffer: bytes(summary.buffer_words.iter().copied().max().unwrap_or(0)),
		memory: peak_memory(summary),
		iterations: most_iterations(program, summary),
		writes: written.fold(0, u64::saturating_add),
	}
}

/// What a device holds at once, at most: each buffer from the first pass that uses it to the last.
fn peak_memory(summary: &Summary) -> u64 {
	let mut used: HashMap<usize, (usize, usize, u64)> = HashMap::new();
	for (index, pass) in summary.passes.iter().enumerate() {
		for slot in &pass.slots {
			let bytes = (u64::from(slot.words) * WORD).next_multiple_of(PADDING);
			used.entry(slot.buffer).or_insert((index, index, bytes)).1 = index;
		}
	}
	let held = |pass| {
		let held = used.values().filter(|(first, last, _)| (*first..=*last).contains(&pass));
		held.map(|(_, _, bytes)| *bytes).fold(0, u64::saturating_add)
	};
	(0..summary.passes.len()).map(held).max().unwrap_or(0)
}

fn check(id: ProgramId, code: Vec<u8>) -> Result<Arc<Checked>, Refusal> {
	if BufferId::of(&code).hash != id {
		return Err(Refusal::BadProgram("its code has another hash".into()));
	}
	let program = Program::decode(&code).map_err(|error| Refusal::BadProgram(error.to_string()))?;
	Ok(Arc::new(Checked { code, program }))
}

/// Whether this worker's machine and the chain's see the same job.
fn agree(planned: &Planned, request: &JobRequest<Balance>) -> Result<(), Refusal> {
	let (quote, summary) = (&planned.quote, &planned.summary);
	let definition = planned.checked.program.definition();
	let lengths = |role| {
		let declared = definition.buffers.iter().zip(&summary.buffer_words);
		let of_role = declared.filter(move |(buffer, _)| buffer.role == role);
		of_role.map(|(_, words)| u64::from(*words) * WORD).collect::<Vec<u64>>()
	};
	let total: u64 = summary.buffer_words.iter().map(|words| u64::from(*words) * WORD).sum();
	let same = quote.declared_steps == summary.declared_steps
		&& quote.total_bytes == total
		&& quote.input_bytes[..] == lengths(Role::Input)
		&& quote.output_bytes[..] == lengths(Role::Output)
		&& quote.written_buffers as usize == summary.written().count();
	if !same {
		return Err(Refusal::BadProgram(
			"the chain sees other sizes or steps in it than this worker: update one of them".into(),
		));
	}
	let given: Vec<u64> = request.inputs.iter().map(|input| input.bytes).collect();
	match given == lengths(Role::Input) {
		true => Ok(()),
		false => Err(Refusal::BadProgram("the job's inputs have other lengths".into())),
	}
}

/// Where each input buffer of a program is among the job's inputs, by the buffer's index.
pub(super) fn input_slots(program: &Program) -> HashMap<usize, usize> {
	let declared = program.definition().buffers.iter().enumerate();
	let inputs = declared.filter(|(_, buffer)| buffer.role == Role::Input);
	inputs.enumerate().map(|(at, (index, _))| (index, at)).collect()
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::jobs::tests::support::two_passes;

	#[test]
	fn needs_follow_from_what_passes_use_and_when() {
		let sample = two_passes();
		let program = Program::decode(&sample.code).unwrap();
		let summary = program.summary(&sample.parameters).unwrap();
		// Three buffers of 512 bytes, of which each pass uses two; two are written.
		let expected = Needs { longest_buffer: 512, memory: 1_024, iterations: 0, writes: 1_024 };
		assert_eq!(needs(&program, &summary), expected);
	}
}
