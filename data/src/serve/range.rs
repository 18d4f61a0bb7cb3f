//! The `Range` header: one range of bytes.

use std::ops::Range;

/// What a header asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Asked {
	/// Everything: there is no header, or one that may be ignored (other units, several ranges).
	Whole,
	/// These bytes, at least one.
	Part(Range<u64>),
	/// Bytes that are not there.
	Unsatisfiable,
}

/// Reads the header for a buffer of this length (RFC 9110, section 14).
pub(super) fn parse(header: Option<&str>, bytes: u64) -> Asked {
	let spec = header.and_then(|value| value.trim().strip_prefix("bytes="));
	let Some((first, last)) = spec.and_then(|spec| spec.split_once('-')) else {
		return Asked::Whole;
	};
	let range = match (number(first), number(last)) {
		(Some(first), Some(last)) if first <= last => first..last.saturating_add(1).min(bytes),
		(Some(first), None) if last.is_empty() => first..bytes,
		(None, Some(suffix)) if first.is_empty() => bytes.saturating_sub(suffix)..bytes,
		_ => return Asked::Whole,
	};
	if range.is_empty() {
		return Asked::Unsatisfiable;
	}
	Asked::Part(range)
}

/// Digits only: `parse` would take a sign.
fn number(text: &str) -> Option<u64> {
	let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
	digits.then(|| text.parse().unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
	use super::{parse, Asked};

	#[test]
	fn ranges_are_cut_to_the_buffer() {
		let part = |header| parse(Some(header), 1000);
		assert_eq!(part("bytes=0-0"), Asked::Part(0..1));
		assert_eq!(part("bytes=10-"), Asked::Part(10..1000));
		assert_eq!(part("bytes=990-5000"), Asked::Part(990..1000));
		assert_eq!(part("bytes=-5"), Asked::Part(995..1000));
		assert_eq!(part("bytes=-5000"), Asked::Part(0..1000));
		assert_eq!(part("bytes=0-18446744073709551615"), Asked::Part(0..1000));
		assert_eq!(part("bytes=0-99999999999999999999999"), Asked::Part(0..1000));
	}

	#[test]
	fn what_is_not_there_is_said_so() {
		for header in ["bytes=1000-", "bytes=1000-2000", "bytes=-0", "bytes=99999999999999999999-"]
		{
			assert_eq!(parse(Some(header), 1000), Asked::Unsatisfiable, "{header}");
		}
		assert_eq!(parse(Some("bytes=0-"), 0), Asked::Unsatisfiable);
	}

	#[test]
	fn what_makes_no_sense_is_ignored() {
		let odd = ["", "bytes", "bytes=", "bytes=-", "bytes=5-4", "bytes=+1-2", "lines=1-2"];
		for header in odd.into_iter().chain(["bytes=1-2,4-5", "bytes=a-b", "bytes=1--2"]) {
			assert_eq!(parse(Some(header), 1000), Asked::Whole, "{header}");
		}
		assert_eq!(parse(None, 1000), Asked::Whole);
	}
}
