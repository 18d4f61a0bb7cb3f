//! Keys from files and the environment; never from a command's arguments, which everybody on the
//! machine can read.
//!
//! A secret is written in one of these forms:
//!
//! | form | example |
//! |---|---|
//! | phrase | `bottom drive obey lake curtain smoke basket hold race lonely fit walk` |
//! | secret URI: phrase or seed, derivation, password | `bottom … walk//worker/0///password` |
//! | seed: 32 bytes in hexadecimal | `0xe5be9a5092b81bca64be81d212e7f2f9eba183bb7a90954f7b76361f6edb5c0a` |
//!
//! Keys of the development phrase, such as `//Alice`, are everybody's: they must be allowed.

use std::{
	fs::File,
	io::Read as _,
	path::{Path, PathBuf},
};
use subxt_signer::{bip39, sr25519::Keypair, ExposeSecret as _, SecretUri, DEV_PHRASE};

/// Bytes of a key's file, at most.
const LONGEST: u64 = 4096;

/// Whether keys that everybody knows may be used.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Development {
	/// They may: the chain is a development chain, or the user asked for them.
	Allowed,
	/// They may not.
	Refused,
}

/// Why there is no key.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
	/// The file cannot be read.
	#[error("cannot read the key in {}: {reason}", file.display())]
	File {
		/// Which file.
		file: PathBuf,
		/// Why not.
		reason: std::io::Error,
	},
	/// Others can read the file.
	#[error(
		"others can read the key in {} (mode {mode:03o}): run `chmod 600 {}`",
		file.display(),
		file.display()
	)]
	Exposed {
		/// Which file.
		file: PathBuf,
		/// Its permissions.
		mode: u32,
	},
	/// The file is longer than any key.
	#[error("{} is longer than {LONGEST} bytes: that is no key", file.display())]
	TooLong {
		/// Which file.
		file: PathBuf,
	},
	/// The environment's variable is no text.
	#[error("the variable {0} is no UTF-8 text")]
	NotText(String),
	/// It is none of the forms. The secret itself is not told.
	#[error(
		"{place} holds no secret that can be read ({reason}): write a phrase, a secret URI (phrase//path) \
		 or a seed of 64 hexadecimal digits"
	)]
	Malformed {
		/// Where it stands.
		place: String,
		/// What is wrong.
		reason: String,
	},
	/// It is an export of polkadot-js.
	#[error(
		"{0} holds an encrypted export of polkadot-js, which this program cannot open: write the account's \
		 phrase or seed into a file with mode 600 instead"
	)]
	Export(String),
	/// Everybody knows the key.
	#[error(
		"{0} holds a development key, which everybody knows: use it on development chains only"
	)]
	Development(String),
}

/// Reads a key from a file that only its owner can read.
///
/// # Errors
///
/// See [`KeyError`]. No error tells anything of the secret.
pub fn from_file(file: &Path, development: Development) -> Result<Keypair, KeyError> {
	let failed = |reason| KeyError::File { file: file.into(), reason };
	let mut opened = File::open(file).map_err(failed)?;
	// Asked of the open file, so that it cannot be another one that is read.
	check_mode(file, &opened.metadata().map_err(failed)?)?;
	let mut text = String::new();
	(&mut opened).take(LONGEST + 1).read_to_string(&mut text).map_err(failed)?;
	if text.len() as u64 > LONGEST {
		return Err(KeyError::TooLong { file: file.into() });
	}
	read(&text, &file.display().to_string(), development)
}

#[cfg(unix)]
fn check_mode(file: &Path, metadata: &std::fs::Metadata) -> Result<(), KeyError> {
	use std::os::unix::fs::PermissionsExt as _;
	let mode = metadata.permissions().mode() & 0o777;
	match mode & 0o077 {
		0 => Ok(()),
		_ => Err(KeyError::Exposed { file: file.into(), mode }),
	}
}

// Elsewhere permissions are lists that the standard library does not show.
#[cfg(not(unix))]
fn check_mode(_: &Path, _: &std::fs::Metadata) -> Result<(), KeyError> {
	Ok(())
}

/// Reads a key from a variable of the environment; `None` if it is not set, or empty.
///
/// # Errors
///
/// See [`KeyError`].
pub fn from_environment(
	variable: &str,
	development: Development,
) -> Result<Option<Keypair>, KeyError> {
	match std::env::var(variable) {
		Ok(text) if text.trim().is_empty() => Ok(None),
		Ok(text) => read(&text, &format!("the variable {variable}"), development).map(Some),
		Err(std::env::VarError::NotPresent) => Ok(None),
		Err(std::env::VarError::NotUnicode(_)) => Err(KeyError::NotText(variable.into())),
	}
}

/// Reads a secret in one of the forms. `place` says in errors where it stands.
///
/// # Errors
///
/// [`KeyError::Malformed`], [`KeyError::Export`], [`KeyError::Development`].
pub fn read(text: &str, place: &str, development: Development) -> Result<Keypair, KeyError> {
	let text = text.trim();
	let malformed = |reason: String| KeyError::Malformed { place: place.into(), reason };
	if text.is_empty() {
		return Err(malformed("it is empty".into()));
	}
	if text.starts_with('{') {
		return Err(KeyError::Export(place.into()));
	}
	let is_seed = text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
	let text = if is_seed { format!("0x{text}") } else { text.into() };
	let uri: SecretUri =
		text.parse().map_err(|_| malformed("it is not spelt as a secret URI".into()))?;
	let phrase = uri.phrase.expose_secret().split_whitespace().collect::<Vec<_>>().join(" ");
	if phrase == DEV_PHRASE && development == Development::Refused {
		return Err(KeyError::Development(place.into()));
	}
	// The library's own message may name words of the phrase.
	let reason = match phrase.strip_prefix("0x") {
		Some(_) => "a seed has 64 hexadecimal digits",
		None => "words or their checksum are not those of a BIP-39 phrase",
	};
	Keypair::from_uri(&uri).map_err(|_| malformed(reason.into()))
}

