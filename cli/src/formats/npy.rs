//! NumPy's `.npy` files: whole numbers of 8, 16 and 32 bits.

use std::path::Path;

use npyz::{NpyFile, Order, WriterBuilder as _};

use super::Element;
use crate::exit::{failed, Failure};

/// Bytes of a file's header, at most.
const LONGEST_HEADER: usize = 64 * 1024;

/// The elements, little-endian, in C order.
pub(super) fn read(path: &Path, file: &[u8]) -> anyhow::Result<Vec<u8>> {
	let refused = |what: String| failed(Failure::Input, format!("{}: {what}", path.display()));
	if header_bytes(file).is_none_or(|bytes| bytes > LONGEST_HEADER) {
		return Err(refused("is no .npy file, or has too long a header".into()));
	}
	let npy = NpyFile::new(file).map_err(|error| refused(format!("is no .npy file ({error})")))?;
	if npy.order() != Order::C && npy.shape().len() > 1 {
		let what = "is in Fortran order: save numpy.ascontiguousarray(array)";
		return Err(refused(what.into()));
	}
	let dtype = npy.dtype();
	let element = dtype.descr();
	let element = element.trim_matches('\'').to_owned();
	let size = dtype.num_bytes().unwrap_or(0) as u64;
	// What the header promises must be there before anybody makes room for it.
	if npy.len().checked_mul(size).is_none_or(|bytes| bytes > file.len() as u64) {
		return Err(refused("is cut off".into()));
	}
	macro_rules! elements {
		($type:ty) => {{
			let elements = npy.into_vec::<$type>();
			let elements = elements.map_err(|error| refused(error.to_string()))?;
			Ok(elements.into_iter().flat_map(|element| element.to_le_bytes()).collect())
		}};
	}
	match element.trim_start_matches(['<', '>', '|', '=']) {
		"u1" => elements!(u8),
		"i1" => elements!(i8),
		"u2" => elements!(u16),
		"i2" => elements!(i16),
		"u4" => elements!(u32),
		"i4" => elements!(i32),
		_ => Err(refused(format!(
			"has elements of type {element}; kernels take whole numbers: save array.astype('<i4') (or i1, \
			 u1, u4), quantised if it has fractions"
		))),
	}
}

/// Length of the header; `None` if it is no .npy file.
fn header_bytes(file: &[u8]) -> Option<usize> {
	let rest = file.strip_prefix(b"\x93NUMPY")?;
	match rest {
		[1, _, low, high, ..] => Some(usize::from(u16::from_le_bytes([*low, *high]))),
		[2 | 3, _, a, b, c, d, ..] => usize::try_from(u32::from_le_bytes([*a, *b, *c, *d])).ok(),
		_ => None,
	}
}

/// A flat array.
pub(super) fn encode(bytes: &[u8], element: Element) -> anyhow::Result<Vec<u8>> {
	let mut file = Vec::new();
	macro_rules! elements {
		($type:ty) => {{
			const SIZE: usize = size_of::<$type>();
			let elements = bytes.chunks_exact(SIZE).filter_map(|chunk| chunk.try_into().ok());
			let elements = elements.map(|chunk: [u8; SIZE]| <$type>::from_le_bytes(chunk));
			let shape = [(bytes.len() / SIZE) as u64];
			let options = npyz::WriteOptions::new().default_dtype().shape(&shape);
			let mut writer = options.writer(&mut file).begin_nd()?;
			writer.extend(elements)?;
			writer.finish()?;
		}};
	}
	match element {
		Element::U8 => elements!(u8),
		Element::I8 => elements!(i8),
		Element::U32 => elements!(u32),
		Element::I32 => elements!(i32),
	}
	Ok(file)
}

#[cfg(test)]
mod tests {
	use super::*;

	fn roundtrip(bytes: &[u8], element: Element) -> Vec<u8> {
		read(Path::new("a.npy"), &encode(bytes, element).unwrap()).unwrap()
	}

	#[test]
	fn arrays_are_read_back() {
		let bytes: Vec<u8> = (0..=255).collect();
		for element in [Element::U8, Element::I8, Element::U32, Element::I32] {
			assert_eq!(roundtrip(&bytes, element), bytes, "{element:?}");
		}
		let file = encode(&[1, 0, 0, 0, 2, 0, 0, 0], Element::I32).unwrap();
		let text = String::from_utf8_lossy(&file).into_owned();
		assert!(text.contains("'descr': '<i4'") && text.contains("'shape': (2,"), "{text}");
	}

	/// A file as NumPy writes it.
	fn numpy(descr: &str, fortran: &str, shape: &str, data: &[u8]) -> Vec<u8> {
		let header =
			format!("{{'descr': '{descr}', 'fortran_order': {fortran}, 'shape': {shape}, }}");
		let header = format!("{header:<117}\n");
		let length = (header.len() as u16).to_le_bytes();
		[b"\x93NUMPY\x01\x00", &length[..], header.as_bytes(), data].concat()
	}

	#[test]
	fn big_endian_and_narrow_elements_become_little_endian() {
		let read = |file: &[u8]| read(Path::new("a.npy"), file).unwrap();
		assert_eq!(read(&numpy(">i4", "False", "(1,)", &[1, 2, 3, 4])), [4, 3, 2, 1]);
		assert_eq!(read(&numpy("<u2", "False", "(2, 1)", &[1, 2, 3, 4])), [1, 2, 3, 4]);
		assert_eq!(read(&numpy("|i1", "False", "(2, 2)", &[1, 2, 3, 4])), [1, 2, 3, 4]);
	}

	#[test]
	fn what_kernels_cannot_take_is_refused_with_what_to_do() {
		let refused = |file: &[u8], what: &str| {
			let error = read(Path::new("a.npy"), file).unwrap_err().to_string();
			assert!(error.starts_with("a.npy: ") && error.contains(what), "{error}");
		};
		refused(&numpy("<f4", "False", "(1,)", &[0; 4]), "astype");
		refused(&numpy("<i4", "True", "(1, 1)", &[0; 4]), "ascontiguousarray");
		refused(&numpy("<i4", "False", "(9000000000000,)", &[0; 4]), "cut off");
		refused(&numpy("<i4", "False", "(2,)", &[0; 4])[..130], "");
		refused(b"\x93NUMPY\x02\x00\xff\xff\xff\xff", "header");
		refused(b"PK", "no .npy file");
	}
}
