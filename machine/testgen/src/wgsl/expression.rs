//! Expressions. A number stands only to the right of what is known at run time: WGSL has other rules
//! for what is known before.

use super::{Type, Writer};

impl Writer {
	/// An expression of this type, at most `depth` operators deep.
	pub(super) fn expression(&mut self, ty: Type, depth: usize) -> String {
		if depth == 0 || self.once_in(6) {
			return self.leaf(ty);
		}
		match ty {
			Type::U32 => self.word(depth - 1),
			Type::I32 => self.signed(depth - 1),
			Type::Bool => self.truth(depth - 1),
			Type::Vector => self.vector(depth - 1),
		}
	}

	/// A variable, or what is made of one.
	fn leaf(&mut self, ty: Type) -> String {
		let of_type = self.scope.iter().filter(|variable| variable.ty == ty);
		let names: Vec<String> = of_type.map(|variable| variable.name.clone()).collect();
		if !names.is_empty() {
			return self.pick(&names).clone();
		}
		let word = self.leaf(Type::U32);
		match ty {
			Type::U32 => word,
			Type::I32 => format!("i32({word})"),
			Type::Bool => format!("(({word} & 1u) == 1u)"),
			Type::Vector => format!("vec4<u32>({word}, {word} + 1u, {word} * 3u, ~{word})"),
		}
	}

	/// A name of a `var` of this type; every scope of the entry point has one.
	pub(super) fn mutable(&mut self, ty: Type) -> String {
		let of_type = self.scope.iter().filter(|variable| variable.ty == ty && variable.is_mutable);
		let names: Vec<String> = of_type.map(|variable| variable.name.clone()).collect();
		self.pick(&names).clone()
	}

	fn number(&mut self) -> u32 {
		const EDGES: [u32; 8] = [1, 3, 31, 255, 0x7fff_ffff, 0x8000_0000, 0xffff_fffe, u32::MAX];
		match self.rng.u8(0..3) {
			0 => *self.pick(&EDGES),
			1 => self.rng.u32(1..100),
			_ => self.rng.u32(1..),
		}
	}

	/// A right operand: another expression, or a number that is not 0.
	fn right(&mut self, depth: usize) -> String {
		match self.once_in(3) {
			true => format!("{}u", self.number()),
			false => self.expression(Type::U32, depth),
		}
	}

	/// A shift's or a bit field's place.
	pub(super) fn small(&mut self, depth: usize) -> String {
		match self.rng.bool() {
			true => format!("{}u", self.rng.u32(0..32)),
			false => format!("({} & 31u)", self.expression(Type::U32, depth)),
		}
	}

	fn word(&mut self, depth: usize) -> String {
		let a = self.expression(Type::U32, depth);
		match self.rng.u8(0..25) {
			0..=7 => {
				let op = *self.pick(&["+", "-", "*", "&", "|", "^", "/", "%"]);
				format!("({a} {op} {})", self.right(depth))
			}
			8 => format!("({a} << {})", self.small(depth)),
			9 => format!("({a} >> {})", self.small(depth)),
			10 => {
				let f = *self.pick(&["min", "max", "dot4U8Packed"]);
				format!("{f}({a}, {})", self.right(depth))
			}
			11 => {
				let f = *self.pick(&[
					"countOneBits",
					"countLeadingZeros",
					"countTrailingZeros",
					"reverseBits",
					"firstLeadingBit",
					"firstTrailingBit",
				]);
				format!("{f}({a})")
			}
			12 => format!("(~{a})"),
			13 => {
				let (b, c) =
					(self.expression(Type::U32, depth), self.expression(Type::Bool, depth));
				format!("select({a}, {b}, {c})")
			}
			14 => format!("extractBits({a}, {}, {})", self.small(depth), self.small(depth)),
			15 => {
				let b = self.expression(Type::U32, depth);
				format!("insertBits({a}, {b}, {}, {})", self.small(depth), self.small(depth))
			}
			16 => format!("u32({})", self.expression(Type::I32, depth)),
			17 => format!("u32({})", self.expression(Type::Bool, depth)),
			18 => {
				let part = *self.pick(&["x", "y", "z", "w"]);
				format!("{}.{part}", self.expression(Type::Vector, depth))
			}
			19 => {
				let f = *self.pick(&["pack4xU8", "pack4xU8Clamp"]);
				format!("{f}({})", self.expression(Type::Vector, depth))
			}
			20 => {
				let [b, c] = [Type::Vector; 2].map(|ty| self.expression(ty, depth));
				format!("dot({b}, {c})")
			}
			21 => self.element(&a),
			22 => {
				let (x, op) = (self.leaf(Type::U32), *self.pick(&["|", "^"]));
				format!("(({x} & {a}) {op} (~{x} & {}))", self.right(depth))
			}
			23 if self.functions > 0 => {
				let f = self.rng.usize(0..self.functions);
				format!("f{f}({a}, {})", self.right(depth))
			}
			_ => {
				let (b, c) = (self.expression(Type::U32, depth), self.expression(Type::U32, depth));
				format!("clamp({a}, min({b}, {c}), max({b}, {c}))")
			}
		}
	}

