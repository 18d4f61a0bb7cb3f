//! The VM: re-executes one workgroup.
//!
//! All invocations go through the code together; each operation is a loop over the invocations
//! that take part, so that decoding is paid for once an operation and not once an invocation.

mod access;
mod apply;
mod buffers;
mod control;
mod execute;
mod fault;
mod mask;
mod memory;
mod pages;
mod recorder;
mod registers;
mod rows;
mod shadow;
mod witness;

pub use buffers::{Buffer, Buffers, ByteBuffers, ChunkId, CHUNK_BYTES, CHUNK_WORDS};
pub use execute::Run;
pub use fault::{Fault, FaultReason, RunError};
pub use recorder::{RecordedBuffer, Recorder};
pub use witness::{Witness, WitnessBuffer, WitnessError};

use crate::{Program, ResolvedPass};

/// Runs one workgroup of a pass.
///
/// # Errors
///
/// A [`RunError::Fault`] if the program is at fault; any other error means that the run says
/// nothing: the parameters, the workgroup's number or the buffers do not fit.
pub fn run_workgroup(
	program: &Program,
	pass: usize,
	parameters: &[u32],
	workgroup: u32,
	buffers: &impl Buffers,
) -> Result<Run, RunError> {
	run_resolved(program, &program.resolve_pass(pass, parameters)?, workgroup, buffers)
}

/// Runs one workgroup of a pass that [`Program::resolve_pass`] or [`Program::summary`] returned
/// for this program.
///
/// # Errors
///
/// As for [`run_workgroup`].
pub fn run_resolved(
	program: &Program,
	pass: &ResolvedPass,
	workgroup: u32,
	buffers: &impl Buffers,
) -> Result<Run, RunError> {
	let count = pass.workgroup_count;
	if workgroup >= count {
		return Err(RunError::NoSuchWorkgroup { number: workgroup, count });
	}
	let missing = crate::ParameterError::NoSuchPass(pass.pass);
	let defined = program.definition().passes.get(pass.pass).ok_or(missing)?;
	let index = usize::from(defined.kernel);
	let kernel = program.kernel(index).ok_or(missing)?;
	execute::Machine::new(index, kernel, pass, workgroup, buffers)?.run()
}

#[cfg(test)]
mod tests {
	use alloc::{vec, vec::Vec};

	use super::*;
	use crate::bytecode::{
		BuiltIn, Compare, Condition, Definition, Expression, Kernel, Operand, Operation, Pass,
	};

	/// The validator refuses such a program; should it ever err, the VM still does not.
	#[test]
	fn a_barrier_that_not_all_invocations_reach_is_a_fault() {
		let condition = Condition {
			compare: Compare::LessU32,
			left: Operand::Register(0),
			right: Operand::Immediate(3),
		};
		let kernel = Kernel {
			workgroup_size: [8, 1, 1],
			registers: 1,
			code: vec![
				Operation::BuiltIn { value: BuiltIn::LocalIndex, to: 0 },
				Operation::If(condition),
				Operation::Barrier,
				Operation::End,
			],
			..Kernel::default()
		};
		let pass = Pass {
			workgroups: [1, 1, 1].map(Expression::constant),
			fuel: Expression::constant(1000),
			..Pass::default()
		};
		let definition =
			Definition { kernels: vec![kernel], passes: vec![pass], ..Definition::default() };
		assert!(Program::new(definition.clone()).is_err());
		let program = Program::with_targets(definition, vec![vec![4, 3, 3, 4]]);
		let none: Vec<&[u8]> = Vec::new();
		let reason = FaultReason::DivergentBarrier { arrived: 3, expected: 8 };
		let fault = Fault { kernel: 0, operation: 2, reason };
		let run = run_workgroup(&program, 0, &[], 0, &ByteBuffers::new(&none));
		assert_eq!(run, Err(RunError::Fault(fault)));
	}
}
