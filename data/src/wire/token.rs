//! The buyer's word that a request about its job is its own.

use std::{fmt, str::FromStr};

use codec::{Decode, Encode};
use mutirao_types::JobId;
use subxt_signer::sr25519::{self, Keypair, PublicKey, Signature};
use thiserror::Error;

/// The scheme of the `Authorization` header: `Mutirao <token>`.
pub const SCHEME: &str = "Mutirao";

/// How far ahead a token may expire, in seconds: a day.
pub const MAX_TOKEN_AGE_S: u64 = 24 * 60 * 60;

/// Keeps a token's signature from being one of anything else.
const DOMAIN: &[u8; 24] = b"mutirao upload token v1\n";

/// Bytes of an encoded token.
const TOKEN_BYTES: usize = 32 + 32 + 8 + 32 + 8 + 64;

/// For whom tokens are meant: one provider on one chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Audience {
	/// The hash of the chain's first block.
	pub genesis: [u8; 32],
	/// The provider's account.
	pub provider: [u8; 32],
}

/// Lets a buyer write to a provider's store what one job needs, until it expires.
///
/// Whoever sees a token can use it until then, for the job's own bytes only. Its account has an
/// sr25519 key.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct UploadToken {
	/// The account that posted the job, whose key signs.
	pub buyer: [u8; 32],
	/// The provider it is meant for.
	pub provider: [u8; 32],
	/// The job.
	pub job: JobId,
	/// The hash of the chain's first block.
	pub genesis: [u8; 32],
	/// The first second, since 1970, at which it no longer holds.
	pub expires_unix_s: u64,
	/// By the buyer, of all the above.
	pub signature: [u8; 64],
}

/// Why a token does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum TokenError {
	/// It is not a token's text.
	#[error("this is no token: 352 hex digits are expected")]
	Text,
	/// It is for another provider, chain or job.
	#[error("the token is for another {0}")]
	Audience(&'static str),
	/// Its time is over.
	#[error("the token expired at {0} s since 1970; sign a new one, and check both clocks")]
	Expired(u64),
	/// It would hold for too long.
	#[error("the token expires at {0} s since 1970, more than 24 hours ahead; sign a shorter one")]
	TooLong(u64),
	/// The buyer's key did not sign it.
	#[error("the signature is not the buyer's (sr25519)")]
	Signature,
}

impl UploadToken {
	/// Signs a token with the buyer's key. It should expire within [`MAX_TOKEN_AGE_S`].
	pub fn sign(
		key: &Keypair,
		provider: [u8; 32],
		job: JobId,
		genesis: [u8; 32],
		expires_unix_s: u64,
	) -> Self {
		let (buyer, sign) = (key.public_key().0, |message: &[u8]| key.sign(message).0);
		Self::sign_with(buyer, sign, provider, job, genesis, expires_unix_s)
	}

	/// The same, for keys of another type: `sign` makes the buyer's sr25519 signature of a message.
	pub fn sign_with(
		buyer: [u8; 32],
		sign: impl FnOnce(&[u8]) -> [u8; 64],
		provider: [u8; 32],
		job: JobId,
		genesis: [u8; 32],
		expires_unix_s: u64,
	) -> Self {
		let mut token = Self { buyer, provider, job, genesis, expires_unix_s, signature: [0; 64] };
		token.signature = sign(&token.message());
		token
	}

	/// Checks everything but that the buyer posted the job: only the chain knows.
	///
	/// # Errors
	///
	/// If it is for another audience or job, has expired, expires more than a day ahead, or is not
	/// signed by its buyer.
	pub fn verify(&self, to: &Audience, job: JobId, now_unix_s: u64) -> Result<(), TokenError> {
		if self.genesis != to.genesis {
			return Err(TokenError::Audience("chain"));
		}
		if self.provider != to.provider {
			return Err(TokenError::Audience("provider"));
		}
		if self.job != job {
			return Err(TokenError::Audience("job"));
		}
		if self.expires_unix_s <= now_unix_s {
			return Err(TokenError::Expired(self.expires_unix_s));
		}
		if self.expires_unix_s - now_unix_s > MAX_TOKEN_AGE_S {
			return Err(TokenError::TooLong(self.expires_unix_s));
		}
		let signed =
			sr25519::verify(&Signature(self.signature), self.message(), &PublicKey(self.buyer));
		signed.then_some(()).ok_or(TokenError::Signature)
	}

