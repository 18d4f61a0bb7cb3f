//! One workgroup to run.

use alloc::{string::String, vec::Vec};

use codec::{Decode, Encode};
use mutirao_machine_core::{run_resolved, ChunkId, Program, ResolvedPass, Run, RunError, Witness};

/// A workgroup and all it reads.
#[derive(Clone, Debug, Default, Encode, Decode)]
pub struct Request {
	/// The encoded program.
	pub program: Vec<u8>,
	/// The pass.
	pub pass: u32,
	/// The job's parameters.
	pub parameters: Vec<u32>,
	/// The workgroup's number.
	pub workgroup: u32,
	/// Slot, number and bytes of each chunk.
	pub chunks: Vec<(u8, u32, Vec<u8>)>,
}

/// How it ended.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Reply {
	/// The slices and steps.
	Finished(Vec<Vec<u32>>, u64),
	/// The program's fault.
	Fault(String),
	/// No result, for a reason that is not the program's.
	Void(String),
}

/// A request that was decoded and checked, so that it can be run many times.
#[derive(Debug)]
pub struct Prepared {
	program: Program,
	pass: ResolvedPass,
	workgroup: u32,
	witness: Witness,
}

/// Decodes and checks a request.
///
/// # Errors
///
/// A description of what does not fit.
pub fn prepare(request: &Request) -> Result<Prepared, String> {
	use alloc::string::ToString;
	let program = Program::decode(&request.program).map_err(|error| error.to_string())?;
	let pass = program
		.resolve_pass(request.pass as usize, &request.parameters)
		.map_err(|error| error.to_string())?;
	let mut witness = Witness::new();
	for (slot, chunk, bytes) in &request.chunks {
		let id = ChunkId { slot: *slot, chunk: *chunk };
		witness.push(id, bytes).map_err(|error| error.to_string())?;
	}
	Ok(Prepared { program, pass, workgroup: request.workgroup, witness })
}

impl Prepared {
	/// Runs it.
	///
	/// # Errors
	///
	/// As [`run_resolved`].
	pub fn run(&self) -> Result<Run, RunError> {
		run_resolved(&self.program, &self.pass, self.workgroup, &self.witness)
	}
}

/// Runs a request once.
pub fn execute(request: &Request) -> Reply {
	use alloc::string::ToString;
	match prepare(request).map(|prepared| prepared.run()) {
		Ok(Ok(run)) => Reply::Finished(run.slices, run.steps),
		Ok(Err(RunError::Fault(fault))) => Reply::Fault(fault.to_string()),
		Ok(Err(error)) => Reply::Void(error.to_string()),
		Err(error) => Reply::Void(error),
	}
}
