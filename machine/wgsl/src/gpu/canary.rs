//! Whether the device still runs loops when an invocation has ended.
//!
//! LLVM's software rasteriser stops all loops of some neighbouring invocations after 65,535 iterations
//! that they have together, as if the loops had ended, and every loop after that is left after its first
//! iteration. How it counts is its own affair. So the kernel becomes a function that the entry
//! point calls, and then goes through a short loop: if that is cut short too, results are wrong.

use naga::{BinaryOperator as Op, Block, Expression, Function, Handle, Span, Statement};

use super::{builder::Builder, layout, KernelLowerer};

/// Variables of the module that an entry point uses.
#[derive(Clone, Copy)]
pub(super) struct Globals {
	/// The job's numbers.
	pub(super) job: Handle<naga::GlobalVariable>,
	/// The status words.
	pub(super) status: Handle<naga::GlobalVariable>,
}

impl KernelLowerer<'_> {
	/// The entry point that calls a kernel and then reports if the device has stopped its loops.
	pub(super) fn with_canary(&mut self, mut kernel: Function, globals: Globals) -> Function {
		self.b = Builder::new();
		self.b.function.arguments = kernel.arguments.clone();
		kernel.arguments.iter_mut().for_each(|argument| argument.binding = None);
		kernel.name = Some("kernel".into());
		let arguments = (0u32..).take(kernel.arguments.len());
		let arguments = arguments.map(|i| self.b.name(Expression::FunctionArgument(i))).collect();
		let function = self.module.functions.append(kernel, Span::UNDEFINED);
		self.b.statement(Statement::Call { function, arguments, result: None });

		self.job = Some(self.b.name(Expression::GlobalVariable(globals.job)));
		// A number that no compiler knows, or it would know the loop's end.
		let turns = self.job_word(layout::CANARY_TURNS);
		let turn = self.b.variable("turn".into(), self.types.u32, true);
		let outer = self.b.replace_block(Block::new());
		let now = self.b.load(turn);
		let is_over = self.b.op(Op::GreaterEqual, now, turns);
		self.b.when(is_over, |b| b.statement(Statement::Break));
		let next = self.b.op_with(Op::Add, now, 1);
		self.b.store(turn, next);
		let body = self.b.replace_block(outer);
		let continuing = Block::new();
		self.b.statement(Statement::Loop { body, continuing, break_if: None });
		let reached = self.b.load(turn);
		let is_short = self.b.op(Op::Less, reached, turns);
		let status = self.b.name(Expression::GlobalVariable(globals.status));
		self.b.when(is_short, |b| {
			let word = b.number(layout::STATUS_ITERATIONS);
			let pointer = b.access(status, word);
			let set = b.number(1);
			b.store(pointer, set);
		});
		std::mem::replace(&mut self.b, Builder::new()).finish()
	}
}
