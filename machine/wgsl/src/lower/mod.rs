//! naga's IR of one entry point to the compiler's own form: functions inlined, vectors and
//! variables taken apart into scalars, constants computed, short loops of known length unrolled.
//!
//! A local variable lives in registers until something indexes it by a value that is not constant.
//! Then the variable's name goes to [`Spilled`] and the entry point is lowered again with that
//! variable in private memory.

mod bindings;
mod call;
mod expression;
mod loops;
mod math;
mod place;
mod statement;
pub mod types;
mod variable;

use std::{
	collections::{BTreeMap, HashMap, HashSet},
	rc::Rc,
};

use naga::{Expression, Function, Handle, LocalVariable, Span};

use crate::{
	front::{Diagnostic, Parsed, Rule},
	mir::{fold, Binary, Builtin, Inst, Kernel, Kind, Memory, Operand, Reg, Unary, Wide},
};

pub use bindings::Bindings;
use place::Place;
use types::Shape;
use variable::Variable;

/// Most instructions that lowering may make, those of abandoned unrollings included.
const MAX_EMITTED: usize = 200_000;
/// Most instructions of a lowered kernel; a program holds no more.
const MAX_INSTRUCTIONS: usize = 16_384;
/// Most words that one value in registers may have.
const MAX_VALUE_WORDS: u32 = 256;
/// Most words of a constant.
const MAX_TABLE_WORDS: u32 = 4096;
/// Largest variable, in words, that is tried in registers.
const MAX_REGISTER_WORDS: u32 = 64;

type Result<T> = std::result::Result<T, Stop>;

/// Why lowering stops.
enum Stop {
	/// The source is refused.
	Refused(Rule, String, Span),
	/// A variable must live in memory; start again.
	Spill(VariableId),
	/// This loop cannot be unrolled; lower it as a loop.
	NotUnrolled,
}

fn refuse<T>(rule: Rule, reason: impl Into<String>, span: Span) -> Result<T> {
	Err(Stop::Refused(rule, reason.into(), span))
}

/// A local variable of a function, in all places where the function is inlined.
type VariableId = (Option<Handle<Function>>, Handle<LocalVariable>);

/// Variables known to need memory.
type Spilled = HashSet<VariableId>;

/// What an expression is.
#[derive(Clone, Debug)]
enum Value {
	/// Its words.
	Words(Rc<[Operand]>),
	/// A pointer.
	Place(Place),
}

/// One inlined function.
struct Frame<'m> {
	id: Option<Handle<Function>>,
	function: &'m Function,
	values: HashMap<Handle<Expression>, Value>,
	arguments: Vec<Value>,
	variables: HashMap<Handle<LocalVariable>, Variable>,
	returns: call::Returns,
	/// Calls around this one.
	depth: usize,
	/// Enclosing loops and switches of this function, innermost last.
	targets: Vec<loops::Target>,
}

/// How control leaves a statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Flow {
	/// At its end.
	Next,
	/// Never at its end.
	Gone,
	/// By a `break` of the loop that is being unrolled.
	Break,
	/// By a `continue` of the loop that is being unrolled.
	Continue,
}

struct Lowerer<'m> {
	parsed: &'m Parsed,
	bindings: &'m Bindings,
	spilled: &'m Spilled,
	kernel: Kernel,
	out: Vec<Inst>,
	at: u32,
	emitted: usize,
	/// Constant values of variables' registers at this point.
	known: BTreeMap<Reg, u32>,
	globals: HashMap<Handle<naga::GlobalVariable>, Memory>,
	/// Tables by content, so that each appears once.
	tables: HashMap<Vec<u32>, u8>,
	/// Built-in values read so far; they are read once, at the start.
	builtins: BTreeMap<Builtin, Reg>,
}

