//! Accounts' addresses, as wallets of this chain show them.
//!
//! An [`AccountId`] prints itself too, with the prefix 42 of every Substrate chain. Whatever its prefix,
//! an address names the same account, so all are read: `text.parse::<AccountId>()`.

use crate::AccountId;
use cryptoxide::hashing::blake2b_512;

/// The chain's SS58 prefix (`System.SS58Prefix`), with which addresses are written.
pub const SS58_PREFIX: u16 = 4711;

/// Bytes of the hash that are a checksum of 32 bytes.
const CHECKSUM: usize = 2;

/// Writes an account's address, with the chain's prefix.
///
/// ```
/// use mutirao_client::{address, AccountId};
///
/// let address = address::display(&AccountId::from([0; 32]));
/// assert!(address.starts_with("gZ"));
/// assert_eq!(address.parse(), Ok(AccountId::from([0; 32])));
/// ```
pub fn display(account: &AccountId) -> String {
	// Prefixes from 64 on take two bytes: 01 and six bits, then the lowest two bits and the highest six.
	let first = ((SS58_PREFIX & 0b1111_1100) >> 2) as u8 | 0b0100_0000;
	let second = (SS58_PREFIX >> 8) as u8 | ((SS58_PREFIX & 0b11) << 6) as u8;
	let mut bytes = vec![first, second];
	bytes.extend(account.0);
	let hash = blake2b_512(&[b"SS58PRE", &bytes[..]].concat());
	bytes.extend(hash.iter().take(CHECKSUM));
	bs58::encode(bytes).into_string()
}

#[cfg(test)]
mod tests {
	use super::*;
	use codec::Decode as _;
	use subxt_signer::sr25519::dev;

	#[test]
	fn the_prefix_is_the_chains() {
		let known = crate::known_metadata().unwrap();
		let constant = known.pallet_by_name("System").unwrap().constant_by_name("SS58Prefix");
		assert_eq!(u16::decode(&mut constant.unwrap().value()), Ok(SS58_PREFIX));
	}

	#[test]
	fn addresses_are_those_that_wallets_write() {
		// By @polkadot/util-crypto 14.0.3, with the prefix 4711.
		let alice = "gZRUkf7Dz9gMomMVEVhwZd7XZsyMuvqLBpyq428Yv14qyMe21";
		let account = AccountId::from(dev::alice().public_key());
		assert_eq!(display(&account), alice);
		assert_eq!(alice.parse(), Ok(account));
		assert_eq!(account.to_string().parse(), Ok(account), "with the prefix 42");
	}

	#[test]
	fn every_account_is_read_back() {
		for first in 0..=255u8 {
			let account = AccountId::from([first.wrapping_mul(37); 32]);
			let other = AccountId::from([255 - first; 32]);
			for account in [account, other] {
				assert_eq!(display(&account).parse(), Ok(account));
			}
		}
	}
}
