//! Things of the chain as people read them.

use mutirao_client::{
	types::{FaultKind, JobStateKind, Permill, RefundReason, Region, Verdict},
	AccountId,
};

/// Seconds between two blocks.
pub(crate) const BLOCK_SECONDS: u64 = 3;

/// Hexadecimal with `0x`.
pub(crate) fn hex(bytes: &[u8]) -> String {
	format!("0x{}", hex::encode(bytes))
}

/// Reads 32 bytes in hexadecimal, with or without `0x`.
pub(crate) fn parse_hash(text: &str) -> Option<[u8; 32]> {
	let digits = text.strip_prefix("0x").unwrap_or(text);
	hex::decode(digits).ok()?.try_into().ok()
}

/// An account's address, with the chain's prefix.
pub(crate) fn address(account: &AccountId) -> String {
	mutirao_client::address::display(account)
}

/// Reads an address, with whatever prefix, or a public key in hexadecimal.
pub(crate) fn parse_account(text: &str) -> Result<AccountId, String> {
	if let Some(key) = parse_hash(text) {
		return Ok(AccountId::from(key));
	}
	text.parse().map_err(|_| format!("`{text}` is no address: it may have been cut off"))
}

/// A number of blocks with the time that they take.
pub(crate) fn blocks(count: u64) -> String {
	let seconds = count.saturating_mul(BLOCK_SECONDS);
	let unit = if count == 1 { "block" } else { "blocks" };
	format!("{count} {unit} ({})", seconds_text(seconds))
}

/// A time for people.
pub(crate) fn seconds_text(seconds: u64) -> String {
	match seconds {
		0..120 => format!("{seconds} s"),
		120..7200 => format!("{} min", seconds / 60),
		_ => format!("{} h", seconds / 3600),
	}
}

/// Bytes for people.
pub(crate) fn bytes(count: u64) -> String {
	match count {
		0..10_240 => format!("{count} bytes"),
		10_240..10_485_760 => format!("{} KiB", count / 1024),
		_ => format!("{} MiB", count / 1_048_576),
	}
}

/// A region as ISO 3166 writes it.
pub(crate) fn region(region: &Region) -> String {
	let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim_end_matches('\0').to_owned();
	match text(&region.subdivision).as_str() {
		"" => text(&region.country),
		subdivision => format!("{}-{subdivision}", text(&region.country)),
	}
}

/// Reads a region: `BR` or `BR-SP`.
pub(crate) fn parse_region(text: &str) -> Result<Region, String> {
	let (country, rest) = text.split_once('-').unwrap_or((text, ""));
	let mut subdivision = [0; 3];
	let fits = rest.len() <= 3 && (rest.is_empty() != text.contains('-'));
	let country = country.as_bytes().try_into();
	if let (Ok(country), true) = (country, fits) {
		subdivision[..rest.len()].copy_from_slice(rest.as_bytes());
		let region = Region { country, subdivision };
		if region.is_well_formed() {
			return Ok(region);
		}
	}
	Err(format!("`{text}` is no region: write BR or BR-SP, as ISO 3166 does"))
}

/// Reads a share: `0.9` or `90%`, in parts in a million.
pub(crate) fn parse_share(text: &str) -> Result<Permill, String> {
	let refused = || format!("`{text}` is no share: write 0.9 or 90%");
	let (digits, most) = match text.strip_suffix('%') {
		Some(digits) => (digits, 100u32),
		None => (text, 1),
	};
	let (whole, part) = digits.split_once('.').unwrap_or((digits, "0"));
	let decimals = if most == 100 { 4 } else { 6 };
	if whole.is_empty()
		|| part.len() > decimals
		|| !part.bytes().chain(whole.bytes()).all(|b| b.is_ascii_digit())
	{
		return Err(refused());
	}
	let parts: u32 = format!("{whole}{part:0<decimals$}").parse().map_err(|_| refused())?;
	match parts <= 1_000_000 {
		true => Ok(Permill::from_parts(parts)),
		false => Err(refused()),
	}
}

/// A share in per cent, with one decimal.
pub(crate) fn share(parts: u32) -> String {
	format!("{}.{} %", parts / 10_000, parts % 10_000 / 1_000)
}

/// Steps per second.
pub(crate) fn speed(steps_per_second: u64) -> String {
	match steps_per_second {
		0..1_000_000 => format!("{steps_per_second} steps/s"),
		1_000_000..1_000_000_000 => format!("{} Msteps/s", steps_per_second / 1_000_000),
		_ => format!(
			"{}.{} Gsteps/s",
			steps_per_second / 1_000_000_000,
			steps_per_second % 1_000_000_000 / 100_000_000
		),
	}
}

/// A job's stage.
pub(crate) fn stage(stage: JobStateKind) -> &'static str {
	match stage {
		JobStateKind::Open => "open",
		JobStateKind::Running => "running",
		JobStateKind::Attested => "attested",
		JobStateKind::Contestable => "contestable",
		JobStateKind::Finished => "finished",
	}
}

/// A verdict in one word or two, for programs.
pub(crate) fn verdict(verdict: Verdict) -> &'static str {
	match verdict {
		Verdict::Settled => "settled",
		Verdict::Refunded(reason) => match reason {
			RefundReason::Cancelled => "refunded: cancelled",
			RefundReason::Expired => "refunded: expired",
			RefundReason::GivenUp => "refunded: given up",
			RefundReason::Late => "refunded: late",
			RefundReason::OpeningMissed => "refunded: opening missed",
			RefundReason::OpeningWrong => "refunded: opening wrong",
			RefundReason::ChallengeUpheld => "refunded: challenge upheld",
			RefundReason::DemandUnanswered => "refunded: demand unanswered",
		},
		Verdict::Faulted(fault) => match fault {
			FaultKind::Race => "faulted: race",
			FaultKind::Fuel => "faulted: fuel",
			FaultKind::DivergentBarrier => "faulted: divergent barrier",
			FaultKind::Reads => "faulted: reads",
		},
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn regions_are_read_as_they_are_written() {
		for text in ["BR", "BR-SP", "FR-75", "DE"] {
			assert_eq!(region(&parse_region(text).unwrap()), text);
		}
		for text in ["br", "BRA", "BR-", "BR-SPXY", "BR-sp", "", "B", "BR-S-P"] {
			assert!(parse_region(text).is_err(), "{text}");
		}
	}

	#[test]
	fn shares_are_read_exactly() {
		let read = [("0.9", 900_000), ("90%", 900_000), ("1", 1_000_000), ("12.3456%", 123_456)];
		for (text, parts) in read {
			assert_eq!(parse_share(text), Ok(Permill::from_parts(parts)), "{text}");
		}
		for text in ["1.1", "101%", "-1", "0.1234567", "", "x", "%"] {
			assert!(parse_share(text).is_err(), "{text}");
		}
		assert_eq!(share(987_654), "98.7 %");
	}

	#[test]
	fn addresses_of_any_prefix_and_keys_are_read() {
		let alice = "gZRUkf7Dz9gMomMVEVhwZd7XZsyMuvqLBpyq428Yv14qyMe21";
		let account = parse_account(alice).unwrap();
		assert_eq!(address(&account), alice);
		let of_any_chain = "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY";
		assert_eq!(parse_account(of_any_chain), Ok(account));
		assert_eq!(parse_account(&hex(&account.0)), Ok(account));
		assert!(parse_account(&alice[1..]).is_err());
	}
}
