//! The grammar: shapes of programs first, statements in [`statements`], operands in [`operands`].
//!
//! Programs race and run dry only on purpose, and rarely: a lane writes the words of a slice that
//! are its own; a workgroup array is, between two barriers, either private to lanes word by word,
//! or only read, or only updated by one atomic function.

mod control;
mod kernel;
mod operands;
mod statements;

use fastrand::Rng;
use mutirao_machine_core::bytecode::{
	Access, Binding, Buffer, Definition, Expression, Kernel, Parameter, Pass, Role, Term,
};

use crate::Case;

/// Words that one invocation owns in each slice.
pub(crate) const OWN_WORDS: u32 = 3;

/// Shapes of workgroups.
const SIZES: [[u16; 3]; 12] = [
	[1, 1, 1],
	[5, 1, 1],
	[8, 1, 1],
	[16, 1, 1],
	[7, 3, 1],
	[4, 4, 4],
	[32, 1, 1],
	[64, 1, 1],
	[8, 8, 1],
	[3, 5, 7],
	[16, 16, 1],
	[128, 1, 1],
];

/// Makes the case of a seed.
pub(crate) fn case(seed: u64) -> Case {
	let mut rng = Rng::with_seed(seed);
	let parameter = rng.u32(1..=9);
	let mut definition = Definition {
		parameters: vec![Parameter { name: "n".into(), min: 1, max: 9 }],
		..Definition::default()
	};
	let mut inputs = Vec::new();
	for index in 0..rng.usize(1..=3) {
		let words = rng.u32(1..600);
		definition.buffers.push(Buffer {
			name: format!("input_{index}"),
			role: Role::Input,
			words: Expression::constant(words),
		});
		inputs.push((0..words).flat_map(|_| operands::word(&mut rng).to_le_bytes()).collect());
	}
	for pass in 0..rng.usize(1..=2) {
		add_pass(&mut rng, &mut definition, pass);
	}
	inputs.resize(definition.buffers.len(), Vec::new());
	Case { seed, definition, parameters: vec![parameter], inputs }
}

/// Adds a pass with a kernel of its own that reads what is there and writes one or two buffers.
fn add_pass(rng: &mut Rng, definition: &mut Definition, pass: usize) {
	let readable = definition.buffers.len();
	let mut bindings: Vec<Binding> = (0..rng.usize(1..=3.min(readable)))
		.map(|_| Binding::Read { buffer: rng.usize(0..readable) as u8 })
		.collect();
	let size = SIZES[rng.usize(0..SIZES.len())];
	let lanes: u32 = size.iter().map(|side| u32::from(*side)).product();
	// At most 12 workgroups, one side growing with the parameter.
	let sides = match rng.u8(0..4) {
		0 => [Expression::parameter(0), Expression::constant(1), Expression::constant(1)],
		1 => [
			Expression::constant(2),
			Expression::parameter(0).join(Term::CeilDiv, Expression::constant(3)),
			Expression::constant(2),
		],
		2 => [1, 1, rng.u32(1..4)].map(Expression::constant),
		_ => [rng.u32(1..4), rng.u32(1..3), 1].map(Expression::constant),
	};
	let slice = Expression::constant(lanes * OWN_WORDS);
	for index in 0..rng.usize(1..=2) {
		let [x, y, z] = sides.clone();
		definition.buffers.push(Buffer {
			name: format!("made_{pass}_{index}"),
			role: if rng.bool() { Role::Output } else { Role::Intermediate },
			words: x.join(Term::Mul, y).join(Term::Mul, z).join(Term::Mul, slice.clone()),
		});
		let buffer = (definition.buffers.len() - 1) as u8;
		bindings.push(Binding::Write { buffer, slice: slice.clone() });
	}
	let slots = bindings
		.iter()
		.map(|binding| match binding {
			Binding::Read { .. } => Access::Read,
			Binding::Write { .. } => Access::Write,
		})
		.collect();
	// Enough for nearly all.
	let fuel = if rng.u8(0..64) == 0 { rng.u32(100..20_000) } else { 50_000_000 };
	definition.kernels.push(kernel::kernel(rng, size, slots));
	definition.passes.push(Pass {
		kernel: pass as u8,
		bindings,
		arguments: vec![
			Expression::parameter(0),
			Expression::parameter(0).join(Term::Mul, Expression::constant(rng.u32(1..1000))),
		],
		workgroups: sides,
		fuel: Expression::constant(fuel),
	});
}

/// The kernel of a case, and what the statements may use.
pub(crate) struct Builder<'a> {
	pub(crate) rng: &'a mut Rng,
	pub(crate) kernel: Kernel,
	/// Words of one element of each workgroup array: more than one in arrays of vectors.
	pub(crate) widths: Vec<u32>,
	/// What each workgroup array is for until the next barrier.
	pub(crate) phases: Vec<kernel::Phase>,
	/// Whether some invocations may have returned, so that no barrier may follow.
	pub(crate) may_have_returned: bool,
	/// Statements that may still be made.
	pub(crate) budget: usize,
}
