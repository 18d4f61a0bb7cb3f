//! A folder of secrets, one file an account, that only its owner can read.

use std::{
	fs,
	io::{IsTerminal as _, Read as _, Write as _},
	path::{Path, PathBuf},
};

use anyhow::Context as _;
use mutirao_client::{
	keys::{self, Development, Keypair},
	AccountId,
};

use crate::{
	exit::{failed, Failure},
	show,
};

/// What a secret's file is called.
const EXTENSION: &str = "key";
/// Characters of an account's name, at most.
const LONGEST_NAME: usize = 64;
/// Bytes of an account's file, at most.
const LONGEST_FILE: u64 = 4096;

/// The accounts of a user.
pub(crate) struct Keystore {
	folder: PathBuf,
}

impl Keystore {
	/// The accounts in a folder, which need not exist.
	pub(crate) fn new(folder: PathBuf) -> Self {
		Self { folder }
	}

	/// The accounts' names, in alphabetical order.
	pub(crate) fn names(&self) -> anyhow::Result<Vec<String>> {
		let entries = match fs::read_dir(&self.folder) {
			Ok(entries) => entries,
			Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
			Err(error) => return Err(error).with_context(|| self.unreadable()),
		};
		let mut names = Vec::new();
		for entry in entries {
			let path = entry.with_context(|| self.unreadable())?.path();
			let is_key = path.extension().is_some_and(|extension| extension == EXTENSION);
			let name = path.file_stem().and_then(|name| name.to_str()).map(String::from);
			names.extend(name.filter(|_| is_key));
		}
		names.sort();
		Ok(names)
	}

	/// An account's key.
	pub(crate) fn load(&self, name: &str, development: Development) -> anyhow::Result<Keypair> {
		let file = self.file(name)?;
		if !file.exists() {
			let names = self.names()?.join(", ");
			let message = format!("there is no account `{name}` in {}", self.folder.display());
			let message = match names.as_str() {
				"" => format!("{message}: make it with `mutirao account new {name}`"),
				names => format!("{message}: there are {names}"),
			};
			return Err(failed(Failure::Key, message));
		}
		keys::from_file_asking(&file, development, ask_password)
			.map_err(|error| failed(Failure::Key, error))
	}

	/// Which of these accounts has this public key. Nobody is asked for a password: an export that a wallet
	/// encrypted says whose it is.
	pub(crate) fn name_of(&self, owner: &AccountId, names: &[String]) -> Option<String> {
		names.iter().find(|name| self.public_key(name).as_ref() == Some(owner)).cloned()
	}

	fn public_key(&self, name: &str) -> Option<AccountId> {
		let file = self.file(name).ok()?;
		if let Ok(key) = keys::from_file_asking(&file, Development::Allowed, |_| None) {
			return Some(AccountId::from(key.public_key().0));
		}
		let mut text = String::new();
		fs::File::open(file).ok()?.take(LONGEST_FILE).read_to_string(&mut text).ok()?;
		let export: serde_json::Value = serde_json::from_str(&text).ok()?;
		show::parse_account(export.get("address")?.as_str()?).ok()
	}

	/// Keeps a secret under a new name; where it lies.
	pub(crate) fn add(&self, name: &str, secret: &str) -> anyhow::Result<PathBuf> {
		let file = self.file(name)?;
		make_private(&self.folder)?;
		let mut options = fs::OpenOptions::new();
		options.write(true).create_new(true);
		#[cfg(unix)]
		std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
		let mut opened = options.open(&file).map_err(|error| match error.kind() {
			std::io::ErrorKind::AlreadyExists => failed(
				Failure::Key,
				format!("there is an account `{name}` already: choose another"),
			),
			_ => anyhow::Error::from(error).context(format!("cannot write {}", file.display())),
		})?;
		let written = writeln!(opened, "{secret}").and_then(|()| opened.sync_all());
		written.with_context(|| format!("cannot write {}", file.display()))?;
		Ok(file)
	}