	/// The value of the `Authorization` header.
	pub fn header(&self) -> String {
		format!("{SCHEME} {self}")
	}

	/// Reads the value of an `Authorization` header.
	///
	/// # Errors
	///
	/// [`TokenError::Text`] if it is anything else.
	pub fn from_header(value: &str) -> Result<Self, TokenError> {
		let (scheme, token) = value.split_once(' ').ok_or(TokenError::Text)?;
		if !scheme.eq_ignore_ascii_case(SCHEME) {
			return Err(TokenError::Text);
		}
		token.parse()
	}

	fn message(&self) -> Vec<u8> {
		let claims = (self.buyer, self.provider, self.job, self.genesis, self.expires_unix_s);
		(DOMAIN, claims).encode()
	}
}

impl fmt::Display for UploadToken {
	/// Its SCALE encoding in hex.
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.write_str(&hex::encode(self.encode()))
	}
}

impl FromStr for UploadToken {
	type Err = TokenError;

	fn from_str(text: &str) -> Result<Self, TokenError> {
		let mut bytes = [0; TOKEN_BYTES];
		hex::decode_to_slice(text, &mut bytes).map_err(|_| TokenError::Text)?;
		Self::decode(&mut &bytes[..]).map_err(|_| TokenError::Text)
	}
}

#[cfg(test)]
mod tests {
	use super::{Audience, TokenError, UploadToken};
	use subxt_signer::sr25519::dev;

	const TO: Audience = Audience { genesis: [1; 32], provider: [2; 32] };
	const NOW: u64 = 1_800_000_000;

	fn token(expires: u64) -> UploadToken {
		UploadToken::sign(&dev::alice(), TO.provider, 7, TO.genesis, expires)
	}

	#[test]
	fn a_token_holds_for_its_audience_and_time_only() {
		let good = token(NOW + 60);
		assert_eq!(good.verify(&TO, 7, NOW), Ok(()));
		assert_eq!(good.verify(&TO, 8, NOW), Err(TokenError::Audience("job")));
		let other = Audience { genesis: [3; 32], ..TO };
		assert_eq!(good.verify(&other, 7, NOW), Err(TokenError::Audience("chain")));
		let other = Audience { provider: [3; 32], ..TO };
		assert_eq!(good.verify(&other, 7, NOW), Err(TokenError::Audience("provider")));
		assert_eq!(good.verify(&TO, 7, NOW + 60), Err(TokenError::Expired(NOW + 60)));
		let day = 24 * 60 * 60;
		assert_eq!(token(NOW + day).verify(&TO, 7, NOW), Ok(()));
		let long = token(NOW + day + 1).verify(&TO, 7, NOW);
		assert_eq!(long, Err(TokenError::TooLong(NOW + day + 1)));
	}

	#[test]
	fn every_field_is_signed() {
		let good = token(NOW + 60);
		let forged = UploadToken { job: 8, ..good.clone() };
		assert_eq!(forged.verify(&TO, 8, NOW), Err(TokenError::Signature));
		let forged = UploadToken { expires_unix_s: NOW + 61, ..good.clone() };
		assert_eq!(forged.verify(&TO, 7, NOW), Err(TokenError::Signature));
		let forged = UploadToken { buyer: dev::bob().public_key().0, ..good.clone() };
		assert_eq!(forged.verify(&TO, 7, NOW), Err(TokenError::Signature));
		let to = Audience { genesis: [9; 32], ..TO };
		let forged = UploadToken { genesis: [9; 32], ..good.clone() };
		assert_eq!(forged.verify(&to, 7, NOW), Err(TokenError::Signature));
		let to = Audience { provider: [9; 32], ..TO };
		let forged = UploadToken { provider: [9; 32], ..good };
		assert_eq!(forged.verify(&to, 7, NOW), Err(TokenError::Signature));
	}

	#[test]
	fn the_text_is_read_back_and_nothing_else_is() {
		let good = token(NOW);
		assert_eq!(UploadToken::from_header(&good.header()), Ok(good.clone()));
		for bad in ["", "Mutirao", "Mutirao ", "Bearer 00", "Mutirao zz", &format!("{good}")] {
			assert_eq!(UploadToken::from_header(bad), Err(TokenError::Text), "{bad}");
		}
		let long = format!("{}00", good.header());
		assert_eq!(UploadToken::from_header(&long), Err(TokenError::Text));
	}
}
