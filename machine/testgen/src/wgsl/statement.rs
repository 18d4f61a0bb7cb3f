//! Statements.

use super::{Type, Writer};

/// Deepest nesting of blocks, and of loops.
const MAX_DEPTH: usize = 4;
const MAX_LOOPS: usize = 2;

impl Writer {
	/// Statements, in a block that is `depth` deep in `loops` loops.
	pub(super) fn block(&mut self, depth: usize, loops: usize) -> String {
		let mut text = String::new();
		for _ in 0..self.rng.usize(1..6) {
			if self.budget > 0 {
				self.budget -= 1;
				text += &self.statement(depth, loops);
			}
		}
		text
	}

	fn statement(&mut self, depth: usize, loops: usize) -> String {
		let ty = *self.pick(&Type::ALL);
		match self.rng.u8(0..16) {
			0 | 1 => {
				let value = self.expression(ty, 3);
				let is_mutable = self.rng.bool();
				let name = self.declare(ty, is_mutable);
				format!("{} {name} = {value};\n", if is_mutable { "var" } else { "let" })
			}
			2..=6 => self.assignment(ty),
			7 => {
				let [index, value] = [Type::U32; 2].map(|ty| self.expression(ty, 2));
				match self.is_main && self.rng.bool() {
					true => format!("p[{index} % 5u] = {value};\n"),
					false => format!("q[{index} % 6u] += {value};\n"),
				}
			}
			8 if self.is_main => self.member(),
			9..=11 if depth < MAX_DEPTH => self.branch(depth + 1, loops),
			12 if depth < MAX_DEPTH => self.switch(depth + 1, loops),
			13 | 14 if depth < MAX_DEPTH && loops < MAX_LOOPS => self.repeat(depth + 1, loops + 1),
			15 if loops > 0 => {
				let condition = self.expression(Type::Bool, 2);
				let jump = *self.pick(&["break", "continue"]);
				format!("if {condition} {{ {jump}; }}\n")
			}
			_ => self.assignment(ty),
		}
	}

	fn assignment(&mut self, ty: Type) -> String {
		let is_there = |this: &Self| this.scope.iter().any(|one| one.ty == ty && one.is_mutable);
		if !is_there(self) {
			let value = self.expression(ty, 3);
			let name = self.declare(ty, true);
			return format!("var {name} = {value};\n");
		}
		let target = self.mutable(ty);
		let value = self.expression(ty, 4);
		let op = match ty {
			Type::Bool => "=",
			_ => *self.pick(&["=", "+=", "-=", "*=", "^=", "&=", "|="]),
		};
		if ty == Type::Vector && self.rng.bool() {
			let part = *self.pick(&["x", "y", "z", "w"]);
			return format!("{target}.{part} {op} {};\n", self.expression(Type::U32, 3));
		}
		format!("{target} {op} {value};\n")
	}

	/// An assignment to a part of the struct.
	fn member(&mut self) -> String {
		match self.rng.u8(0..3) {
			0 => {
				let part = *self.pick(&["x", "y", "z"]);
				format!("s.m.{part} += {};\n", self.expression(Type::I32, 3))
			}
			1 => format!("s.n = {};\n", self.expression(Type::U32, 3)),
			_ => {
				let [index, value] = [Type::U32; 2].map(|ty| self.expression(ty, 2));
				format!("s.o[{index} % 2u].x ^= {value};\n")
			}
		}
	}

	fn branch(&mut self, depth: usize, loops: usize) -> String {
		let condition = self.expression(Type::Bool, 3);
		let mut text = format!("if {condition} {{\n{}}}", self.inner(depth, loops));
		if self.once_in(3) {
			let condition = self.expression(Type::Bool, 2);
			text += &format!(" else if {condition} {{\n{}}}", self.inner(depth, loops));
		}
		if self.rng.bool() {
			text += &format!(" else {{\n{}}}", self.inner(depth, loops));
		}
		text + "\n"
	}

	/// A block whose names end with it.
	fn inner(&mut self, depth: usize, loops: usize) -> String {
		let outside = self.scope.len();
		let text = self.block(depth, loops);
		self.scope.truncate(outside);
		text
	}

	fn switch(&mut self, depth: usize, loops: usize) -> String {
		let value = self.expression(Type::U32, 2);
		// A `break` leaves the switch only, a `continue` the iteration of the loop around it.
		let [one, two, other] = [(); 3].map(|()| self.inner(depth, loops));
		let leave = match self.rng.bool() {
			true => format!("if {} {{ break; }}\n", self.expression(Type::Bool, 1)),
			false => String::new(),
		};
		format!(
			"switch {value} & 7u {{\ncase 0u: {{\n{one}}}\ncase 1u, 5u: {{\n{leave}{two}}}\n\
			 default: {{\n{other}}}\n}}\n"
		)
	}

	/// A loop of at most 7 iterations, in one of the language's forms.
	fn repeat(&mut self, depth: usize, loops: usize) -> String {
		let counter = format!("k{}", self.names);
		self.names += 1;
		let limit = match self.rng.bool() {
			true => format!("{}u", self.rng.u32(0..7)),
			false => format!("({} & 7u)", self.expression(Type::U32, 2)),
		};
		let outside = self.scope.len();
		self.bring(&counter, Type::U32, false);
		let body = self.inner(depth, loops);
		let text = match self.rng.u8(0..3) {
			0 => {
				format!("for (var {counter} = 0u; {counter} < {limit}; {counter}++) {{\n{body}}}\n")
			}
			1 => format!(
				"var {counter} = 0u;\nloop {{\nif {counter} >= {limit} {{ break; }}\n{body}continuing {{\n\
				 {counter}++;\n}}\n}}\n"
			),
			_ => format!(
				"var {counter} = 0u;\nloop {{\n{body}continuing {{\n{counter}++;\nbreak if {counter} > 6u;\n\
				 }}\n}}\n"
			),
		};
		self.scope.truncate(outside);
		text
	}
}
