//! That blocks nest, and where each ends.

use alloc::{vec, vec::Vec};

use crate::{
	bytecode::{limits::MAX_NESTING, Operation},
	error::{Limited, Place, Reason, ValidateError},
};

/// An open block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
	/// The block before an `Else`.
	If,
	/// The block after one.
	Else,
	/// A loop's body.
	Body,
	/// Its continuing block.
	Continuing,
}

struct Open {
	kind: Kind,
	/// Operations whose target is the marker that ends this block.
	waiting: Vec<usize>,
}

/// For each operation of the code, its target.
///
/// Of `If`: its `Else` or `End`. Of `Else` and `Continuing`: their `End`. Of every other
/// operation: the marker that ends the innermost block around it, or the code's length if there
/// is none; it is where execution goes on when no invocation is left in the block.
pub(super) fn targets(kernel: usize, code: &[Operation]) -> Result<Vec<u32>, ValidateError> {
	let end = code.len() as u32;
	let mut targets = vec![end; code.len()];
	let mut open: Vec<Open> = Vec::with_capacity(MAX_NESTING);
	for (index, operation) in code.iter().enumerate() {
		let located = |reason| ValidateError { place: Place::Operation(kernel, index), reason };
		jumps(code, index, &open).map_err(located)?;
		match operation {
			Operation::Else | Operation::Continuing | Operation::End => {
				let closed = open.pop().ok_or(located(Reason::Unopened))?;
				let next = following(operation, closed.kind).map_err(located)?;
				for waiting in closed.waiting {
					targets[waiting] = index as u32;
				}
				match next {
					Some(kind) => open.push(Open { kind, waiting: vec![index] }),
					// An `End` belongs to the block around it.
					None => wait(&mut open, index),
				}
			}
			Operation::If(_) | Operation::Loop => {
				if matches!(operation, Operation::Loop) {
					wait(&mut open, index);
				}
				super::at_most(open.len() + 1, MAX_NESTING, Limited::Nesting).map_err(located)?;
				open.push(match operation {
					Operation::If(_) => Open { kind: Kind::If, waiting: vec![index] },
					_ => Open { kind: Kind::Body, waiting: Vec::new() },
				});
			}
			_ => wait(&mut open, index),
		}
	}
	if !open.is_empty() {
		let reason = Reason::Unclosed(open.len());
		return Err(ValidateError { place: Place::Kernel(kernel), reason });
	}
	Ok(targets)
}

fn wait(open: &mut [Open], index: usize) {
	if let Some(block) = open.last_mut() {
		block.waiting.push(index);
	}
}

/// The block that a marker opens after it closed one of this kind.
fn following(marker: &Operation, closed: Kind) -> Result<Option<Kind>, Reason> {
	match (marker, closed) {
		(Operation::Else, Kind::If) => Ok(Some(Kind::Else)),
		(Operation::Continuing, Kind::Body) => Ok(Some(Kind::Continuing)),
		(Operation::End, _) => Ok(None),
		_ => Err(Reason::Unopened),
	}
}

/// Whether an operation that leaves a block may stand where it stands.
fn jumps(code: &[Operation], index: usize, open: &[Open]) -> Result<(), Reason> {
	let is_in_continuing = open.iter().any(|block| block.kind == Kind::Continuing);
	// What is in a loop of its own inside a continuing block leaves that loop only.
	let innermost = open
		.iter()
		.rev()
		.map(|block| block.kind)
		.find(|kind| matches!(kind, Kind::Body | Kind::Continuing));
	match (&code[index], innermost) {
		(Operation::Return, _) if is_in_continuing => Err(Reason::LeavesContinuing),
		(Operation::Break | Operation::Continue | Operation::BreakIf(_), None) => {
			Err(Reason::OutsideLoop)
		}
		(Operation::Break | Operation::Continue, Some(Kind::Continuing)) => {
			Err(Reason::LeavesContinuing)
		}
		(Operation::BreakIf(_), Some(Kind::Continuing)) => {
			let is_last = matches!(code.get(index + 1), Some(Operation::End));
			let is_direct = open.last().is_some_and(|block| block.kind == Kind::Continuing);
			if is_last && is_direct {
				Ok(())
			} else {
				Err(Reason::LeavesContinuing)
			}
		}
		_ => Ok(()),
	}
}