/// Lowers the entry point that `bindings` names.
///
/// # Errors
///
/// If the kernel has what the machine does not, or exceeds a limit.
pub fn lower(
	parsed: &Parsed,
	source: &str,
	bindings: &Bindings,
) -> std::result::Result<Kernel, Diagnostic> {
	let mut spilled = Spilled::new();
	loop {
		let lowerer = Lowerer::new(parsed, bindings, &spilled);
		match lowerer.run() {
			Ok(kernel) => return Ok(kernel),
			Err(Stop::Spill(variable)) if spilled.insert(variable) => {}
			Err(Stop::Refused(rule, reason, span)) => {
				return Err(Diagnostic::new(rule, reason, source, span))
			}
			Err(Stop::Spill(_) | Stop::NotUnrolled) => {
				let reason = "a variable could not be placed; please report this kernel";
				return Err(Diagnostic::whole(Rule::Unsupported, reason));
			}
		}
	}
}

impl<'m> Lowerer<'m> {
	fn new(parsed: &'m Parsed, bindings: &'m Bindings, spilled: &'m Spilled) -> Self {
		Self {
			parsed,
			bindings,
			spilled,
			kernel: Kernel::default(),
			out: Vec::new(),
			at: 0,
			emitted: 0,
			known: BTreeMap::new(),
			globals: HashMap::new(),
			tables: HashMap::new(),
			builtins: BTreeMap::new(),
		}
	}

	fn run(mut self) -> Result<Kernel> {
		let entry = &self.parsed.module.entry_points[self.bindings.entry];
		let arguments = self.entry_arguments(&entry.function)?;
		let mut frame = Frame::new(None, &entry.function, arguments, call::Returns::Entry);
		self.declare_globals()?;
		self.declare_variables(&mut frame)?;
		self.block(&mut frame, &entry.function.body)?;
		let mut body: Vec<Inst> = Vec::with_capacity(self.out.len() + self.builtins.len());
		for (which, dst) in &self.builtins {
			body.push(Inst { kind: Kind::Builtin { dst: *dst, which: *which }, at: 0 });
		}
		body.append(&mut self.out);
		if matches!(body.last(), Some(Inst { kind: Kind::Return, .. })) {
			body.pop();
		}
		self.kernel.body = body;
		let mut size = 0;
		crate::mir::walk(&self.kernel.body, &mut |_| size += 1);
		if size > MAX_INSTRUCTIONS {
			let reason = "the kernel is too large with its functions inlined";
			return refuse(Rule::Limit, reason, Span::UNDEFINED);
		}
		Ok(self.kernel)
	}

	fn register(&mut self) -> Reg {
		let register = self.kernel.registers;
		self.kernel.registers += 1;
		register
	}

	fn emit(&mut self, kind: Kind) -> Result<()> {
		self.emitted += 1;
		if self.emitted > MAX_EMITTED {
			let span = Span::new(self.at, self.at + 1);
			return refuse(Rule::Limit, "the kernel is too large with its functions inlined", span);
		}
		self.out.push(Inst { kind, at: self.at });
		Ok(())
	}

	/// Emits into a new block.
	fn nested<T>(&mut self, work: impl FnOnce(&mut Self) -> Result<T>) -> Result<(T, Vec<Inst>)> {
		let outer = std::mem::take(&mut self.out);
		let result = work(self);
		let block = std::mem::replace(&mut self.out, outer);
		result.map(|value| (value, block))
	}

	fn unary(&mut self, op: Unary, a: Operand) -> Result<Operand> {
		if let Operand::Imm(x) = a {
			return Ok(Operand::Imm(fold::unary(op, x)));
		}
		let dst = self.register();
		self.emit(Kind::Unary { op, dst, a })?;
		Ok(Operand::Reg(dst))
	}

	fn binary(&mut self, op: Binary, a: Operand, b: Operand) -> Result<Operand> {
		if let (Operand::Imm(x), Operand::Imm(y)) = (a, b) {
			return Ok(Operand::Imm(fold::binary(op, x, y)));
		}
		if let Some(simpler) = simplify(op, a, b) {
			return Ok(simpler);
		}
		let dst = self.register();
		self.emit(Kind::Binary { op, dst, a, b })?;
		Ok(Operand::Reg(dst))
	}

