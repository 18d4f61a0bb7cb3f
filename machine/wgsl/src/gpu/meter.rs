//! Stops invocations that exceed the fuel, or the iterations that the device runs, and says so.
//!
//! An invocation counts its own units in a variable, and looks at the count at the top of every loop.
//! Where it counts for the workgroup too, it does so by portions, as many units as each invocation may
//! have on average: so a workgroup whose invocations all do the same, as most do, hardly gets there,
//! and one that exceeds the fuel does at most about as much again.

use mutirao_machine_core::bytecode::Operation;
use naga::{
	AddressSpace, AtomicFunction, BinaryOperator as Op, Block, Expression, Scalar, Statement,
	StorageAccess, Type, TypeInner,
};

use super::{builder::Value, fuel, layout, KernelLowerer};

/// What invocations count, and stop at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counting {
	/// Each its own units and its iterations, for devices that limit these. Such devices are software,
	/// which goes through the code of a branch whether somebody takes it or not: so there is little.
	Alone,
	/// Each its own units, and those of its workgroup.
	Together,
}

/// The counters of a kernel with loops.
pub(super) struct Meter {
	charges: fuel::Charges,
	values: Values,
}

#[derive(Clone, Copy)]
struct Values {
	/// The variable with this invocation's units, or those that are in no portion yet.
	units: Value,
	limit: Limit,
	/// The array of status words.
	status: Value,
}

#[derive(Clone, Copy)]
enum Limit {
	/// The variable that counts iterations. It and the units start where they reach the highest bit
	/// when there are too many, so that one comparison is enough for both.
	Alone { iterations: Value },
	/// The variable with this invocation's portions, and the units of one.
	Together { portions: Value, portion: Value },
}

impl KernelLowerer<'_> {
	pub(super) fn declare_meter(&mut self, counting: Counting) {
		let has_loops = self.kernel.code.iter().any(|one| matches!(one, Operation::Loop));
		if !has_loops {
			return;
		}
		let inner = TypeInner::Atomic(Scalar::U32);
		let atomic = self.module.types.insert(Type { name: None, inner }, naga::Span::UNDEFINED);
		let words = self.array_type(atomic, None, 4);
		let access = StorageAccess::LOAD | StorageAccess::STORE;
		let space = AddressSpace::Storage { access };
		let status = self.global("status".into(), space, Some(layout::STATUS_BINDING), words);
		let units = self.b.variable("units".into(), self.types.u32, true);
		let limit = match counting {
			Counting::Alone => {
				let iterations = self.b.variable("iterations".into(), self.types.u32, true);
				let starts = [(units, layout::FIRST_UNIT), (iterations, layout::FIRST_ITERATION)];
				for (counter, word) in starts {
					let start = self.job_word(word);
					self.b.store(counter, start);
				}
				Limit::Alone { iterations }
			}
			Counting::Together => Limit::Together {
				portions: self.b.variable("portions".into(), self.types.u32, true),
				portion: self.job_word(layout::PORTION_UNITS),
			},
		};
		let values = Values { units, limit, status };
		self.meter = Some(Meter { charges: fuel::charges(self.kernel), values });
	}

	/// Counts what the code from an operation on costs, if that is counted there.
	pub(super) fn charge(&mut self, at: usize) {
		let Some(Meter { charges, values }) = &self.meter else {
			return;
		};
		if let (Some(cost), units) = (charges.get(&at).copied(), values.units) {
			let before = self.b.load(units);
			let after = self.b.op_with(Op::Add, before, cost);
			self.b.store(units, after);
		}
	}

	/// At the start of a loop's body: `stop` what runs too long, by which it must leave the loop. If it
	/// meets another loop on its way out, it is stopped there again, for its counts stay as they are.
	pub(super) fn check_meter(&mut self, stop: &Statement) {
		let Some(values) = self.meter.as_ref().map(|meter| meter.values) else {
			return;
		};
		let units = self.b.load(values.units);
		match values.limit {
			Limit::Alone { iterations } => {
				let count = self.b.load(iterations);
				let either = self.b.op(Op::InclusiveOr, units, count);
				let spent = self.b.op_with(Op::GreaterEqual, either, layout::TOO_MANY);
				self.when(spent, |this| {
					let is_last = this.b.op_with(Op::GreaterEqual, count, layout::TOO_MANY);
					let words = [layout::STATUS_ITERATIONS, layout::STATUS_FUEL];
					let [iterations, fuel] = words.map(|word| this.b.number(word));
					let word = this.b.select(is_last, iterations, fuel);
					this.report(values, word, stop);
				});
				let next = self.b.op_with(Op::Add, count, 1);
				self.b.store(iterations, next);
			}
			Limit::Together { portions, portion } => {
				let spent = self.b.op(Op::GreaterEqual, units, portion);
				self.when(spent, |this| this.hand_in(values, units, (portions, portion), stop));
			}
		}
	}

	/// Makes portions of the units, and stops if there are more of them than the fuel allows.
	fn hand_in(
		&mut self,
		values: Values,
		units: Value,
		(portions, portion): (Value, Value),
		stop: &Statement,
	) {
		let more = self.b.op(Op::Divide, units, portion);
		let before = self.b.load(portions);
		let own = self.b.op(Op::Add, before, more);
		self.b.store(portions, own);
		let together = self.add_to_workgroup(values.status, more);
		let most = self.job_word(layout::MOST_PORTIONS);
		let alone_exceeds = self.b.op(Op::Greater, own, most);
		let most = self.job_word(layout::MOST_WORKGROUP_PORTIONS);
		let together_exceed = self.b.op(Op::Greater, together, most);
		let exceeds = self.b.op(Op::LogicalOr, alone_exceeds, together_exceed);
		self.when(exceeds, |this| {
			let word = this.b.number(layout::STATUS_FUEL);
			this.report(values, word, stop);
		});
		let left = self.b.op(Op::Modulo, units, portion);
		self.b.store(values.units, left);
	}

	/// Adds to the workgroup's portions, and returns their sum.
	fn add_to_workgroup(&mut self, status: Value, more: Value) -> Value {
		let number = self.workgroup_number.unwrap_or(more);
		let first = self.job_word(layout::FIRST_OF_SLAB);
		let place = self.b.op(Op::Subtract, number, first);
		let index = self.b.op_with(Op::Add, place, layout::STATUS_WORKGROUPS);
		let pointer = self.b.access(status, index);
		let ty = self.types.u32;
		let before = self.b.name(Expression::AtomicResult { ty, comparison: false });
		let fun = AtomicFunction::Add;
		self.b.statement(Statement::Atomic { pointer, fun, value: more, result: Some(before) });
		self.b.op(Op::Add, before, more)
	}

	fn report(&mut self, values: Values, word: Value, stop: &Statement) {
		let pointer = self.b.access(values.status, word);
		let value = self.b.number(1);
		self.b.store(pointer, value);
		self.b.statement(stop.clone());
	}

	/// `if condition { accept }`
	fn when(&mut self, condition: Value, accept: impl FnOnce(&mut Self)) {
		let outer = self.b.replace_block(Block::new());
		accept(self);
		let accept = self.b.replace_block(outer);
		self.b.statement(Statement::If { condition, accept, reject: Block::new() });
	}
}
