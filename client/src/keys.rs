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
//! | an account that polkadot-js exported | `{"encoded":"…","encoding":{…},"address":"…","meta":{…}}` |
//!
//! An export's password is in the variable [`PASSWORD_VARIABLE`], or in the file that
//! [`PASSWORD_FILE_VARIABLE`] names; or a program asks for it.
//!
//! Keys of the development phrase, such as `//Alice`, are everybody's: they must be allowed.

mod export;
mod pair;
#[cfg(test)]
mod tests;

pub use pair::Keypair;

use std::{
	fs::File,
	io::Read as _,
	path::{Path, PathBuf},
};
use subxt_signer::{bip39, sr25519, ExposeSecret as _, SecretUri, DEV_PHRASE};

/// The variable that may hold an export's password.
pub const PASSWORD_VARIABLE: &str = "MUTIRAO_KEY_PASSWORD";
/// The variable that may name a file with an export's password, which only its owner can read.
pub const PASSWORD_FILE_VARIABLE: &str = "MUTIRAO_KEY_PASSWORD_FILE";

/// Bytes of a file with a key or a password, at most.
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
		"{place} holds no secret that can be read ({reason}): write a phrase, a secret URI (phrase//path), \
		 a seed of 64 hexadecimal digits, or an account that polkadot-js exported"
	)]
	Malformed {
		/// Where it stands.
		place: String,
		/// What is wrong.
		reason: String,
	},
	/// It is an export of polkadot-js, and none that can be used.
	#[error("{place} holds an export of polkadot-js that cannot be used: {reason}")]
	Export {
		/// Where it stands.
		place: String,
		/// What is wrong.
		reason: String,
	},
	/// It is encrypted, and nobody said the password.
	#[error(
		"{0} is encrypted: put its password into {PASSWORD_VARIABLE}, or into a file with mode 600 that \
		 {PASSWORD_FILE_VARIABLE} names"
	)]
	NoPassword(String),
	/// The password does not open it.
	#[error("the password does not open {0}: it is another one, or the file was changed")]
	WrongPassword(String),
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
	from_file_asking(file, development, |_| None)
}

/// The same. The password of an export that the environment does not tell is asked for: `ask` is told
/// which one, and gives `None` if nobody is there.
///
/// # Errors
///
/// As [`from_file`].
pub fn from_file_asking(
	file: &Path,
	development: Development,
	ask: impl FnOnce(&str) -> Option<String>,
) -> Result<Keypair, KeyError> {
	read_asking(&read_private(file)?, &file.display().to_string(), development, ask)
}

/// A short file that only its owner can read.
fn read_private(file: &Path) -> Result<String, KeyError> {
	let failed = |reason| KeyError::File { file: file.into(), reason };
	let mut opened = File::open(file).map_err(failed)?;
	// Asked of the open file, so that it cannot be another one that is read.
	check_mode(file, &opened.metadata().map_err(failed)?)?;
	let mut text = String::new();
	(&mut opened).take(LONGEST + 1).read_to_string(&mut text).map_err(failed)?;
	match text.len() as u64 > LONGEST {
		true => Err(KeyError::TooLong { file: file.into() }),
		false => Ok(text),
	}
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
	match variable_text(variable)? {
		Some(text) => read(&text, &format!("the variable {variable}"), development).map(Some),
		None => Ok(None),
	}
}

/// What a variable holds; `None` if it is not set, or blank.
fn variable_text(variable: &str) -> Result<Option<String>, KeyError> {
	match std::env::var(variable) {
		Ok(text) => Ok(Some(text).filter(|text| !text.trim().is_empty())),
		Err(std::env::VarError::NotPresent) => Ok(None),
		Err(std::env::VarError::NotUnicode(_)) => Err(KeyError::NotText(variable.into())),
	}
}

/// The password of the export in `place`.
fn password(place: &str, ask: impl FnOnce(&str) -> Option<String>) -> Result<String, KeyError> {
	if let Some(password) = variable_text(PASSWORD_VARIABLE)? {
		return Ok(password);
	}
	if let Some(file) = variable_text(PASSWORD_FILE_VARIABLE)? {
		// Editors end a file with a line feed.
		let text = read_private(Path::new(&file))?;
		return Ok(text.trim_end_matches(['\r', '\n']).to_owned());
	}
	ask(place).ok_or_else(|| KeyError::NoPassword(place.into()))
}

/// Reads a secret in one of the forms. `place` says in errors where it stands.
///
/// # Errors
///
/// [`KeyError::Malformed`], [`KeyError::Development`]; of an export [`KeyError::Export`],
/// [`KeyError::NoPassword`], [`KeyError::WrongPassword`].
pub fn read(text: &str, place: &str, development: Development) -> Result<Keypair, KeyError> {
	read_asking(text, place, development, |_| None)
}

/// The same; asks for an export's password as [`from_file_asking`] does.
///
/// # Errors
///
/// As [`read`].
pub fn read_asking(
	text: &str,
	place: &str,
	development: Development,
	ask: impl FnOnce(&str) -> Option<String>,
) -> Result<Keypair, KeyError> {
	let text = text.trim();
	let malformed = |reason: String| KeyError::Malformed { place: place.into(), reason };
	if text.is_empty() {
		return Err(malformed("it is empty".into()));
	}
	if text.starts_with('{') {
		return export::open(text, place, || password(place, ask));
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
	let key = sr25519::Keypair::from_uri(&uri).map_err(|_| malformed(reason.into()))?;
	Ok(key.into())
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
