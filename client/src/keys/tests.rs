use super::*;
use subxt_signer::sr25519::dev;

const PHRASE: &str = "legal winner thank year wave sausage worth useful legal winner thank yellow";
const EXPORT: &str = include_str!("../../tests/keys/sr25519.json");
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

/// Opens an export with a password. Those in `tests/keys` were made by @polkadot/keyring 14.0.3, of
/// `PHRASE//export`.
fn open(export: &str, password: &str) -> Result<Keypair, KeyError> {
	let ask = |place: &str| {
		assert_eq!(place, "key.json");
		Some(password.to_owned())
	};
	read_asking(export, "key.json", Development::Refused, ask)
}

/// The same with one part of the JSON replaced.
fn with(pointer: &str, value: serde_json::Value) -> String {
	let mut export: serde_json::Value = serde_json::from_str(EXPORT).unwrap();
	*export.pointer_mut(pointer).unwrap() = value;
	export.to_string()
}

/// The same with other bytes in it.
fn with_bytes(change: impl FnOnce(&mut Vec<u8>)) -> String {
	change_bytes(EXPORT, change)
}

fn change_bytes(export: &str, change: impl FnOnce(&mut Vec<u8>)) -> String {
	use base64::{engine::general_purpose::STANDARD, Engine as _};
	let mut export: serde_json::Value = serde_json::from_str(export).unwrap();
	let mut bytes = STANDARD.decode(export["encoded"].as_str().unwrap()).unwrap();
	change(&mut bytes);
	export["encoded"] = STANDARD.encode(bytes).into();
	export.to_string()
}

const PASSWORD: &str = "correct horse battery";
/// The same account, exported without a password.
const PLAIN: &str = include_str!("../../tests/keys/plain.json");

#[test]
fn an_export_is_opened_and_signs_as_its_account() {
	let key = open(EXPORT, PASSWORD).unwrap();
	assert_eq!(key.public_key().0, public(&format!("{PHRASE}//export")));
	let signature = key.sign(b"a message");
	assert!(sr25519::verify(&signature, b"a message", &key.public_key()));
	assert!(!sr25519::verify(&signature, b"another", &key.public_key()));
	let shown = format!("{key:?}");
	assert_eq!(shown, "Keypair(gZM1Pdbj2mFUaCGfJJeFgZmExmTfzUXaAaNW3oiFt1JYuyh1T)");
	let plain = open(PLAIN, "not asked for").unwrap();
	assert_eq!(plain.public_key().0, key.public_key().0);
}

#[test]
fn a_wrong_password_and_no_password_are_told() {
	for wrong in ["", "correct horse batterY"] {
		let error = open(EXPORT, wrong).unwrap_err();
		assert!(matches!(error, KeyError::WrongPassword(_)), "{error}");
	}
	let error = read(EXPORT, "key.json", Development::Refused).unwrap_err().to_string();
	assert!(error.contains(PASSWORD_VARIABLE) && error.contains("key.json"), "{error}");
	let changed = with_bytes(|bytes| bytes[130] ^= 1);
	assert!(matches!(open(&changed, PASSWORD), Err(KeyError::WrongPassword(_))));
}

#[test]
fn keys_of_other_kinds_are_named() {
	let exports = [
		("ed25519", include_str!("../../tests/keys/ed25519.json")),
		("ecdsa", include_str!("../../tests/keys/ecdsa.json")),
		("ethereum", include_str!("../../tests/keys/ethereum.json")),
	];
	for (kind, export) in exports {
		let error = open(export, PASSWORD).unwrap_err().to_string();
		assert!(error.contains(&format!("an {kind} key")), "{error}");
		// One that calls itself something else.
		let lying = export.replace(&format!("\"{kind}\""), "\"sr25519\"");
		assert!(matches!(open(&lying, PASSWORD), Err(KeyError::Export { .. })), "{kind}");
	}
}

#[test]
fn a_hostile_export_costs_neither_memory_nor_a_password() {
	let word = |at: usize, value: u32| {
		with_bytes(|bytes| bytes[at..at + 4].copy_from_slice(&value.to_le_bytes()))
	};
	let refused = [
		("N = 2147483648", word(32, 1 << 31)),
		("N = 0", word(32, 0)),
		("N = 32769", word(32, 32_769)),
		("p = 4294967295", word(36, u32::MAX)),
		("r = 0", word(40, 0)),
		("too short", with_bytes(|bytes| bytes.truncate(83))),
		("base64", with("/encoded", "%%%".into())),
		("`encoded`", with("/encoded", 7.into())),
		("several accounts", with("/encoding/content", serde_json::json!(["batch-pkcs8"]))),
		("version is 2", with("/encoding/version", "2".into())),
		("`type`", with("/encoding/type", serde_json::json!(["scrypt", "chacha"]))),
		("`content`", with("/encoding/content", "pkcs8".into())),
		("no JSON", "{".into()),
		("no JSON", "[".repeat(4_000).replacen('[', "{\"a\":[", 1)),
		("version is none", "{}".into()),
	];
	for (reason, export) in refused {
		let no_password = |_: &str| panic!("{reason}: a password was asked for");
		let error = read_asking(&export, "key.json", Development::Refused, no_password);
		let error = error.unwrap_err();
		assert!(matches!(error, KeyError::Export { .. }), "{error}");
		assert!(error.to_string().contains(reason), "{reason}: {error}");
	}
	let other = with("/address", "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY".into());
	let error = open(&other, PASSWORD).unwrap_err().to_string();
	assert!(error.contains("`address`"), "{error}");
	// Header, secret, divider, public key.
	for at in [0, 20, 82, 100, 117] {
		let change = |bytes: &mut Vec<u8>| match bytes.get_mut(at) {
			Some(byte) => *byte ^= 8,
			None => bytes.push(0),
		};
		let error = open(&change_bytes(PLAIN, change), "").unwrap_err().to_string();
		assert!(error.contains("no sr25519 key"), "{at}: {error}");
	}
}
