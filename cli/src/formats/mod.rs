//! Files that people have, as the words that kernels read, and back.
//!
//! | format | as an input | as an output |
//! |---|---|---|
//! | raw | the bytes as they are | the same |
//! | grey picture | a byte a pixel, row by row; columns beyond a multiple of 4 are left out | PNG |
//! | coloured picture | a word a pixel: red, green, blue, opacity | PNG |
//! | NumPy array | its elements, little-endian, in C order | a flat array |
//! | lines | a word for each line with a number | a number a line |

pub(crate) mod lines;
mod npy;
mod picture;

use std::{
	fs::File,
	io::Read as _,
	path::{Path, PathBuf},
};

use anyhow::Context as _;

use crate::exit::{failed, Failure};

/// Bytes of a file that is read, at most: what 32 bits of words can hold.
const MOST_BYTES: u64 = 4 * u32::MAX as u64;

/// Where an input's bytes come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Source {
	/// Zeros.
	Zeros,
	/// Bytes that a seed names for everybody.
	Random(u64),
	/// A file.
	File(Kind, PathBuf),
}

/// How a file is to be read or written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
	/// Bytes as they are.
	Raw,
	/// A picture, a byte a pixel.
	Grey,
	/// A picture, a word a pixel.
	Colour,
	/// A NumPy array. For outputs, of such elements.
	Npy(Element),
	/// Numbers, one a line. For outputs, such ones.
	Lines(Element),
}

/// What an array's elements are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Element {
	U8,
	I8,
	U32,
	I32,
}

/// Splits `prefix:rest` if the prefix is one of ours; a path may have colons too.
fn split_kind(text: &str) -> Option<(Kind, &str)> {
	let (prefix, rest) = text.split_once(':')?;
	let kind = match prefix {
		"raw" => Kind::Raw,
		"gray" | "grey" => Kind::Grey,
		"rgba" => Kind::Colour,
		"npy" | "u32" => Kind::Npy(Element::U32),
		"i32" => Kind::Npy(Element::I32),
		"u8" => Kind::Npy(Element::U8),
		"i8" => Kind::Npy(Element::I8),
		"lines" => Kind::Lines(Element::U32),
		"signed-lines" => Kind::Lines(Element::I32),
		_ => return None,
	};
	Some((kind, rest))
}

/// A file with the format that its prefix or its name says.
pub(crate) fn parse_file(text: &str) -> (Kind, PathBuf) {
	if let Some((kind, path)) = split_kind(text) {
		return (kind, path.into());
	}
	let path = PathBuf::from(text);
	let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
	let kind = match extension.to_ascii_lowercase().as_str() {
		"png" | "jpg" | "jpeg" => Kind::Grey,
		"npy" => Kind::Npy(Element::U32),
		"txt" => Kind::Lines(Element::U32),
		_ => Kind::Raw,
	};
	(kind, path)
}

impl Source {
	/// Reads `zeros`, `random:SEED` or `[FORMAT:]FILE`.
	pub(crate) fn parse(text: &str) -> anyhow::Result<Self> {
		if text == "zeros" {
			return Ok(Self::Zeros);
		}
		if let Some(seed) = text.strip_prefix("random:") {
			let seed = seed.parse().map_err(|_| {
				failed(Failure::Input, format!("`{seed}` is no seed; write random:7"))
			})?;
			return Ok(Self::Random(seed));
		}
		let (kind, path) = parse_file(text);
		Ok(Self::File(kind, path))
	}

	/// Width and height, if it is a picture: what the parameters of these names must be.
	pub(crate) fn size(&self) -> anyhow::Result<Option<(u32, u32)>> {
		match self {
			Self::File(kind @ (Kind::Grey | Kind::Colour), path) => {
				picture::size(path, *kind).map(Some)
			}
			_ => Ok(None),
		}
	}

