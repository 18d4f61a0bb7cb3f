//! That an expression's terms form one value.

use crate::{
	bytecode::{
		limits::{MAX_STACK, MAX_TERMS},
		Expression, Term,
	},
	error::{Indexed, Limited, Reason},
};

/// Checks the terms' number, their indices, and how deep the stack gets.
pub(super) fn check(expression: &Expression, parameters: usize) -> Result<(), Reason> {
	super::at_most(expression.0.len(), MAX_TERMS, Limited::Terms)?;
	let mut depth = 0usize;
	for term in &expression.0 {
		match *term {
			Term::Constant(_) => depth += 1,
			Term::Parameter(index) => {
				let index = usize::from(index);
				if index >= parameters {
					let what = Indexed::Parameter;
					return Err(Reason::Undeclared { what, index, declared: parameters });
				}
				depth += 1;
			}
			_ if depth < 2 => return Err(Reason::Expression),
			_ => depth -= 1,
		}
		super::at_most(depth, MAX_STACK, Limited::Stack)?;
	}
	if depth != 1 {
		return Err(Reason::Expression);
	}
	Ok(())
}
