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

/// Splits `count` workgroups from `start` on, in their order, into dispatches of at most `most` in
/// each dimension that together hold exactly that many.
pub fn split(start: u32, count: u32, most: u32) -> Vec<Dispatch> {
	let most = most.max(1);
	let end = start.saturating_add(count);
	let mut dispatches = Vec::new();
	let mut first = start;
	while first < end {
		let left = end - first;
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
		let counts = [0, 1, 4, 5, 16, 37].map(|count| (count, 4));
		for (count, most) in counts.into_iter().chain([(u32::MAX - 1_000, 65_535)]) {
			for start in [0, 1, 1_000] {
				let mut next = u64::from(start);
				for dispatch in split(start, count, most) {
					assert_eq!(u64::from(dispatch.first), next);
					assert!((1..=most).contains(&dispatch.x) && (1..=most).contains(&dispatch.y));
					next += u64::from(dispatch.x) * u64::from(dispatch.y);
				}
				assert_eq!(next, u64::from(start) + u64::from(count));
			}
		}
		assert_eq!(split(0, u32::MAX, 65_535).len(), 2);
	}
}
