//! The value of operations on constants, as protocol.md defines them.

use super::{Binary, Unary, Wide};

/// The value of a one-operand operation.
pub const fn unary(op: Unary, x: u32) -> u32 {
	match op {
		Unary::Copy => x,
		Unary::Neg => x.wrapping_neg(),
		Unary::Not => !x,
		Unary::AbsS => (x as i32).wrapping_abs() as u32,
		Unary::SignS => (x as i32).signum() as u32,
		Unary::CountOnes => x.count_ones(),
		Unary::LeadingZeros => x.leading_zeros(),
		Unary::TrailingZeros => x.trailing_zeros(),
		Unary::ReverseBits => x.reverse_bits(),
		Unary::FirstLeadingS => first_leading(if (x as i32) < 0 { !x } else { x }),
		Unary::FirstLeadingU => first_leading(x),
		Unary::FirstTrailing => {
			if x == 0 {
				u32::MAX
			} else {
				x.trailing_zeros()
			}
		}
	}
}

const fn first_leading(x: u32) -> u32 {
	31u32.wrapping_sub(x.leading_zeros())
}

/// The value of a two-operand operation.
pub fn binary(op: Binary, x: u32, y: u32) -> u32 {
	let (xs, ys) = (x as i32, y as i32);
	match op {
		Binary::Add => x.wrapping_add(y),
		Binary::Sub => x.wrapping_sub(y),
		Binary::Mul => x.wrapping_mul(y),
		Binary::DivS if y == 0 => x,
		Binary::DivS => xs.wrapping_div(ys) as u32,
		Binary::DivU => x.checked_div(y).unwrap_or(x),
		Binary::RemS if y == 0 => 0,
		Binary::RemS => xs.wrapping_rem(ys) as u32,
		Binary::RemU => x.checked_rem(y).unwrap_or(0),
		Binary::And => x & y,
		Binary::Or => x | y,
		Binary::Xor => x ^ y,
		Binary::Shl => x << (y & 31),
		Binary::ShrS => (xs >> (y & 31)) as u32,
		Binary::ShrU => x >> (y & 31),
		Binary::Eq => u32::from(x == y),
		Binary::Ne => u32::from(x != y),
		Binary::LtS => u32::from(xs < ys),
		Binary::LtU => u32::from(x < y),
		Binary::LeS => u32::from(xs <= ys),
		Binary::LeU => u32::from(x <= y),
		Binary::MinS => xs.min(ys) as u32,
		Binary::MinU => x.min(y),
		Binary::MaxS => xs.max(ys) as u32,
		Binary::MaxU => x.max(y),
		Binary::Dot4S => dot(x, y, |byte| i32::from(byte as i8)),
		Binary::Dot4U => dot(x, y, i32::from),
		Binary::RotateRight => x.rotate_right(y & 31),
	}
}

fn dot(x: u32, y: u32, widen: fn(u8) -> i32) -> u32 {
	let products = x.to_le_bytes().into_iter().zip(y.to_le_bytes());
	products.map(|(x, y)| widen(x) * widen(y)).sum::<i32>() as u32
}

/// The value of an operation of three or four operands; `None` if their number is wrong.
pub fn wide(op: Wide, args: &[u32]) -> Option<u32> {
	Some(match (op, args) {
		(Wide::Select, &[condition, accept, reject]) => {
			if condition != 0 {
				accept
			} else {
				reject
			}
		}
		(Wide::ExtractU, &[x, offset, count]) => extract(x, offset, count),
		(Wide::ExtractS, &[x, offset, count]) => {
			let width = field(offset, count).1;
			let unused = (32 - width) & 31;
			let bits = extract(x, offset, count);
			(((bits << unused) as i32) >> unused) as u32
		}
		(Wide::Insert, &[x, inserted, offset, count]) => {
			let (offset, width) = field(offset, count);
			let mask = mask(width).checked_shl(offset).unwrap_or(0);
			(x & !mask) | (inserted.checked_shl(offset).unwrap_or(0) & mask)
		}
		(Wide::Pack4, &[a, b, c, d]) => u32::from_le_bytes([a as u8, b as u8, c as u8, d as u8]),
		(Wide::PackClampS, &[_, _, _, _]) => pack(args, |x| (x as i32).clamp(-128, 127) as u8),
		(Wide::PackClampU, &[_, _, _, _]) => pack(args, |x| x.min(255) as u8),
		(Wide::MulAdd, &[x, y, z]) => x.wrapping_mul(y).wrapping_add(z),
		(Wide::Dot4AddS, &[x, y, z]) => binary(Binary::Dot4S, x, y).wrapping_add(z),
		(Wide::Dot4AddU, &[x, y, z]) => binary(Binary::Dot4U, x, y).wrapping_add(z),
		(Wide::Add3, &[x, y, z]) => x.wrapping_add(y).wrapping_add(z),
		(Wide::Xor3, &[x, y, z]) => x ^ y ^ z,
		(Wide::ShlAdd, &[x, n, z]) => (x << (n & 31)).wrapping_add(z),
		(Wide::Choose, &[x, y, z]) => (x & y) | (!x & z),
		_ => return None,
	})
}

fn pack(args: &[u32], narrow: fn(u32) -> u8) -> u32 {
	args.iter().rev().fold(0, |word, x| word << 8 | u32::from(narrow(*x)))
}

/// WGSL cuts a bit field to the word: offset to at most 32, width to what is left above it.
fn field(offset: u32, count: u32) -> (u32, u32) {
	let offset = offset.min(32);
	(offset, count.min(32 - offset))
}

fn mask(width: u32) -> u32 {
	1u32.checked_shl(width).map_or(u32::MAX, |bit| bit - 1)
}

fn extract(x: u32, offset: u32, count: u32) -> u32 {
	let (offset, width) = field(offset, count);
	x.checked_shr(offset).unwrap_or(0) & mask(width)
}