/// The development key of this name: `//Alice` for `alice`. On development chains these have money.
///
/// # Errors
///
/// [`KeyError::Malformed`] if it is no name: letters, digits and slashes.
pub fn development(name: &str) -> Result<Keypair, KeyError> {
	let path = name.trim_start_matches('/');
	let is_name = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'/';
	if path.is_empty() || !path.bytes().all(is_name) {
		let reason = "a development account is named like `alice` or `//Alice//stash`".into();
		return Err(KeyError::Malformed { place: "the name".into(), reason });
	}
	let (first, rest) = path.split_at(1);
	let uri = format!("//{}{rest}", first.to_ascii_uppercase());
	read(&uri, "the name", Development::Allowed)
}

/// A new phrase of twelve words, from the system's randomness.
///
/// # Errors
///
/// [`KeyError::Malformed`] cannot occur: twelve is a length that phrases may have.
pub fn new_phrase() -> Result<String, KeyError> {
	let phrase = bip39::Mnemonic::generate(12);
	phrase.map(|phrase| phrase.to_string()).map_err(|error| KeyError::Malformed {
		place: "the new phrase".into(),
		reason: error.to_string(),
	})
}

#[cfg(test)]
mod tests {
	use super::*;
	use subxt_signer::sr25519::dev;

	const PHRASE: &str =
		"legal winner thank year wave sausage worth useful legal winner thank yellow";
	const SEED: &str = "e5be9a5092b81bca64be81d212e7f2f9eba183bb7a90954f7b76361f6edb5c0a";

	fn public(text: &str) -> [u8; 32] {
		read(text, "the test", Development::Refused).unwrap().public_key().0
	}

	#[test]
	fn all_forms_of_a_secret_are_read() {
		let alice = read("//Alice", "here", Development::Allowed).unwrap();
		assert_eq!(alice.public_key().0, dev::alice().public_key().0);
		// `//Alice`'s own seed, which is not refused: only the phrase is known to be everybody's.
		assert_eq!(public(SEED), dev::alice().public_key().0);
		assert_eq!(public(&format!(" 0x{SEED}\n")), dev::alice().public_key().0);
		let plain = public(PHRASE);
		assert_ne!(plain, public(&format!("{PHRASE}//worker")));
		assert_ne!(plain, public(&format!("{PHRASE}///password")));
		assert_eq!(public(&format!("{PHRASE}//worker/0")), public(&format!("{PHRASE}//worker/0")));
	}

	#[test]
	fn development_keys_must_be_allowed() {
		for text in ["//Alice", "//Bob//stash", DEV_PHRASE, &format!("{DEV_PHRASE}//Alice")] {
			let error = read(text, "key.txt", Development::Refused).unwrap_err().to_string();
			assert!(error.starts_with("key.txt holds a development key"), "{error}");
			read(text, "key.txt", Development::Allowed).unwrap();
		}
		let bob = dev::bob().public_key().0;
		for name in ["bob", "Bob", "//Bob"] {
			assert_eq!(development(name).unwrap().public_key().0, bob, "{name}");
		}
		assert!(development("").is_err() && development("bob///x y").is_err());
	}

	#[test]
	fn errors_do_not_tell_the_secret() {
		let wrong = PHRASE.replace("yellow", "thank");
		for text in [&wrong, "0x12", "qqqqqq wwwwww", "{\"encoded\":\"qqqqqq\"}", ""] {
			let error = read(text, "key.txt", Development::Allowed).unwrap_err();
			let told = format!("{error} {error:?}");
			assert!(told.contains("key.txt"), "{told}");
			for word in ["legal", "winner", "qqqqqq", "12"] {
				assert!(!told.contains(word), "{told}");
			}
		}
	}

	#[test]
	fn new_phrases_differ_and_are_read() {
		let (one, other) = (new_phrase().unwrap(), new_phrase().unwrap());
		assert_ne!(one, other);
		assert_eq!(one.split(' ').count(), 12);
		public(&one);
	}

	#[cfg(unix)]
	#[test]
	fn files_must_be_their_owners_alone() {
		use std::os::unix::fs::PermissionsExt as _;
		let file = std::env::temp_dir().join(format!("mutirao-key-{}", std::process::id()));
		let read_as = |mode: u32, text: &str| {
			std::fs::write(&file, text).unwrap();
			std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).unwrap();
			from_file(&file, Development::Refused)
		};
		let key = read_as(0o600, PHRASE);
		let exposed = [0o640, 0o604, 0o660].map(|mode| read_as(mode, PHRASE));
		let long = read_as(0o600, &"a".repeat(5000));
		std::fs::remove_file(&file).unwrap();
		assert_eq!(key.unwrap().public_key().0, public(PHRASE));
		for refused in exposed {
			let error = refused.unwrap_err();
			assert!(matches!(error, KeyError::Exposed { .. }), "{error}");
			assert!(error.to_string().contains("chmod 600"), "{error}");
		}
		assert!(matches!(long, Err(KeyError::TooLong { .. })));
		assert!(matches!(from_file(&file, Development::Refused), Err(KeyError::File { .. })));
	}

	#[test]
	fn an_unset_variable_is_no_key() {
		let key = from_environment("MUTIRAO_TEST_KEY_THAT_IS_NOT_SET", Development::Refused);
		assert!(key.unwrap().is_none());
	}
}
