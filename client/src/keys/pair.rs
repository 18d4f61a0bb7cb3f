//! A key that signs.

use crate::{AccountId, Config};
use std::fmt;
use subxt::{transactions, utils::MultiSignature};
use subxt_signer::sr25519::{self, PublicKey, Signature};

/// What signatures of this scheme are for, as the chain checks them.
const CONTEXT: &[u8] = b"substrate";

/// An sr25519 key.
#[derive(Clone)]
pub struct Keypair(Secret);

#[derive(Clone)]
enum Secret {
	/// Of a phrase, a secret URI or a seed.
	Seed(sr25519::Keypair),
	/// What a seed was expanded to: exports hold that, and no seed.
	Expanded(Box<schnorrkel::Keypair>),
}

impl Keypair {
	/// The public part: the account.
	pub fn public_key(&self) -> PublicKey {
		match &self.0 {
			Secret::Seed(key) => key.public_key(),
			Secret::Expanded(key) => PublicKey(key.public.to_bytes()),
		}
	}

	/// Signs a message.
	pub fn sign(&self, message: &[u8]) -> Signature {
		match &self.0 {
			Secret::Seed(key) => key.sign(message),
			Secret::Expanded(key) => Signature(key.sign_simple(CONTEXT, message).to_bytes()),
		}
	}

	/// A key from what its seed was expanded to, in the form that Ed25519 has; `None` if it is no key.
	pub(super) fn expanded(bytes: &[u8; 64]) -> Option<Self> {
		let secret = schnorrkel::SecretKey::from_ed25519_bytes(bytes).ok()?;
		Some(Self(Secret::Expanded(Box::new(secret.into()))))
	}
}

impl From<sr25519::Keypair> for Keypair {
	fn from(key: sr25519::Keypair) -> Self {
		Self(Secret::Seed(key))
	}
}

impl fmt::Debug for Keypair {
	/// The account, and nothing of the secret.
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		write!(f, "Keypair({})", crate::address::display(&self.public_key().into()))
	}
}

impl transactions::Signer<Config> for Keypair {
	fn account_id(&self) -> AccountId {
		self.public_key().into()
	}

	fn sign(&self, payload: &[u8]) -> MultiSignature {
		self.sign(payload).into()
	}
}
