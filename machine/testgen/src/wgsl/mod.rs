//! Random WGSL, to compare the compiler with a driver's.
//!
//! The text keeps to what WGSL itself defines, so that a device which is handed it as it is must
//! compute what the exact machine computes: indices are in bounds, shifts are masked, `clamp` has its
//! bounds in order, barriers are uniform, and no two invocations race.

mod expression;
mod statement;

use fastrand::Rng;

/// The parts of a kernel that a template is filled with: over words `a`, `b`, `c` and the
/// invocation's `lane`, the body writes `r`, a `vec4<u32>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
	/// Declarations before the entry point.
	pub declarations: String,
	/// Statements of the entry point.
	pub body: String,
}

/// Makes the source of a seed.
pub fn source(seed: u64) -> Source {
	let mut writer = Writer::new(Rng::with_seed(seed));
	let functions = writer.rng.usize(0..3);
	let mut declarations = String::from(
		"const T = array<u32, 5>(3u, 0x80000000u, 77u, 0xffffffffu, 1u);\n\
		 struct S { m: vec3<i32>, n: u32, o: array<vec2<u32>, 2> }\n\
		 var<private> q: array<u32, 6>;\n\
		 var<workgroup> w: array<u32, 64>;\n",
	);
	for _ in 0..functions {
		declarations += &writer.function();
	}
	let body = writer.main();
	Source { declarations, body }
}

/// The types that expressions have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Type {
	U32,
	I32,
	Bool,
	/// `vec4<u32>`
	Vector,
}

impl Type {
	const ALL: [Self; 4] = [Self::U32, Self::I32, Self::Bool, Self::Vector];

	const fn name(self) -> &'static str {
		match self {
			Self::U32 => "u32",
			Self::I32 => "i32",
			Self::Bool => "bool",
			Self::Vector => "vec4<u32>",
		}
	}
}

/// A variable in scope.
#[derive(Clone, Debug)]
struct Variable {
	name: String,
	ty: Type,
	/// A `var`, which may be assigned; else a `let` or a loop's counter.
	is_mutable: bool,
}

struct Writer {
	rng: Rng,
	scope: Vec<Variable>,
	/// Functions so far, each from two words to one; each calls earlier ones only.
	functions: usize,
	/// Whether the struct `s` and the array `p` are in scope.
	is_main: bool,
	names: usize,
	/// Statements that may still be made.
	budget: usize,
}

impl Writer {
	fn new(rng: Rng) -> Self {
		Self { rng, scope: Vec::new(), functions: 0, is_main: false, names: 0, budget: 0 }
	}

	/// True once in `n` times.
	fn once_in(&mut self, n: u32) -> bool {
		self.rng.u32(0..n) == 0
	}

	fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
		&from[self.rng.usize(0..from.len())]
	}

	fn declare(&mut self, ty: Type, is_mutable: bool) -> String {
		let name = format!("v{}", self.names);
		self.names += 1;
		self.scope.push(Variable { name: name.clone(), ty, is_mutable });
		name
	}

	fn bring(&mut self, name: &str, ty: Type, is_mutable: bool) {
		self.scope.push(Variable { name: name.into(), ty, is_mutable });
	}

	/// Two words to one, with early returns.
	fn function(&mut self) -> String {
		self.scope.clear();
		self.bring("a", Type::U32, false);
		self.bring("b", Type::U32, false);
		self.budget = 6;
		let body = self.block(1, 0);
		self.budget = 3;
		let condition = self.expression(Type::Bool, 2);
		let early = self.expression(Type::U32, 3);
		let more = self.block(1, 0);
		let late = self.expression(Type::U32, 3);
		let name = self.functions;
		self.functions += 1;
		format!(
			"fn f{name}(a: u32, b: u32) -> u32 {{\n{body}if {condition} {{ return {early}; }}\n\
			 {more}return {late};\n}}\n"
		)
	}

	fn main(&mut self) -> String {
		self.scope.clear();
		self.is_main = true;
		for word in ["a", "b", "c", "lane"] {
			self.bring(word, Type::U32, false);
		}
		self.bring("sa", Type::I32, false);
		let mut text = String::from("var s: S;\nvar p: array<u32, 5>;\n");
		for ty in Type::ALL {
			for _ in 0..2 {
				let value = self.expression(ty, 2);
				let name = self.declare(ty, true);
				text += &format!("var {name}: {} = {value};\n", ty.name());
			}
		}
		let kept = self.scope.clone();
		for _ in 0..self.rng.usize(1..4) {
			self.budget = self.rng.usize(2..14);
			text += &self.block(0, 0);
			self.scope.clone_from(&kept);
			if self.rng.bool() {
				text += &self.exchange();
			}
		}
		text + &self.result(&kept)
	}

	/// Every invocation writes a word of workgroup memory and reads another's.
	fn exchange(&mut self) -> String {
		let written = self.expression(Type::U32, 3);
		let target = self.mutable(Type::U32);
		let from = self.expression(Type::U32, 2);
		let step = format!(
			"w[lane] = {written};\nworkgroupBarrier();\n{target} ^= w[{from} % 64u];\nworkgroupBarrier();\n"
		);
		if self.rng.bool() {
			return step;
		}
		let turns = self.rng.u32(1..4);
		let counter = format!("u{}", self.names);
		self.names += 1;
		format!("for (var {counter} = 0u; {counter} < {turns}u; {counter}++) {{\n{step}}}\n")
	}

	/// Everything that the body computed, mixed.
	fn result(&mut self, kept: &[Variable]) -> String {
		let mut text = String::from(
			"r.x = p[0] + p[1] * 3u + p[2] * 5u + p[3] * 7u + p[4] * 11u;\n\
			 r.y = q[0] + q[1] * 3u + q[2] * 5u + q[3] * 7u + q[4] * 11u + q[5] * 13u;\n\
			 r.z = u32(s.m.x) + u32(s.m.y) * 3u + u32(s.m.z) * 5u + s.n * 7u;\n\
			 r.w = s.o[0].x + s.o[0].y * 3u + s.o[1].x * 5u + s.o[1].y * 7u;\n",
		);
		for variable in kept.iter().filter(|variable| variable.is_mutable) {
			let value = match variable.ty {
				Type::Vector => variable.name.clone(),
				_ => format!("vec4<u32>(u32({}))", variable.name),
			};
			text += &format!("r = r * 0x9e3779b1u + {value};\n");
		}
		text
	}
}