	/// The bytes, which should be `wanted` many.
	pub(crate) fn read(&self, wanted: usize) -> anyhow::Result<Vec<u8>> {
		let mut bytes = match self {
			Self::Zeros => vec![0; wanted],
			Self::Random(seed) => random(*seed, wanted),
			Self::File(Kind::Raw, path) => read(path)?,
			Self::File(kind @ (Kind::Grey | Kind::Colour), path) => picture::read(path, *kind)?,
			Self::File(Kind::Npy(_), path) => npy::read(path, &read(path)?)?,
			Self::File(Kind::Lines(_), path) => lines::read(path, &read(path)?)?,
		};
		// Buffers are made of words; what is missing of the last one is nobody's.
		if bytes.len() % 4 != 0 && bytes.len().next_multiple_of(4) == wanted {
			bytes.resize(wanted, 0);
		}
		Ok(bytes)
	}
}

/// Whether an output of so many bytes can be written in a format. `size`: width and height, for pictures.
pub(crate) fn check_length(
	kind: Kind,
	path: &Path,
	bytes: u64,
	size: Option<(u32, u32)>,
) -> anyhow::Result<()> {
	match kind {
		Kind::Grey | Kind::Colour => {
			picture::pixels(bytes, kind, size_for(path, size)?)?;
			Ok(())
		}
		// Outputs are words, and elements fill them.
		Kind::Raw | Kind::Npy(_) | Kind::Lines(_) => Ok(()),
	}
}

fn size_for(path: &Path, size: Option<(u32, u32)>) -> anyhow::Result<(u32, u32)> {
	size.ok_or_else(|| {
		let what = "has no parameters `width` and `height`: save it raw";
		failed(Failure::Input, format!("{}: the kernel {what}", path.display()))
	})
}

/// Writes an output to a file. `size`: width and height, for pictures.
pub(crate) fn write(
	kind: Kind,
	path: &Path,
	bytes: &[u8],
	size: Option<(u32, u32)>,
) -> anyhow::Result<()> {
	let encoded = match kind {
		Kind::Raw => return put(path, bytes),
		Kind::Grey | Kind::Colour => picture::encode(bytes, kind, size_for(path, size)?)?,
		Kind::Npy(element) => npy::encode(bytes, element)?,
		Kind::Lines(element) => lines::encode(bytes, element).into_bytes(),
	};
	put(path, &encoded)
}

fn put(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
	std::fs::write(path, bytes).with_context(|| format!("cannot write {}", path.display()))
}

/// A file's bytes.
fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
	let cannot = || format!("cannot read {}", path.display());
	let file = File::open(path).with_context(cannot)?;
	let mut bytes = Vec::new();
	file.take(MOST_BYTES + 1).read_to_end(&mut bytes).with_context(cannot)?;
	match bytes.len() as u64 > MOST_BYTES {
		true => Err(failed(Failure::Input, format!("{} is too long for a buffer", path.display()))),
		false => Ok(bytes),
	}
}

/// Bytes that a seed names for everybody: BLAKE3's output for the seed's eight bytes.
fn random(seed: u64, bytes: usize) -> Vec<u8> {
	let mut output = vec![0; bytes];
	blake3::Hasher::new().update(&seed.to_le_bytes()).finalize_xof().fill(&mut output);
	output
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn formats_are_named_or_follow_from_the_files_name() {
		let of = |text: &str| parse_file(text);
		assert_eq!(of("a/b.PNG"), (Kind::Grey, "a/b.PNG".into()));
		assert_eq!(of("rgba:b.png"), (Kind::Colour, "b.png".into()));
		assert_eq!(of("raw:b.png"), (Kind::Raw, "b.png".into()));
		assert_eq!(of("i8:out.npy"), (Kind::Npy(Element::I8), "out.npy".into()));
		assert_eq!(of("odd:name"), (Kind::Raw, "odd:name".into()));
		assert_eq!(Source::parse("zeros").unwrap(), Source::Zeros);
		assert_eq!(Source::parse("random:9").unwrap(), Source::Random(9));
		assert!(Source::parse("random:x").is_err());
	}

	#[test]
	fn a_last_word_is_filled_up_and_nothing_else_is() {
		let file = tempfile::NamedTempFile::new().unwrap();
		std::fs::write(file.path(), [1, 2, 3, 4, 5]).unwrap();
		let source = Source::File(Kind::Raw, file.path().into());
		assert_eq!(source.read(8).unwrap(), [1, 2, 3, 4, 5, 0, 0, 0]);
		assert_eq!(source.read(12).unwrap().len(), 5);
	}
}
