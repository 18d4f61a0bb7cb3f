//! `mutirao` as a buyer meets it, where no chain is needed: accounts, files, errors, completions.

use std::{
	fs,
	io::Write as _,
	path::Path,
	process::{Command, Output, Stdio},
};

use serde_json::Value;

const PHRASE: &str = "legal winner thank year wave sausage worth useful legal winner thank yellow";
/// Nobody serves this port.
const NOBODY: &str = "ws://127.0.0.1:9";

/// Runs the tool with a data folder and standard input, and nothing of this machine's environment.
fn mutirao(data: &Path, arguments: &[&str], input: &str) -> Output {
	mutirao_with(&[], data, arguments, input)
}

/// The same, with these variables.
fn mutirao_with(
	variables: &[(&str, &str)],
	data: &Path,
	arguments: &[&str],
	input: &str,
) -> Output {
	let mut command = Command::new(env!("CARGO_BIN_EXE_mutirao"));
	let ours = std::env::vars_os().map(|(name, _)| name);
	for name in ours.filter(|name| name.to_string_lossy().starts_with("MUTIRAO_")) {
		command.env_remove(name);
	}
	command.env("MUTIRAO_DATA_DIR", data).envs(variables.iter().copied()).args(arguments);
	command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
	let mut child = command.spawn().expect("the tool starts");
	child.stdin.take().expect("is piped").write_all(input.as_bytes()).expect("is read");
	child.wait_with_output().expect("the tool ends")
}

fn text(bytes: &[u8]) -> String {
	String::from_utf8(bytes.to_vec()).expect("is text")
}

#[track_caller]
fn json(output: &Output) -> Value {
	assert!(output.status.success(), "{}", text(&output.stderr));
	serde_json::from_slice(&output.stdout).expect("is JSON")
}

#[track_caller]
fn fails(code: i32, output: &Output) -> String {
	let error = text(&output.stderr);
	assert_eq!(output.status.code(), Some(code), "{error}");
	error
}

#[test]
fn a_new_account_is_what_its_phrase_says() {
	let folder = tempfile::tempdir().expect("there is room");
	let made = json(&mutirao(folder.path(), &["account", "new", "maria", "-o", "json"], ""));
	let phrase = made["phrase"].as_str().expect("is text");
	let file = made["file"].as_str().expect("is text");
	assert_eq!(fs::read_to_string(file).expect("is there").trim(), phrase);
	let import = ["account", "import", "again", "-o", "json"];
	let imported = json(&mutirao(folder.path(), &import, phrase));
	assert_eq!(imported["address"], made["address"]);
	let error = fails(9, &mutirao(folder.path(), &["account", "new", "maria"], ""));
	assert!(error.contains("already"), "{error}");
}

#[test]
fn secrets_are_read_from_standard_input_and_never_shown() {
	let folder = tempfile::tempdir().expect("there is room");
	let output = mutirao(folder.path(), &["account", "import", "maria"], PHRASE);
	let shown = json(&mutirao(folder.path(), &["account", "import", "m2", "-o", "json"], PHRASE));
	assert!(text(&output.stdout).contains(shown["address"].as_str().expect("is text")));
	for wrong in ["", "legal winner", "//Alice", "{\"encoded\": \"legal\"}"] {
		let error = fails(9, &mutirao(folder.path(), &["account", "import", "no"], wrong));
		assert!(!error.contains("legal"), "{error}");
	}
	let error = fails(9, &mutirao(folder.path(), &["account", "import", "no"], "//Alice"));
	assert!(error.contains("--development"), "{error}");
	json(&mutirao(
		folder.path(),
		&["account", "import", "alice", "--development", "-o", "json"],
		"//Alice",
	));
	// Not an option: everybody could read it.
	fails(2, &mutirao(folder.path(), &["account", "import", "maria", PHRASE], ""));
}

/// An account that a wallet exported.
const EXPORT: &str = include_str!("../../client/tests/keys/sr25519.json");
/// Its address, with the chain's prefix.
const EXPORTED: &str = "gZM1Pdbj2mFUaCGfJJeFgZmExmTfzUXaAaNW3oiFt1JYuyh1T";

