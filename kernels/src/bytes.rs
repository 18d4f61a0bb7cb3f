//! Words, bytes and int8: buffers are arrays of little-endian words.

/// The bytes of words.
pub fn bytes(words: &[u32]) -> Vec<u8> {
	words.iter().flat_map(|word| word.to_le_bytes()).collect()
}

/// The words of bytes; a last incomplete word is filled with zeros.
pub fn words(bytes: &[u8]) -> Vec<u32> {
	let word = |chunk: &[u8]| {
		let mut word = [0; 4];
		word[..chunk.len()].copy_from_slice(chunk);
		u32::from_le_bytes(word)
	};
	bytes.chunks(4).map(word).collect()
}

/// The int8 that words hold, four to a word, the lowest byte first.
pub fn int8(words: &[u32]) -> Vec<i8> {
	bytes(words).into_iter().map(|byte| byte as i8).collect()
}

/// `count` rounded up to a multiple of `unit`.
pub fn round_up(count: usize, unit: usize) -> usize {
	count.div_ceil(unit) * unit
}