	fn file(&self, name: &str) -> anyhow::Result<PathBuf> {
		let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "-_".contains(letter);
		match !name.is_empty() && name.len() <= LONGEST_NAME && name.chars().all(is_plain) {
			true => Ok(self.folder.join(name).with_extension(EXTENSION)),
			false => Err(failed(
				Failure::Key,
				format!("`{name}` is no account's name: letters, digits, - and _, {LONGEST_NAME} at most"),
			)),
		}
	}

	fn unreadable(&self) -> String {
		format!("cannot read {}", self.folder.display())
	}
}

/// Asks for the password of a wallet's export, if somebody is at the terminal.
pub(crate) fn ask_password(place: &str) -> Option<String> {
	let question = format!("Password of {place} (it is not shown): ");
	let is_watched = std::io::stderr().is_terminal();
	is_watched.then(|| rpassword::prompt_password(question).ok()).flatten()
}

/// Makes a folder that only its owner can enter.
pub(crate) fn make_private(folder: &Path) -> anyhow::Result<()> {
	let mut builder = fs::DirBuilder::new();
	builder.recursive(true);
	#[cfg(unix)]
	std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
	builder.create(folder).with_context(|| format!("cannot make {}", folder.display()))
}

#[cfg(test)]
mod tests {
	use super::*;

	const PHRASE: &str =
		"legal winner thank year wave sausage worth useful legal winner thank yellow";

	#[test]
	fn what_is_added_is_found_and_never_replaced() {
		let folder = tempfile::tempdir().unwrap();
		let keystore = Keystore::new(folder.path().join("keys"));
		assert!(keystore.names().unwrap().is_empty());
		let file = keystore.add("maria", PHRASE).unwrap();
		#[cfg(unix)]
		{
			use std::os::unix::fs::PermissionsExt as _;
			let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
			assert_eq!((mode(&file), mode(file.parent().unwrap())), (0o600, 0o700));
		}
		keystore.add("ana", "//Alice").unwrap();
		assert_eq!(keystore.names().unwrap(), ["ana", "maria"]);
		let again = keystore.add("maria", PHRASE).unwrap_err().to_string();
		assert!(again.contains("already"), "{again}");
		keystore.load("maria", Development::Refused).unwrap();
		assert!(keystore.load("ana", Development::Refused).is_err());
		keystore.load("ana", Development::Allowed).unwrap();
		let missing = keystore.load("joao", Development::Allowed).unwrap_err().to_string();
		assert!(missing.contains("ana, maria"), "{missing}");
	}

	#[test]
	fn an_account_is_found_by_its_public_key_and_nobody_is_asked() {
		let folder = tempfile::tempdir().unwrap();
		let keystore = Keystore::new(folder.path().join("keys"));
		keystore.add("maria", PHRASE).unwrap();
		keystore.add("ana", "//Alice").unwrap();
		let export = include_str!("../../client/tests/keys/sr25519.json");
		keystore.add("joana", export.trim()).unwrap();
		let names = keystore.names().unwrap();
		let of = |name: &str| keystore.load(name, Development::Allowed).unwrap().public_key().0;
		for name in ["ana", "maria"] {
			let owner = AccountId::from(of(name));
			assert_eq!(keystore.name_of(&owner, &names).as_deref(), Some(name));
		}
		let joana = "gZM1Pdbj2mFUaCGfJJeFgZmExmTfzUXaAaNW3oiFt1JYuyh1T";
		let owner = show::parse_account(joana).unwrap();
		assert_eq!(keystore.name_of(&owner, &names).as_deref(), Some("joana"));
		assert_eq!(keystore.name_of(&AccountId::from([1; 32]), &names), None);
	}

	#[test]
	fn names_cannot_leave_the_folder() {
		let folder = tempfile::tempdir().unwrap();
		let keystore = Keystore::new(folder.path().into());
		for name in ["", "../up", "a/b", ".hidden", "a.b", "ção"] {
			assert!(keystore.add(name, PHRASE).is_err(), "{name}");
		}
	}
}