#[test]
fn a_wallets_export_is_kept_encrypted_and_opened_with_its_password() {
	let folder = tempfile::tempdir().expect("there is room");
	let import = ["account", "import", "maria", "-o", "json"];
	let error = fails(9, &mutirao(folder.path(), &import, EXPORT));
	assert!(error.contains("MUTIRAO_KEY_PASSWORD"), "{error}");
	let with = |name: &'static str, value: &str, arguments: &[&str]| {
		mutirao_with(&[(name, value)], folder.path(), arguments, EXPORT)
	};
	let error = fails(9, &with("MUTIRAO_KEY_PASSWORD", "wrong", &import));
	assert!(error.contains("password") && !error.contains("wrong"), "{error}");
	let imported = json(&with("MUTIRAO_KEY_PASSWORD", "correct horse battery", &import));
	assert_eq!(imported["address"], EXPORTED);
	let kept = fs::read_to_string(imported["file"].as_str().expect("is text")).expect("is there");
	assert_eq!(kept.trim(), EXPORT.trim());

	// The file with the password must be its owner's alone.
	let file = folder.path().join("password");
	fs::write(&file, "correct horse battery\n").expect("is written");
	let path = file.display().to_string();
	let again = ["account", "import", "m2", "-o", "json"];
	#[cfg(unix)]
	{
		use std::os::unix::fs::PermissionsExt as _;
		let mode = |mode| fs::set_permissions(&file, fs::Permissions::from_mode(mode));
		mode(0o644).expect("is ours");
		let error = fails(9, &with("MUTIRAO_KEY_PASSWORD_FILE", &path, &again));
		assert!(error.contains("chmod 600"), "{error}");
		mode(0o600).expect("is ours");
	}
	let imported = json(&with("MUTIRAO_KEY_PASSWORD_FILE", &path, &again));
	assert_eq!(imported["address"], EXPORTED);
}

#[test]
fn without_a_node_every_command_says_so() {
	let folder = tempfile::tempdir().expect("there is room");
	let commands: [&[&str]; 9] = [
		&["account", "show"],
		&["account", "fund"],
		&["offers"],
		&["estimate", "sobel", "-p", "width=64", "-p", "height=64"],
		&["provider", "show", "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY"],
		&["program", "show", "sobel"],
		&["job", "show", "1"],
		&["job", "watch", "1"],
		&["job", "submit", "sobel", "-i", "image=zeros", "-p", "width=64", "-p", "height=64"],
	];
	for command in commands {
		let arguments = [command, &["--endpoint", NOBODY, "-o", "json"]].concat();
		let error = fails(8, &mutirao(folder.path(), &arguments, ""));
		let error: Value = serde_json::from_str(&error).expect("is JSON");
		assert_eq!(error["failure"], "chain", "{command:?}");
		assert!(error["error"].as_str().expect("is text").contains(NOBODY), "{command:?}");
	}
	let output = mutirao(folder.path(), &["doctor", "--endpoint", NOBODY], "");
	fails(1, &output);
	assert!(text(&output.stdout).contains("BAD  chain"), "{}", text(&output.stdout));
}

#[test]
fn a_picture_gives_its_size_and_its_pixels() {
	let folder = tempfile::tempdir().expect("there is room");
	let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
	let kernel = root.join("kernels/sobel").display().to_string();
	let pixels: Vec<u8> = (0..66 * 5).map(|pixel| (pixel % 251) as u8).collect();
	let png = folder.path().join("picture.png");
	image::save_buffer(&png, &pixels, 66, 5, image::ExtendedColorType::L8).expect("is written");
	let cropped: Vec<u8> = pixels.chunks(66).flat_map(|row| &row[..64]).copied().collect();
	let raw = folder.path().join("picture.bin");
	fs::write(&raw, cropped).expect("is written");
	let run = |input: String, more: &[&str]| {
		let image = format!("image={input}");
		let arguments = [&["kernel", "run", &kernel, "-o", "json", "-i", &image], more].concat();
		json(&mutirao(folder.path(), &arguments, ""))["buffers"].clone()
	};
	let of_png = run(png.display().to_string(), &[]);
	let of_raw = run(raw.display().to_string(), &["-p", "width=64", "-p", "height=5"]);
	assert_eq!(of_png, of_raw);
}

#[test]
fn a_receipt_that_is_none_is_refused() {
	let folder = tempfile::tempdir().expect("there is room");
	let file = folder.path().join("receipt.json");
	fs::write(&file, "{}").expect("is written");
	let path = file.display().to_string();
	let error = fails(14, &mutirao(folder.path(), &["job", "verify", &path, "--offline"], ""));
	assert!(error.contains("is no receipt"), "{error}");
}

#[test]
fn shells_can_complete() {
	let folder = tempfile::tempdir().expect("there is room");
	for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
		let output = mutirao(folder.path(), &["completions", shell], "");
		let script = text(&output.stdout);
		assert!(output.status.success() && script.contains("submit"), "{shell}");
	}
}

#[test]
fn every_exit_code_of_the_page_is_the_tools() {
	const PAGE: &str = include_str!("../../docs/buyers.md");
	const CODES: &str = include_str!("../src/exit.rs");
	let in_page = |code: u8| PAGE.lines().any(|line| line.starts_with(&format!("| {code} |")));
	for code in 3..=17 {
		assert!(in_page(code) && CODES.contains(&format!(" = {code},")), "{code}");
	}
	assert!(!CODES.contains(" = 18,") && !in_page(18), "the page ends where the tool does");
}
