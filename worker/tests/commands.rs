//! `mutirao-worker` as a provider meets it, without a node: help, settings, keys, exit codes.

use std::{
	fs,
	path::Path,
	process::{Command, Output},
};

use serde_json::Value;
use tempfile::TempDir;

const PROVIDER: &str = "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY";
const COMMANDS: [&str; 7] = ["init", "doctor", "register", "bench", "run", "status", "leave"];

/// Runs the tool in a folder, with nothing of the environment that it listens to.
fn worker(folder: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> Output {
	let mut command = Command::new(env!("CARGO_BIN_EXE_mutirao-worker"));
	let ours = std::env::vars_os().map(|(name, _)| name);
	for name in ours.filter(|name| name.to_string_lossy().starts_with("MUTIRAO_WORKER_")) {
		command.env_remove(name);
	}
	command.current_dir(folder).args(arguments).envs(variables.iter().copied());
	command.output().expect("the tool starts")
}

fn text(bytes: &[u8]) -> String {
	String::from_utf8(bytes.to_vec()).expect("is text")
}

#[track_caller]
fn succeeds(folder: &Path, arguments: &[&str]) -> String {
	let output = worker(folder, arguments, &[]);
	assert!(output.status.success(), "{arguments:?}: {}", text(&output.stderr));
	text(&output.stdout)
}

/// Runs the tool, which must end with this exit code; what it printed, and its error.
#[track_caller]
fn fails(code: i32, folder: &Path, arguments: &[&str]) -> (String, String) {
	let output = worker(folder, arguments, &[]);
	let error = text(&output.stderr);
	assert_eq!(output.status.code(), Some(code), "{arguments:?}: {error}");
	(text(&output.stdout), error)
}

fn empty() -> TempDir {
	tempfile::tempdir().expect("there is room")
}

/// A folder with settings, made as a script makes them. Port 9 is `discard`: no node is there.
fn initialised() -> TempDir {
	let folder = empty();
	let arguments = [
		&["init", "-c", "worker.toml", "--endpoint", "ws://127.0.0.1:9", "--provider", PROVIDER][..],
		&["--key-file", "worker.key", "--new-key", "--public-url", "http://127.0.0.1:4400"],
		&["--region", "BR-SP", "--adapter", "vm", "--data", "data", "-o", "json"],
	]
	.concat();
	let report: Value =
		serde_json::from_str(&succeeds(folder.path(), &arguments)).expect("is JSON");
	assert_eq!(report["devices"], serde_json::json!(["vm"]));
	assert!(report["next"].as_str().expect("is text").contains("register --config worker.toml"));
	assert_eq!(report["private_url"], "http://127.0.0.1:4400", "buyers elsewhere cannot reach it");
	assert_eq!(report["needs_planck"], "101120000000000", "more than the stake");
	folder
}

#[test]
fn every_commands_help_has_examples_and_the_top_names_the_exit_codes() {
	let folder = empty();
	for command in COMMANDS {
		let help = succeeds(folder.path(), &[command, "--help"]);
		let example = format!("  mutirao-worker {command}");
		assert!(help.contains("Example") && help.contains(&example), "{command}: {help}");
	}
	let help = succeeds(folder.path(), &["config", "print", "--help"]);
	assert!(help.contains("  mutirao-worker config print"), "{help}");
	let help = succeeds(folder.path(), &["--help"]);
	let words = help.split_whitespace().collect::<Vec<_>>().join(" ");
	assert!(words.contains("7 too little money or stake"), "{help}");
	assert!(!words.contains("executor"), "it is no command for people: {help}");
}

/// The examples in the help are commands that parse: with `--help` behind them, all must succeed.
#[test]
fn the_examples_of_the_help_parse() {
	let folder = empty();
	for command in COMMANDS {
		let help = succeeds(folder.path(), &[command, "--help"]).replace("\\\n", " ");
		let lines = help.lines().filter_map(|line| line.trim().strip_prefix("mutirao-worker "));
		for line in lines {
			// Quoted words hold no spaces that matter to the parser of flags.
			let words = line.replace("'100 MUT'", "100MUT").replace("'NVIDIA H100'", "NVIDIA");
			let mut words: Vec<&str> = words.split_whitespace().collect();
			words.push("--help");
			succeeds(folder.path(), &words);
		}
	}
}

#[test]
fn wrong_usage_is_2_and_a_missing_answer_too() {
	let folder = empty();
	fails(2, folder.path(), &["run", "--nonsense"]);
	fails(2, folder.path(), &[]);
	let (_, error) = fails(2, folder.path(), &["init", "-c", "w.toml", "--adapter", "vm"]);
	assert!(error.contains("--provider is needed"), "{error}");
	assert!(!folder.path().join("w.toml").exists());
}

#[test]
fn init_writes_settings_and_a_key_that_others_cannot_read() {
	let folder = initialised();
	#[cfg(unix)]
	for file in ["worker.toml", "worker.key"] {
		use std::os::unix::fs::PermissionsExt as _;
		let mode = fs::metadata(folder.path().join(file)).expect("is there").permissions().mode();
		assert_eq!(mode & 0o777, 0o600, "{file}");
	}
	let key = fs::read_to_string(folder.path().join("worker.key")).expect("is text");
	assert_eq!(key.trim().len(), 66);
	let toml = fs::read_to_string(folder.path().join("worker.toml")).expect("is text");
	assert!(!toml.contains(key.trim()), "the key is in no other file");
	assert!(toml.lines().filter(|line| line.starts_with('#')).count() > 10, "it has comments");
	// A second time replaces nothing, unless it is told to; the key stays in any case.
	let again =
		["init", "-c", "worker.toml", "--key-file", "worker.key", "--new-key", "--region", "DE"];
	let again =
		[&again[..], &["--provider", PROVIDER, "--public-url", "http://x", "--adapter", "vm"]]
			.concat();
	let (_, error) = fails(3, folder.path(), &again);
	assert!(error.contains("--force"), "{error}");
	succeeds(folder.path(), &[&again[..], &["--force"]].concat());
	assert_eq!(fs::read_to_string(folder.path().join("worker.key")).expect("is there"), key);
	let toml = fs::read_to_string(folder.path().join("worker.toml")).expect("is text");
	assert!(toml.contains("region = \"DE\""), "{toml}");
	// It is more than the calls of a job cost.
	assert!(toml.contains("minimum_price = \"0.01 MUT\""), "{toml}");
}

#[test]
fn init_writes_neither_file_nor_key_when_an_answer_makes_no_sense() {
	let folder = empty();
	let arguments = [
		&["init", "-c", "w.toml", "--provider", PROVIDER, "--region", "BR", "--adapter", "vm"][..],
		&["--public-url", "gpu.example", "--key-file", "k", "--new-key", "--quota-gib", "0"],
	]
	.concat();
	let (_, error) = fails(3, folder.path(), &arguments);
	assert!(error.contains("data.public_url: give http://"), "{error}");
	assert!(error.contains("data.quota_gib: give at least 1"), "all of it at once: {error}");
	assert_eq!(fs::read_dir(folder.path()).expect("is there").count(), 0);
}

#[test]
fn an_adapter_that_is_not_there_is_5_and_the_others_are_named() {
	let folder = empty();
	let arguments = [
		&["init", "-c", "w.toml", "--provider", PROVIDER, "--region", "BR", "--new-key"][..],
		&["--public-url", "http://x", "--key-file", "k", "--adapter", "no such adapter"],
	]
	.concat();
	let (_, error) = fails(5, folder.path(), &arguments);
	assert!(error.contains("no such adapter") && error.contains("vm"), "{error}");
}

#[test]
fn settings_are_printed_with_their_origin() {
	let folder = initialised();
	let arguments =
		["config", "print", "-c", "worker.toml", "-o", "json", "--set", "policy.margin=3"];
	let variables = [("MUTIRAO_WORKER_DATA_QUOTA_GIB", "50")];
	let output = worker(folder.path(), &arguments, &variables);
	assert!(output.status.success(), "{}", text(&output.stderr));
	let values: Vec<Value> = serde_json::from_slice(&output.stdout).expect("is JSON");
	let value = |setting: &str| {
		let found = values.iter().find(|value| value["setting"] == setting).expect("is a setting");
		(found["value"].clone(), found["origin"].as_str().expect("is text").to_owned())
	};
	assert_eq!(value("policy.margin"), (3.0.into(), "--set".into()));
	assert_eq!(value("data.quota_gib"), (50.into(), "MUTIRAO_WORKER_DATA_QUOTA_GIB".into()));
	let (region, origin) = value("device.0.region");
	assert_eq!(region, "BR-SP");
	assert!(origin.starts_with("worker.toml:"), "{origin}");
	assert_eq!(value("data.tls_key"), (Value::Null, "default".into()));
	// Without a file: the defaults.
	let text = succeeds(empty().path(), &["config", "print"]);
	assert!(text.contains("metrics.listen") && text.contains("# default"), "{text}");
}

#[test]
fn wrong_settings_are_3_with_their_place() {
	let folder = empty();
	fs::write(folder.path().join("w.toml"), "[data]\nlisten = \"here\"\n").expect("there is room");
	for command in ["run", "status", "register", "leave", "bench", "doctor"] {
		let (printed, error) = fails(3, folder.path(), &[command, "-c", "w.toml"]);
		let said = printed + &error;
		assert!(
			said.contains("w.toml:2: data.listen: invalid socket address"),
			"{command}: {said}"
		);
	}
	let (_, error) = fails(3, folder.path(), &["run", "-c", "nowhere.toml"]);
	assert!(error.contains("nowhere.toml") && error.contains("init"), "{error}");
	let (_, error) = fails(3, folder.path(), &["run", "-c", "nowhere.toml", "-o", "json"]);
	let line = error.lines().last().expect("says something");
	let error: Value = serde_json::from_str(line).expect("is JSON");
	assert_eq!(error["failure"], "configuration");
}

#[cfg(unix)]
#[test]
fn a_key_that_others_can_read_is_3_and_is_not_told() {
	use std::os::unix::fs::PermissionsExt as _;
	let folder = initialised();
	let key = folder.path().join("worker.key");
	let secret = fs::read_to_string(&key).expect("is there");
	fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).expect("is ours");
	let (_, error) = fails(3, folder.path(), &["run", "-c", "worker.toml"]);
	assert!(error.contains("chmod 600") && !error.contains(secret.trim()), "{error}");
	// Nor is a key that everybody knows used by mistake.
	let variables = [("MUTIRAO_WORKER_KEY", "//Alice")];
	let output = worker(folder.path(), &["run", "-c", "worker.toml"], &variables);
	assert_eq!(output.status.code(), Some(3), "{}", text(&output.stderr));
}

