//! PNG and JPEG pictures.

use std::{io::Cursor, path::Path};

use anyhow::Context as _;
use image::{ExtendedColorType, ImageEncoder as _, ImageReader, Limits};

use super::Kind;
use crate::exit::{failed, Failure};

/// Pixels on a side, at most: what the catalogue's kernels take.
const LONGEST_SIDE: u32 = 16_384;
/// Bytes that decoding may take.
const MOST_MEMORY: u64 = 2 << 30;
/// Grey pixels in a word.
const PER_WORD: u32 = 4;

fn open(path: &Path) -> anyhow::Result<ImageReader<std::io::BufReader<std::fs::File>>> {
	let cannot = || format!("cannot read {}", path.display());
	let reader = ImageReader::open(path).with_context(cannot)?;
	let mut reader = reader.with_guessed_format().with_context(cannot)?;
	let mut limits = Limits::default();
	limits.max_image_width = Some(LONGEST_SIDE);
	limits.max_image_height = Some(LONGEST_SIDE);
	limits.max_alloc = Some(MOST_MEMORY);
	reader.limits(limits);
	Ok(reader)
}

fn refused(path: &Path, error: &image::ImageError) -> anyhow::Error {
	let what =
		format!("is no picture that can be read, PNG or JPEG of {LONGEST_SIDE} pixels a side");
	failed(Failure::Input, format!("{} {what} at most: {error}", path.display()))
}

/// Columns that are read of a picture so wide.
fn columns(width: u32, kind: Kind) -> u32 {
	match kind {
		Kind::Grey => width / PER_WORD * PER_WORD,
		_ => width,
	}
}

/// Width and height as a kernel gets them.
pub(super) fn size(path: &Path, kind: Kind) -> anyhow::Result<(u32, u32)> {
	let size = open(path)?.into_dimensions();
	let (width, height) = size.map_err(|error| refused(path, &error))?;
	if width > LONGEST_SIDE || height > LONGEST_SIDE {
		let what = format!("has {width} x {height} pixels; {LONGEST_SIDE} a side are read at most");
		return Err(failed(Failure::Input, format!("{} {what}", path.display())));
	}
	Ok((columns(width, kind), height))
}

/// The pixels.
pub(super) fn read(path: &Path, kind: Kind) -> anyhow::Result<Vec<u8>> {
	let picture = open(path)?.decode().map_err(|error| refused(path, &error))?;
	match kind {
		Kind::Grey => {
			let grey = picture.to_luma8();
			let (width, wanted) = (grey.width() as usize, columns(grey.width(), kind) as usize);
			let rows = grey.as_raw().chunks_exact(width.max(1));
			Ok(rows.flat_map(|row| &row[..wanted]).copied().collect())
		}
		_ => Ok(picture.to_rgba8().into_raw()),
	}
}

/// The bytes of a picture's pixels, if an output of so many bytes has them.
pub(super) fn pixels(bytes: u64, kind: Kind, (width, height): (u32, u32)) -> anyhow::Result<u64> {
	let (per_pixel, each) = match kind {
		Kind::Grey => (1, "a byte"),
		_ => (4, "four bytes"),
	};
	let wanted = (u64::from(width) * u64::from(height)).saturating_mul(per_pixel);
	if (1..=bytes).contains(&wanted) {
		return Ok(wanted);
	}
	let what = format!("{bytes} bytes are no picture of {width} x {height} pixels, {each} each");
	Err(failed(Failure::Input, format!("{what}: save them raw")))
}

/// A PNG file of the first pixels.
pub(super) fn encode(bytes: &[u8], kind: Kind, size: (u32, u32)) -> anyhow::Result<Vec<u8>> {
	let (width, height) = size;
	let colour = match kind {
		Kind::Grey => ExtendedColorType::L8,
		_ => ExtendedColorType::Rgba8,
	};
	let pixels = &bytes[..usize::try_from(pixels(bytes.len() as u64, kind, size)?)?];
	let mut file = Cursor::new(Vec::new());
	let encoder = image::codecs::png::PngEncoder::new(&mut file);
	encoder.write_image(pixels, width, height, colour)?;
	Ok(file.into_inner())
}

#[cfg(test)]
mod tests {
	use super::*;

	fn file(bytes: &[u8]) -> tempfile::NamedTempFile {
		let file = tempfile::NamedTempFile::new().unwrap();
		std::fs::write(file.path(), bytes).unwrap();
		file
	}

	#[test]
	fn grey_pictures_lose_what_fills_no_word() {
		let pixels: Vec<u8> = (0..30).collect();
		let png = file(&encode(&pixels, Kind::Grey, (10, 3)).unwrap());
		assert_eq!(size(png.path(), Kind::Grey).unwrap(), (8, 3));
		let read = read(png.path(), Kind::Grey).unwrap();
		assert_eq!(read, [&pixels[..8], &pixels[10..18], &pixels[20..28]].concat());
	}

	#[test]
	fn coloured_pictures_are_read_back_and_padding_is_left_out() {
		let pixels: Vec<u8> = (0..4 * 5 * 3).collect();
		let padded = [&pixels[..], &[0; 16]].concat();
		let png = file(&encode(&padded, Kind::Colour, (5, 3)).unwrap());
		assert_eq!(size(png.path(), Kind::Colour).unwrap(), (5, 3));
		assert_eq!(read(png.path(), Kind::Colour).unwrap(), pixels);
	}

	#[test]
	fn a_photograph_is_read() {
		let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/photograph/china.jpg");
		let (width, height) = size(Path::new(path), Kind::Grey).unwrap();
		let pixels = read(Path::new(path), Kind::Grey).unwrap();
		assert_eq!(pixels.len(), (width * height) as usize);
		assert!(pixels.iter().any(|pixel| *pixel > 200) && pixels.iter().any(|pixel| *pixel < 50));
	}

	#[test]
	fn what_is_no_picture_is_refused() {
		let text = file(b"hello");
		assert!(size(text.path(), Kind::Grey).is_err() && read(text.path(), Kind::Grey).is_err());
		// A header that promises 2^31 pixels a side.
		let png = encode(&[0; 4], Kind::Grey, (2, 2)).unwrap();
		let mut huge = png.clone();
		huge[16..24].copy_from_slice(&[0x7f, 0xff, 0xff, 0xff, 0x7f, 0xff, 0xff, 0xff]);
		assert!(read(file(&huge).path(), Kind::Grey).is_err());
		assert!(encode(&[0; 10], Kind::Grey, (4, 3)).is_err());
		assert!(encode(&[], Kind::Grey, (0, 0)).is_err());
	}
}
