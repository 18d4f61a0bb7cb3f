//! Writing offers' numbers into a file that a person wrote, and nothing else.

use super::{place::Places, Config};

/// Why a file was not changed.
#[derive(Debug, thiserror::Error)]
pub enum EditError {
	/// The text is not one of settings.
	#[error("it is no configuration: {0}")]
	Text(String),
	/// A number is given for a device that is not there.
	#[error("it has no device {0}")]
	NoDevice(usize),
	/// The numbers cannot be written where they belong.
	#[error("its devices are written in a way that cannot be edited: set `offer` by hand: {0}")]
	Form(String),
}

/// The text with the offers of its devices set, by the devices' order. Comments, order and spaces stay as
/// they are.
///
/// # Errors
///
/// See [`EditError`]. The result is read again, and must say the same but for the offers.
pub fn with_offers(text: &str, offers: &[(usize, u64)]) -> Result<String, EditError> {
	let read = |text: &str| {
		toml::from_str::<Config>(text).map_err(|error| EditError::Text(error.message().into()))
	};
	let mut wanted = read(text)?;
	let places = Places::of(text);
	let mut edits = Vec::new();
	for (device, offer) in offers {
		let set = wanted.device.get_mut(*device).ok_or(EditError::NoDevice(*device))?;
		set.offer = Some(*offer);
		let path = format!("device.{device}");
		match places.span(&format!("{path}.offer")) {
			Some(span) => edits.push((span, offer.to_string())),
			None => {
				let header = places.span(&path).map_or(0, |span| span.start);
				let end = text[header..].find('\n').map_or(text.len(), |end| header + end);
				edits.push((end..end, format!("\noffer = {offer}")));
			}
		}
	}
	edits.sort_by_key(|(span, _)| span.start);
	let mut edited = text.to_owned();
	for (span, with) in edits.into_iter().rev() {
		edited.replace_range(span, &with);
	}
	match read(&edited) {
		Ok(config) if config == wanted => Ok(edited),
		_ => {
			let list = offers.iter().map(|(device, offer)| format!("device {device}: {offer}"));
			Err(EditError::Form(list.collect::<Vec<_>>().join(", ")))
		}
	}
}