	fn wide(&mut self, op: Wide, args: Vec<Operand>) -> Result<Operand> {
		let constants: Option<Vec<u32>> = args.iter().map(|arg| arg.imm()).collect();
		if let Some(value) = constants.and_then(|args| fold::wide(op, &args)) {
			return Ok(Operand::Imm(value));
		}
		if let (Wide::Select, [Operand::Imm(condition), accept, reject]) = (op, args.as_slice()) {
			return Ok(if *condition != 0 { *accept } else { *reject });
		}
		let dst = self.register();
		self.emit(Kind::Wide { op, dst, args })?;
		Ok(Operand::Reg(dst))
	}

	fn builtin(&mut self, which: Builtin) -> Operand {
		if let Some(reg) = self.builtins.get(&which) {
			return Operand::Reg(*reg);
		}
		let reg = self.register();
		self.builtins.insert(which, reg);
		Operand::Reg(reg)
	}

	fn table(&mut self, words: Vec<u32>, span: Span) -> Result<Memory> {
		if let Some(table) = self.tables.get(&words) {
			return Ok(Memory::Table(*table));
		}
		let Ok(table) = u8::try_from(self.kernel.tables.len()) else {
			return refuse(Rule::Limit, "more than 256 constant tables", span);
		};
		self.kernel.tables.push(words.clone());
		self.tables.insert(words, table);
		Ok(Memory::Table(table))
	}

	fn private_array(&mut self, words: u32, span: Span) -> Result<Memory> {
		let Ok(array) = u8::try_from(self.kernel.private.len()) else {
			return refuse(Rule::Limit, "more than 256 private arrays", span);
		};
		self.kernel.private.push(words);
		Ok(Memory::Private(array))
	}

	fn shape(&self, ty: Handle<naga::Type>, span: Span) -> Result<Rc<Shape>> {
		match Shape::of(&self.parsed.module, ty) {
			Some(shape) => Ok(shape),
			None => refuse(Rule::Type, "a type that kernels do not have", span),
		}
	}

	fn value_words(&self, shape: &Shape, span: Span) -> Result<u32> {
		match shape.words() {
			Some(words) if words <= MAX_VALUE_WORDS => Ok(words),
			_ => refuse(
				Rule::Limit,
				"a value of more than 256 words: read and write its elements one by one",
				span,
			),
		}
	}
}

/// Identities that need no instruction.
fn simplify(op: Binary, a: Operand, b: Operand) -> Option<Operand> {
	use Binary as B;
	match (op, a, b) {
		(B::Add | B::Or | B::Xor, x, Operand::Imm(0)) => Some(x),
		(B::Add | B::Or | B::Xor, Operand::Imm(0), x) => Some(x),
		(B::Sub | B::Shl | B::ShrS | B::ShrU, x, Operand::Imm(0)) => Some(x),
		(B::Mul, x, Operand::Imm(1)) | (B::Mul, Operand::Imm(1), x) => Some(x),
		(B::DivU | B::DivS, x, Operand::Imm(1)) => Some(x),
		(B::Mul | B::And, _, Operand::Imm(0)) | (B::Mul | B::And, Operand::Imm(0), _) => {
			Some(Operand::Imm(0))
		}
		(B::And, x, Operand::Imm(u32::MAX)) | (B::And, Operand::Imm(u32::MAX), x) => Some(x),
		_ => None,
	}
}

impl<'m> Frame<'m> {
	fn new(
		id: Option<Handle<Function>>,
		function: &'m Function,
		arguments: Vec<Value>,
		returns: call::Returns,
	) -> Self {
		Self {
			id,
			function,
			values: HashMap::new(),
			arguments,
			variables: HashMap::new(),
			returns,
			depth: 0,
			targets: Vec::new(),
		}
	}

	fn span(&self, expression: Handle<Expression>) -> Span {
		self.function.expressions.get_span(expression)
	}
}
