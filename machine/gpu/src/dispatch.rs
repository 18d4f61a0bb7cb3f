//! Workgroup counts beyond what one dispatch takes.

/// One dispatch: `x * y` workgroups, the first of them with the number `first`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dispatch {
	/// The number of its first workgroup.
	pub first: u32,
	/// Workgroups in x.
	pub x: u32,
	/// Workgroups in y.
	pub y: u32,
}

/// Splits `count` workgroups, in their order, into dispatches of at most `most` in each dimension
/// that together hold exactly that many.
pub fn split(count: u32, most: u32) -> Vec<Dispatch> {
	let most = most.max(1);
	let mut dispatches = Vec::new();
	let mut first = 0u32;
	while first < count {
		let left = count - first;
		let (x, y) = if left < most { (left, 1) } else { (most, (left / most).min(most)) };
		dispatches.push(Dispatch { first, x, y });
		// x * y <= left, so neither overflows.
		first += x * y;
	}
	dispatches
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn dispatches_hold_every_workgroup_once_and_in_order() {
		for (count, most) in [(0, 4), (1, 4), (4, 4), (5, 4), (16, 4), (37, 4), (u32::MAX, 65_535)]
		{
			let mut next = 0u64;
			for dispatch in split(count, most) {
				assert_eq!(u64::from(dispatch.first), next);
				assert!((1..=most).contains(&dispatch.x) && (1..=most).contains(&dispatch.y));
				next += u64::from(dispatch.x) * u64::from(dispatch.y);
			}
			assert_eq!(next, u64::from(count));
		}
		assert_eq!(split(u32::MAX, 65_535).len(), 2);
	}
}
