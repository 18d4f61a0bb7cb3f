//! Which URLs and addresses are asked.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use axum::http::Uri;
use thiserror::Error;

use crate::wire::MAX_URL_BYTES;

/// Why a URL is of no use.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum AddressError {
	/// It is too long.
	#[error("the URL has {0} bytes; {MAX_URL_BYTES} are the most")]
	Long(usize),
	/// It is not `http://host:port/path` or `https://...`.
	#[error("{0:?} is no base URL; write http://host:port or https://host:port, without user, query and fragment")]
	Url(String),
	/// Its address is not public.
	#[error("{0} is not a public address; allow private ones if the source is your own")]
	Private(String),
}

/// Checks that a text is the base URL of a data plane: `http` or `https`, a host, no user, no query.
///
/// # Errors
///
/// If it is anything else.
pub fn check_url(url: &str) -> Result<Uri, AddressError> {
	if url.len() > MAX_URL_BYTES {
		return Err(AddressError::Long(url.len()));
	}
	let wrong = || AddressError::Url(url.to_owned());
	let uri: Uri = url.parse().map_err(|_| wrong())?;
	let scheme = matches!(uri.scheme_str(), Some("http" | "https"));
	let authority = uri.authority().ok_or_else(wrong)?;
	let plain = !authority.as_str().contains('@') && !url.contains(['#', '?']);
	(scheme && plain && !authority.host().is_empty()).then_some(uri).ok_or_else(wrong)
}

/// Checks the URL of a source, and its address if it has one: names are checked when they are
/// resolved.
pub(super) fn check_source(url: &str, allow_private: bool) -> Result<(), AddressError> {
	let uri = check_url(url)?;
	let host = uri.host().unwrap_or_default();
	let literal = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
	match literal {
		Ok(address) if !allow_private && !is_public(address) => {
			Err(AddressError::Private(address.to_string()))
		}
		_ => Ok(()),
	}
}

/// Whether an address is one of the public internet: not loopback, private, link-local, shared,
/// multicast, reserved, or one of these in disguise.
pub fn is_public(address: IpAddr) -> bool {
	match address {
		IpAddr::V4(address) => is_public_v4(address),
		IpAddr::V6(address) => is_public_v6(address),
	}
}

fn is_public_v4(address: Ipv4Addr) -> bool {
	let special = address.is_private()
		|| address.is_loopback()
		|| address.is_link_local()
		|| address.is_documentation()
		|| address.is_multicast()
		|| address.is_broadcast();
	match address.octets() {
		// This network; reserved.
		[0 | 240..=255, ..] => false,
		// Shared by carriers; protocol assignments; benchmarking; 6to4 relays.
		[100, 64..=127, ..] | [192, 0, 0, _] | [198, 18 | 19, ..] | [192, 88, 99, _] => false,
		_ => !special,
	}
}

fn is_public_v6(address: Ipv6Addr) -> bool {
	if let Some(address) = address.to_ipv4_mapped() {
		return is_public_v4(address);
	}
	let v4 =
		|high: u16, low: u16| is_public_v4(Ipv4Addr::from(u32::from(high) << 16 | u32::from(low)));
	match address.segments() {
		// Addresses of IPv4 behind a translator or in a tunnel.
		[0x64, 0xff9b, 0, 0, 0, 0, high, low] | [0x2002, high, low, ..] => v4(high, low),
		// Teredo and other protocol assignments; documentation.
		[0x2001, 0..=0x1ff, ..] | [0x2001, 0xdb8, ..] | [0x3fff, 0..=0xfff, ..] => false,
		// Only this block is global unicast.
		[first, ..] => first & 0xe000 == 0x2000,
	}
}

#[cfg(test)]
mod tests {
	use super::{check_source, check_url, is_public, AddressError};

	#[test]
	fn addresses_that_are_not_public_are_known_in_every_disguise() {
		let inner = [
			"127.0.0.1",
			"127.9.9.9",
			"10.0.0.1",
			"172.16.0.1",
			"172.31.255.255",
			"192.168.1.1",
			"169.254.169.254",
			"0.0.0.0",
			"0.1.2.3",
			"100.64.0.1",
			"192.0.0.8",
			"198.18.0.1",
			"224.0.0.1",
			"240.0.0.1",
			"255.255.255.255",
			"192.0.2.1",
			"192.88.99.1",
			"::1",
			"::",
			"fe80::1",
			"fc00::1",
			"fd12::1",
			"ff02::1",
			"::ffff:127.0.0.1",
			"::ffff:10.0.0.1",
			"64:ff9b::7f00:1",
			"2002:7f00:1::",
			"2001:0:1::1",
			"2001:db8::1",
			"::127.0.0.1",
			"fec0::1",
		];
		for address in inner {
			assert!(!is_public(address.parse().unwrap()), "{address}");
		}
		let outer = [
			"1.1.1.1",
			"8.8.8.8",
			"172.15.0.1",
			"172.32.0.1",
			"100.63.0.1",
			"100.128.0.1",
			"2606:4700::1111",
			"2a00:1450::1",
			"::ffff:8.8.8.8",
			"64:ff9b::808:808",
			"2002:808:808::",
		];
		for address in outer {
			assert!(is_public(address.parse().unwrap()), "{address}");
		}
	}

	#[test]
	fn only_base_urls_are_urls() {
		let good =
			["http://host", "https://host:4400", "http://1.2.3.4:80/data/", "http://[2606::1]:1"];
		for url in good {
			assert!(check_url(url).is_ok(), "{url}");
		}
		let bad = [
			"",
			"host",
			"host:80",
			"/v1",
			"ftp://host",
			"file:///etc/passwd",
			"http://",
			"http:///a",
			"http://user@host",
			"http://user:word@host",
			"http://host?a=b",
			"http://host#a",
			"http://a b",
			"gopher://host",
			"unix:/run/socket",
		];
		for url in bad {
			assert!(matches!(check_url(url), Err(AddressError::Url(_))), "{url}");
		}
		let long = format!("http://{}", "a".repeat(250));
		assert_eq!(check_url(&long), Err(AddressError::Long(257)));
	}

	#[test]
	fn private_sources_are_refused_unless_allowed() {
		for url in ["http://127.0.0.1:4400", "http://[::1]:4400", "https://169.254.169.254"] {
			assert!(matches!(check_source(url, false), Err(AddressError::Private(_))), "{url}");
			assert_eq!(check_source(url, true), Ok(()), "{url}");
		}
	}
}
