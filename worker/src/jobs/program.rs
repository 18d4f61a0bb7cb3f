//! Programs of jobs: fetched once, checked here, compared with what the chain says of them.

use std::{collections::HashMap, sync::Arc};

use mutirao_client::{Balance, Chain, Error};
use mutirao_machine_core::{bytecode::Role, Program, Summary};
use mutirao_types::{BufferId, JobRequest, ProgramId, Quote};
use tokio::sync::Mutex;

use super::Refusal;

const WORD: u64 = 4;
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
}

impl Planned {
	/// The longest buffer, in bytes.
	pub(super) fn longest_buffer(&self) -> u64 {
		let words = self.summary.buffer_words.iter().copied().max().unwrap_or(0);
		u64::from(words) * WORD
	}

	/// Indices of the buffers that passes write, in the transcript's order.
	pub(super) fn written(&self) -> Vec<u16> {
		let slots = self.summary.written();
		slots.map(|slot| u16::try_from(slot.buffer).unwrap_or(u16::MAX)).collect()
	}

	/// Whether a pass reads nothing but inputs.
	pub(super) fn reads_inputs_only(&self, pass: usize) -> bool {
		let buffers = &self.checked.program.definition().buffers;
		let Some(pass) = self.summary.passes.get(pass) else { return false };
		let mut read = pass.slots.iter().filter(|slot| slot.slice_words.is_none());
		read.all(|slot| buffers.get(slot.buffer).is_some_and(|one| one.role == Role::Input))
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
		let planned = Planned { checked, summary: Arc::new(summary), quote };
		Ok(agree(&planned, request).map(|()| planned))
	}

	async fn checked(
		&self,
		chain: &impl Chain,
		id: ProgramId,
	) -> Result<Result<Arc<Checked>, Refusal>, Error> {
		let mut kept = self.kept.lock().await;
		if let Some(known) = kept.get(&id) {
			return Ok(known.clone());
		}
		let Some(code) = chain.program_code(id).await? else { return Ok(Err(Refusal::NoProgram)) };
		let checked = check(id, code);
		if kept.len() >= KEPT {
			kept.clear();
		}
		kept.insert(id, checked.clone());
		Ok(checked)
	}
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
