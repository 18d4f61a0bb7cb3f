//! Numbers as text, one a line.

use std::path::Path;

use super::Element;
use crate::exit::{failed, Failure};

/// A 32-bit number: decimal, negative, or hexadecimal with `0x`; `_` may stand between digits.
pub(crate) fn number(text: &str) -> Option<u32> {
	let digits = text.replace('_', "");
	match (digits.strip_prefix("0x"), digits.strip_prefix('-')) {
		(Some(hex), _) => u32::from_str_radix(hex, 16).ok(),
		(None, Some(_)) => digits.parse::<i32>().ok().map(|value| value as u32),
		(None, None) => digits.parse().ok(),
	}
}

/// A word for each line. Empty lines, and what follows a `#`, do not count.
pub(super) fn read(path: &Path, bytes: &[u8]) -> anyhow::Result<Vec<u8>> {
	let place = |line: usize, what: &str| {
		failed(Failure::Input, format!("{}:{}: {what}", path.display(), line + 1))
	};
	let mut words = Vec::new();
	for (index, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
		let line = std::str::from_utf8(line).map_err(|_| place(index, "is no UTF-8 text"))?;
		let line = line.split('#').next().unwrap_or_default().trim();
		if !line.is_empty() {
			let word = number(line).ok_or_else(|| place(index, "is no 32-bit number"))?;
			words.extend(word.to_le_bytes());
		}
	}
	Ok(words)
}

/// A line for each element.
pub(super) fn encode(bytes: &[u8], element: Element) -> String {
	let word =
		|word: &[u8]| word.iter().rev().fold(0u32, |number, byte| number << 8 | u32::from(*byte));
	let text = |chunk: &[u8]| match element {
		Element::U8 | Element::U32 => word(chunk).to_string(),
		Element::I8 => (word(chunk) as u8 as i8).to_string(),
		Element::I32 => (word(chunk) as i32).to_string(),
	};
	let size = match element {
		Element::U8 | Element::I8 => 1,
		Element::U32 | Element::I32 => 4,
	};
	bytes.chunks(size).map(|chunk| text(chunk) + "\n").collect()
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn numbers_are_read_and_written_back() {
		let read = read(Path::new("numbers"), b"1\n-1 # all ones\n\n0x1_0\n").unwrap();
		assert_eq!(read, [[1, 0, 0, 0], [255; 4], [16, 0, 0, 0]].concat());
		assert_eq!(encode(&read, Element::U32), "1\n4294967295\n16\n");
		assert_eq!(encode(&read, Element::I32), "1\n-1\n16\n");
		assert_eq!(encode(&[1, 255], Element::I8), "1\n-1\n");
	}

	#[test]
	fn what_is_no_number_is_told_with_its_line() {
		for (text, place) in [("1\nx\n", "f:2:"), ("4294967296", "f:1:"), ("\n-2147483649", "f:2:")]
		{
			let error = read(Path::new("f"), text.as_bytes()).unwrap_err().to_string();
			assert!(error.starts_with(place), "{error}");
		}
		assert!(read(Path::new("f"), &[0xff]).is_err());
	}
}
