//! Accounts as polkadot-js exports them, from its browser extension, its apps and wallets like them:
//! JSON with the secret encrypted under a password.
//!
//! This is version 3, the one that today's wallets write. In base64 it holds, numbers being
//! little-endian:
//!
//! | bytes | what |
//! |---|---|
//! | 32 | scrypt's salt |
//! | 3 × 4 | its parameters N, p and r |
//! | 24 | the nonce |
//! | 16 + 117 | the secret, in NaCl's secretbox: XSalsa20 and Poly1305 |
//!
//! An account that was exported without a password holds the 117 bytes alone. See
//! `packages/util-crypto/src/json` and `packages/keyring/src/pair/decode.ts` in polkadot-js/common.

use super::{KeyError, Keypair};
use crate::AccountId;
use base64::{engine::general_purpose::STANDARD, Engine as _};
use cryptoxide::{
	poly1305::{Poly1305, Tag},
	salsa20::XSalsa20,
	scrypt::{scrypt, ScryptParams},
};
use serde_json::Value;

/// What scrypt may be asked for, as polkadot-js itself allows it: log₂ N, p, r. The largest takes 128
/// MiB and a second; a file that asks for more is made to harm.
const SCRYPT: [(u8, u32, u32); 6] =
	[(13, 10, 8), (14, 5, 8), (15, 3, 8), (15, 1, 8), (16, 2, 8), (17, 1, 8)];

/// What stands before, between and behind the keys.
const HEADER: [u8; 16] = [48, 83, 2, 1, 1, 48, 5, 6, 3, 43, 101, 112, 4, 34, 4, 32];
const DIVIDER: [u8; 5] = [161, 35, 3, 33, 0];

/// Reads an export. The password is asked for only if there is something to decrypt.
pub(super) fn open(
	text: &str,
	place: &str,
	password: impl FnOnce() -> Result<String, KeyError>,
) -> Result<Keypair, KeyError> {
	let refused = |reason: &str| KeyError::Export { place: place.into(), reason: reason.into() };
	// The parser's message may hold parts of the text.
	let export: Value = serde_json::from_str(text).map_err(|_| refused("it is no JSON"))?;
	let is_encrypted = check_form(&export).map_err(|reason| refused(&reason))?;
	let encoded = export["encoded"].as_str().ok_or_else(|| refused("it has no `encoded`"))?;
	let bytes = STANDARD.decode(encoded).map_err(|_| refused("`encoded` is no base64"))?;
	let secret = match is_encrypted {
		false => bytes,
		true => {
			let sealed = Sealed::read(&bytes).map_err(|reason| refused(&reason))?;
			let opened = sealed.open(&password()?);
			opened.ok_or_else(|| KeyError::WrongPassword(place.into()))?
		}
	};
	let key = decode(&secret).ok_or_else(|| refused("what it holds is no sr25519 key"))?;
	let address = export["address"].as_str().and_then(|text| text.parse::<AccountId>().ok());
	match address == Some(key.public_key().into()) {
		true => Ok(key),
		false => Err(refused("its key is not that of its `address`")),
	}
}

/// Whether the secret is encrypted, if this is an export that can be read.
fn check_form(export: &Value) -> Result<bool, String> {
	let encoding = &export["encoding"];
	let content = words(&encoding["content"]);
	if content.contains(&"batch-pkcs8") || !export["accounts"].is_null() {
		return Err("it holds several accounts: export this one alone".into());
	}
	let version = encoding["version"].as_str().unwrap_or("none");
	if version != "3" {
		return Err(format!(
			"its version is {}, not 3: import it into a wallet of today and export it again",
			shown(version)
		));
	}
	match content[..] {
		["pkcs8", "sr25519"] => {}
		["pkcs8", kind @ ("ed25519" | "ecdsa" | "ethereum")] => {
			return Err(format!(
				"it is an {kind} key: this program signs with sr25519 keys, which wallets make if not told \
				 otherwise"
			));
		}
		_ => return Err("its `content` is not pkcs8, sr25519".into()),
	}
	match words(&encoding["type"])[..] {
		["scrypt", "xsalsa20-poly1305"] => Ok(true),
		["none"] => Ok(false),
		_ => Err("its `type` is neither scrypt, xsalsa20-poly1305 nor none".into()),
	}
}

fn words(value: &Value) -> Vec<&str> {
	value.as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}

/// A word of the file, as far as it can be a version.
fn shown(text: &str) -> String {
	text.chars().filter(char::is_ascii_alphanumeric).take(8).collect()
}

/// An encrypted secret.
struct Sealed<'a> {
	salt: &'a [u8; 32],
	scrypt: (u8, u32, u32),
	nonce: &'a [u8; 24],
	tag: &'a [u8; 16],
	sealed: &'a [u8],
}

impl<'a> Sealed<'a> {
	fn read(bytes: &'a [u8]) -> Result<Self, String> {
		let parts = || {
			let (salt, rest) = bytes.split_first_chunk()?;
			let (n, rest) = rest.split_first_chunk()?;
			let (p, rest) = rest.split_first_chunk()?;
			let (r, rest) = rest.split_first_chunk()?;
			let (nonce, rest) = rest.split_first_chunk()?;
			let (tag, sealed) = rest.split_first_chunk()?;
			Some((salt, [n, p, r].map(|bytes| u32::from_le_bytes(*bytes)), nonce, tag, sealed))
		};
		let (salt, [n, p, r], nonce, tag, sealed) = parts().ok_or("`encoded` is too short")?;
		let allowed = SCRYPT.into_iter().find(|(log_n, of_p, of_r)| {
			n.is_power_of_two() && n.ilog2() == u32::from(*log_n) && (*of_p, *of_r) == (p, r)
		});
		let scrypt = allowed.ok_or_else(|| {
			format!("scrypt's parameters N = {n}, p = {p}, r = {r} are none that wallets write")
		})?;
		Ok(Self { salt, scrypt, nonce, tag, sealed })
	}

	/// The secret; `None` if the password is another one.
	fn open(&self, password: &str) -> Option<Vec<u8>> {
		let (log_n, p, r) = self.scrypt;
		let mut key = [0; 32];
		let parameters = ScryptParams::new(log_n, r, p);
		scrypt(password.as_bytes(), self.salt, &parameters, &mut key);
		let mut cipher = XSalsa20::new(&key, self.nonce);
		// As NaCl has it, the key stream's first 32 bytes are the authenticator's key.
		let mut authenticator = [0; 32];
		cipher.process_mut(&mut authenticator);
		let mut authenticator = Poly1305::new(&authenticator);
		authenticator.update_mut(self.sealed);
		if authenticator.finalize() != Tag(*self.tag) {
			return None;
		}
		let mut secret = self.sealed.to_vec();
		cipher.process_mut(&mut secret);
		Some(secret)
	}
}

/// The key in its envelope; `None` if it is another kind of envelope, or its halves do not fit.
fn decode(bytes: &[u8]) -> Option<Keypair> {
	let rest = bytes.strip_prefix(&HEADER)?;
	let (secret, rest) = rest.split_first_chunk()?;
	let public = rest.strip_prefix(&DIVIDER)?;
	let key = Keypair::expanded(secret)?;
	(key.public_key().0 == *public).then_some(key)
}
