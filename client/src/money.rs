//! Money as people write it: `1.5 MUT`, `300 planck`. Exact: no rounding, no floating point.

use crate::Balance;

/// Planck in one MUT.
pub const MUT: Balance = 1_000_000_000_000;
/// Digits behind the point of an amount in MUT.
const DECIMALS: usize = 12;
/// Less than this many planck are shown in planck.
const SMALL: Balance = 1_000_000;
/// Bytes of a written amount, at most.
const LONGEST: usize = 64;

/// Why a text is no amount of money.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum MoneyError {
	/// It does not say of what.
	#[error("`{0}` has no unit: write `{0} MUT`, or planck (a MUT has 10^12 of them)")]
	Unit(String),
	/// What comes before the unit is no number.
	#[error("`{0}` is no amount: write it like `1.5 MUT` or `300 planck`")]
	Number(String),
	/// Planck cannot be divided.
	#[error("`{0}` is less than a planck fine: a MUT has {DECIMALS} decimals, a planck none")]
	TooFine(String),
	/// There cannot be so much money.
	#[error("`{0}` is more than 2^128 planck")]
	TooMuch(String),
	/// The text is too long to be read.
	#[error("an amount has at most {LONGEST} characters")]
	TooLong,
}

/// Reads an amount, in planck: decimal digits, in MUT with up to twelve of them behind a point, then
/// the unit. `_` may stand between digits, a space before the unit; the unit's case does not matter.
///
/// # Errors
///
/// See [`MoneyError`]; an amount without a unit is refused, as nobody could tell which one was meant.
///
/// ```
/// use mutirao_client::money::parse;
///
/// assert_eq!(parse("1.5 MUT"), Ok(1_500_000_000_000));
/// assert_eq!(parse("300 planck"), Ok(300));
/// assert!(parse("1.5").is_err());
/// ```
pub fn parse(text: &str) -> Result<Balance, MoneyError> {
	let text = text.trim();
	if text.len() > LONGEST {
		return Err(MoneyError::TooLong);
	}
	let at = text.find(|letter: char| letter.is_alphabetic()).unwrap_or(text.len());
	let (number, unit) = text.split_at(at);
	let number = number.trim_end();
	let (whole, part) = match number.split_once('.') {
		Some((whole, part)) if !part.is_empty() => (whole, part),
		Some(_) => return Err(MoneyError::Number(text.into())),
		None => (number, ""),
	};
	let (whole, part) = (digits(whole), digits(part));
	let (Some(whole), Some(part)) = (whole, part) else {
		return Err(MoneyError::Number(text.into()));
	};
	if whole.is_empty() {
		return Err(MoneyError::Number(text.into()));
	}
	let decimals = match unit.to_ascii_lowercase().as_str() {
		"mut" => DECIMALS,
		"planck" => 0,
		"" => return Err(MoneyError::Unit(text.into())),
		_ => return Err(MoneyError::Number(text.into())),
	};
	let part = part.trim_end_matches('0');
	if part.len() > decimals {
		return Err(MoneyError::TooFine(text.into()));
	}
	// Digits alone: nothing but their number can be wrong.
	format!("{whole}{part:0<decimals$}").parse().map_err(|_| MoneyError::TooMuch(text.into()))
}

/// The digits without separators; `None` if there is anything else.
fn digits(text: &str) -> Option<String> {
	let is_bad = |letter: char| !letter.is_ascii_digit() && letter != '_';
	match text.starts_with('_') || text.ends_with('_') || text.contains(is_bad) {
		true => None,
		false => Some(text.replace('_', "")),
	}
}

/// Writes an amount exactly, as [`parse`] reads it: in MUT without trailing zeros, tiny ones in planck.
///
/// ```
/// use mutirao_client::money::display;
///
/// assert_eq!(display(1_500_000_000_000), "1.5 MUT");
/// assert_eq!(display(300), "300 planck");
/// ```
pub fn display(planck: Balance) -> String {
	if planck != 0 && planck < SMALL {
		return format!("{planck} planck");
	}
	let (whole, part) = (planck / MUT, planck % MUT);
	let part = format!("{part:0>DECIMALS$}");
	match part.trim_end_matches('0') {
		"" => format!("{whole} MUT"),
		part => format!("{whole}.{part} MUT"),
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn amounts_are_read_exactly() {
		let read = [
			("1 MUT", MUT),
			("0.000000000001 MUT", 1),
			("1.5mut", 3 * MUT / 2),
			("1_000.000_1 MUT", 1_000 * MUT + 100_000_000),
			("0.1000000000000000 MUT", MUT / 10),
			("300 planck", 300),
			("7.0 Planck", 7),
			(" 2 MUT ", 2 * MUT),
			("340282366920938463463374607431768211455 planck", Balance::MAX),
			("340282366920938463463374607.431768211455 MUT", Balance::MAX),
		];
		for (text, planck) in read {
			assert_eq!(parse(text), Ok(planck), "{text}");
		}
	}

	#[test]
	fn what_is_no_amount_is_refused_with_its_reason() {
		type Refusal = fn(String) -> MoneyError;
		let refused: [(&str, Refusal); 15] = [
			("1.5", MoneyError::Unit),
			("1", MoneyError::Unit),
			("", MoneyError::Number),
			("MUT", MoneyError::Number),
			("-1 MUT", MoneyError::Number),
			("+1 MUT", MoneyError::Number),
			("1. MUT", MoneyError::Number),
			(".5 MUT", MoneyError::Number),
			("1,5 MUT", MoneyError::Number),
			("_1 MUT", MoneyError::Number),
			("1e3 MUT", MoneyError::Number),
			("1 DOT", MoneyError::Number),
			("0.0000000000001 MUT", MoneyError::TooFine),
			("0.5 planck", MoneyError::TooFine),
			("340282366920938463463374607431768211456 planck", MoneyError::TooMuch),
		];
		for (text, error) in refused {
			assert_eq!(parse(text), Err(error(text.into())), "{text}");
		}
		assert_eq!(parse(&"1".repeat(65)), Err(MoneyError::TooLong));
	}

	#[test]
	fn what_is_written_is_read_back() {
		let amounts = [0, 1, 300, SMALL - 1, SMALL, MUT - 1, MUT, MUT + 1, 17 * MUT, Balance::MAX];
		for planck in amounts {
			assert_eq!(parse(&display(planck)), Ok(planck), "{planck}");
		}
		assert_eq!(display(0), "0 MUT");
		assert_eq!(display(SMALL - 1), "999999 planck");
		assert_eq!(display(SMALL), "0.000001 MUT");
		assert_eq!(display(12 * MUT + 50), "12.00000000005 MUT");
	}
}