	/// A word of an array, or of the struct.
	fn element(&mut self, index: &str) -> String {
		match self.rng.u8(0..4) {
			0 if self.is_main => format!("p[{index} % 5u]"),
			1 if self.is_main => format!("s.o[{index} % 2u].y"),
			2 => format!("q[{index} % 6u]"),
			_ => format!("T[{index} % 5u]"),
		}
	}

	fn signed(&mut self, depth: usize) -> String {
		let a = self.expression(Type::I32, depth);
		let b = match self.once_in(3) {
			true => format!("{}i", self.rng.i32(1..)),
			false => self.expression(Type::I32, depth),
		};
		match self.rng.u8(0..14) {
			0..=4 => {
				let op = *self.pick(&["+", "-", "*", "/", "%", "&", "|", "^"]);
				format!("({a} {op} {b})")
			}
			5 => format!("({a} >> {})", self.small(depth)),
			6 => format!("(-{a})"),
			7 => {
				let f = *self.pick(&["abs", "sign", "firstLeadingBit", "firstTrailingBit"]);
				format!("{f}({a})")
			}
			8 => {
				let f = *self.pick(&["min", "max"]);
				format!("{f}({a}, {b})")
			}
			9 => format!("clamp({a}, -{}i, {}i)", self.rng.u8(..), self.rng.u8(..)),
			10 => format!("extractBits({a}, {}, {})", self.small(depth), self.small(depth)),
			11 => {
				let [b, c] = [Type::U32; 2].map(|ty| self.expression(ty, depth));
				format!("dot4I8Packed({b}, {c})")
			}
			12 if self.is_main => format!("s.m.{}", *self.pick(&["x", "y", "z"])),
			_ => format!("i32({})", self.expression(Type::U32, depth)),
		}
	}

	fn truth(&mut self, depth: usize) -> String {
		let compare = *self.pick(&["<", "<=", ">", ">=", "==", "!="]);
		match self.rng.u8(0..8) {
			0..=2 => {
				let a = self.expression(Type::U32, depth);
				format!("({a} {compare} {})", self.right(depth))
			}
			3 | 4 => {
				let [a, b] = [Type::I32; 2].map(|ty| self.expression(ty, depth));
				format!("({a} {compare} {b})")
			}
			5 => {
				let [a, b] = [Type::Bool; 2].map(|ty| self.expression(ty, depth));
				let op = *self.pick(&["&&", "||", "==", "!=", "&", "|"]);
				format!("({a} {op} {b})")
			}
			6 => format!("(!{})", self.expression(Type::Bool, depth)),
			_ => {
				let [a, b] = [Type::Vector; 2].map(|ty| self.expression(ty, depth));
				let f = *self.pick(&["any", "all"]);
				format!("{f}({a} {compare} {b})")
			}
		}
	}

	fn vector(&mut self, depth: usize) -> String {
		let a = self.expression(Type::Vector, depth);
		match self.rng.u8(0..9) {
			0..=2 => {
				let op = *self.pick(&["+", "-", "*", "&", "|", "^", "/", "%"]);
				format!("({a} {op} {})", self.expression(Type::Vector, depth))
			}
			3 => format!("({a} {} {})", *self.pick(&["+", "-", "*"]), self.right(depth)),
			4 => format!("{a}.{}", *self.pick(&["wzyx", "yyxz", "zwxy"])),
			5 => {
				let [b, c] = [Type::Vector; 2].map(|ty| self.expression(ty, depth));
				format!("select({a}, {b}, {b} < {c})")
			}
			6 => {
				let words = [Type::U32; 4].map(|ty| self.expression(ty, depth.min(1)));
				format!("vec4<u32>({})", words.join(", "))
			}
			7 => format!("unpack4xU8({})", self.expression(Type::U32, depth)),
			_ => format!("{}({a}, {a}.yzwx)", *self.pick(&["min", "max"])),
		}
	}
}
