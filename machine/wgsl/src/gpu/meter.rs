//! Stops invocations that exceed the fuel, and says so.
//!
//! An invocation counts its own units in a variable, and looks at the count at the top of every loop.
//! Where it counts for the workgroup too, it does so by portions, as many units as each invocation may
//! have on average: so a workgroup whose invocations all do the same, as most do, hardly gets there,
//! and one that exceeds the fuel does at most about as much again.

use std::collections::BTreeMap;

use mutirao_machine_core::bytecode::{Operand, Operation};
use naga::{
	AddressSpace, AtomicFunction, BinaryOperator as Op, Block, Expression, GlobalVariable, Handle,
	MathFunction, Scalar, Statement, StorageAccess, Type, TypeInner,
};

use super::{
	builder::Value,
	fuel::{self, Counted},
	layout, KernelLowerer,
};

/// What invocations count, and stop at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counting {
	/// Each its own units, for devices that limit the iterations of loops; it is reported if they have
	/// been stopped. Such devices are software, which goes through the code of a branch whether somebody
	/// takes it or not: so there is little in loops.
	Alone,
	/// Each its own units, and those of its workgroup.
	Together,
}

/// The counters of a kernel with loops.
pub(super) struct Meter {
	charges: fuel::Charges,
	/// Loops that are counted as a whole, where each invocation counts alone: on hardware the
	/// workgroups of a long one would be found out too late.
	counted: BTreeMap<usize, Counted>,
	values: Values,
	/// The variable of the status words.
	pub(super) variable: Handle<GlobalVariable>,
}

#[derive(Clone, Copy)]
struct Values {
	/// The variable with this invocation's units, or those that are in no portion yet.
	units: Value,
	limit: Limit,
	/// The array of status words.
	status: Value,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Limit {
	/// The units start where they are [`layout::TOO_MANY`] if there are more than the fuel allows.
	Alone,
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
		let (variable, status) =
			self.global("status".into(), space, Some(layout::STATUS_BINDING), words);
		let units = self.b.variable("units".into(), self.types.u32, true);
		let limit = match counting {
			Counting::Alone => {
				let start = self.job_word(layout::FIRST_UNIT);
				self.b.store(units, start);
				Limit::Alone
			}
			Counting::Together => Limit::Together {
				portions: self.b.variable("portions".into(), self.types.u32, true),
				portion: self.job_word(layout::PORTION_UNITS),
			},
		};
		let values = Values { units, limit, status };
		let mut charges = fuel::charges(self.kernel);
		let counted = match counting {
			Counting::Alone => fuel::take_counted(self.kernel, &mut charges),
			Counting::Together => BTreeMap::new(),
		};
		self.meter = Some(Meter { charges, counted, values, variable });
	}

	/// Counts what the code from an operation on costs, if that is counted there.
	pub(super) fn charge(&mut self, at: usize) {
		let Some(Meter { charges, values, .. }) = &self.meter else {
			return;
		};
		if let (Some(cost), units) = (charges.get(&at).copied(), values.units) {
			let before = self.b.load(units);
			let after = self.b.op_with(Op::Add, before, cost);
			self.b.store(units, after);
		}
	}

	/// Before a loop that is counted as a whole: counts it, and stops what runs too long.
	pub(super) fn charge_loop(&mut self, at: usize) {
		let Some(meter) = &self.meter else { return };
		let (Some(counted), values) = (meter.counted.get(&at).copied(), meter.values) else {
			return;
		};
		// More would be too many units in any case, and the count must not wrap.
		let most = self.b.number((layout::TOO_MANY - 1) / counted.units.max(1));
		let times = self.times(counted);
		let times = self.b.math(MathFunction::Min, &[times, most]);
		let cost = self.b.op_with(Op::Multiply, times, counted.units);
		let before = self.b.load(values.units);
		let units = self.b.op(Op::Add, before, cost);
		self.b.store(values.units, units);
		self.stop_alone(values, units, Some(Statement::Return { value: None }));
	}

	/// How many iterations a loop is about to have.
	fn times(&mut self, Counted { counter, limit, is_signed, .. }: Counted) -> Value {
		let (counter, limit) = (self.operand(Operand::Register(counter)), self.operand(limit));
		let left = self.b.op(Op::Subtract, limit, counter);
		let (a, b) = match is_signed {
			true => (self.b.as_i32(counter), self.b.as_i32(limit)),
			false => (counter, limit),
		};
		let is_below = self.b.op(Op::Less, a, b);
		let none = self.b.number(0);
		self.b.select(is_below, left, none)
	}

	/// Reports, and stops, if there are too many units.
	fn stop_alone(&mut self, values: Values, units: Value, stop: Option<Statement>) {
		let spent = self.b.op_with(Op::GreaterEqual, units, layout::TOO_MANY);
		self.when(spent, |this| this.report(values, stop));
	}

	/// What is known of a loop that is looked at in each iteration.
	fn checked(&self, at: usize) -> Option<Values> {
		let meter = self.meter.as_ref()?;
		(!meter.counted.contains_key(&at)).then_some(meter.values)
	}

	/// At the start of a loop's body: `stop` what runs too long. Where each counts alone it only leaves
	/// the loop, and reports after it: what is in a loop such devices always go through.
	pub(super) fn check_meter(&mut self, at: usize, stop: Statement) {
		let Some(values) = self.checked(at) else { return };
		let units = self.b.load(values.units);
		match values.limit {
			Limit::Alone => {
				let spent = self.b.op_with(Op::GreaterEqual, units, layout::TOO_MANY);
				self.b.when(spent, |b| b.statement(Statement::Break));
			}
			Limit::Together { portions, portion } => {
				let spent = self.b.op(Op::GreaterEqual, units, portion);
				self.when(spent, |this| this.hand_in(values, units, (portions, portion), stop));
			}
		}
	}

	/// After a loop: stops whoever left it because there was too much.
	pub(super) fn stop_after(&mut self, at: usize, stop: Statement) {
		let Some(values) = self.checked(at) else { return };
		if matches!(values.limit, Limit::Alone) {
			let units = self.b.load(values.units);
			// In a continuing block the next loop stops it.
			let stop = Some(stop).filter(|stop| !matches!(stop, Statement::Break));
			self.stop_alone(values, units, stop);
		}
	}

	/// Makes portions of the units, and stops if there are more of them than the fuel allows.
	fn hand_in(
		&mut self,
		values: Values,
		units: Value,
		(portions, portion): (Value, Value),
		stop: Statement,
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
			this.report(values, Some(stop));
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

	fn report(&mut self, values: Values, stop: Option<Statement>) {
		let word = self.b.number(layout::STATUS_FUEL);
		let pointer = self.b.access(values.status, word);
		let value = self.b.number(1);
		self.b.store(pointer, value);
		stop.into_iter().for_each(|stop| self.b.statement(stop));
	}

	/// `if condition { accept }`
	fn when(&mut self, condition: Value, accept: impl FnOnce(&mut Self)) {
		let outer = self.b.replace_block(Block::new());
		accept(self);
		let accept = self.b.replace_block(outer);
		self.b.statement(Statement::If { condition, accept, reject: Block::new() });
	}
}