#[test]
fn no_node_is_4() {
	let folder = initialised();
	for arguments in [
		&["status", "-c", "worker.toml", "--set", "metrics.listen=127.0.0.1:1"][..],
		&["run", "-c", "worker.toml"],
	] {
		let (_, error) = fails(4, folder.path(), arguments);
		assert!(error.contains("cannot connect to ws://127.0.0.1:9"), "{error}");
	}
}

#[test]
fn the_doctor_says_all_problems_then_decides() {
	let folder = initialised();
	let listen = ["--set", "data.listen=127.0.0.1:0"];
	let arguments =
		[&["doctor", "-c", "worker.toml", "--skip-devices", "-o", "json"][..], &listen].concat();
	let (printed, _) = fails(4, folder.path(), &arguments);
	let report: Value = serde_json::from_str(&printed).expect("is JSON");
	let findings = report["findings"].as_array().expect("is a list");
	let severity = |about: &str| {
		let found = findings.iter().find(|finding| finding["about"] == about);
		found.unwrap_or_else(|| panic!("{about} is looked at: {printed}"))["severity"].clone()
	};
	assert_eq!(severity("configuration"), "good");
	assert_eq!(severity("hot key"), "good");
	assert_eq!(severity("chain"), "error");
	assert_eq!(severity("data folder"), "good");
	// The public address leads elsewhere.
	assert_eq!(severity("data plane"), "warning");
	for bad in findings.iter().filter(|finding| finding["severity"] == "error") {
		assert!(!bad["remedy"].as_str().expect("is text").is_empty(), "{bad}");
	}
}

#[test]
fn register_needs_the_owners_own_key() {
	let folder = initialised();
	let (_, error) = fails(3, folder.path(), &["register", "-c", "worker.toml"]);
	assert!(error.contains("--owner-key-file"), "{error}");
	let other = [("MUTIRAO_WORKER_OWNER_KEY", &*format!("0x{}", "42".repeat(32)))];
	for command in ["register", "leave"] {
		let output = worker(folder.path(), &[command, "-c", "worker.toml", "--yes"], &other);
		let error = text(&output.stderr);
		assert_eq!(output.status.code(), Some(3), "{error}");
		assert!(error.contains("not that of keys.provider"), "{error}");
	}
}
