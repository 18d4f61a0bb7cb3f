//! `mutirao kernel`, as its author meets it: the pages' and the help's own examples, and each exit
//! code.

use std::{
	fs,
	path::{Path, PathBuf},
	process::{Command, Output},
};

use serde_json::Value;
use tempfile::TempDir;

const PAGE: &str = include_str!("../../docs/kernels.md");

fn root() -> PathBuf {
	Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Runs the tool in a folder.
fn mutirao(folder: &Path, arguments: &[&str]) -> Output {
	let mut command = Command::new(env!("CARGO_BIN_EXE_mutirao"));
	command.current_dir(folder).args(arguments).output().expect("the tool starts")
}

fn text(bytes: &[u8]) -> String {
	String::from_utf8(bytes.to_vec()).expect("is text")
}

#[track_caller]
fn succeeds(folder: &Path, arguments: &[&str]) -> String {
	let output = mutirao(folder, arguments);
	assert!(output.status.success(), "{arguments:?}: {}", text(&output.stderr));
	text(&output.stdout)
}

/// Runs the tool, which must end with this exit code; returns its error.
#[track_caller]
fn fails(code: i32, folder: &Path, arguments: &[&str]) -> String {
	let output = mutirao(folder, arguments);
	let error = text(&output.stderr);
	assert_eq!(output.status.code(), Some(code), "{arguments:?}: {error}");
	error
}

/// The page's blocks of a language, in order.
fn blocks(language: &str) -> Vec<&'static str> {
	let fence = format!("```{language}\n");
	let block = |after: &'static str| after.split_once("```").expect("is closed").0;
	PAGE.split(&fence).skip(1).map(block).collect()
}

/// The commands that start with the tool's name, without it; a line that ends with `\` goes on.
fn commands(text: &str) -> Vec<Vec<String>> {
	let joined = text.replace("\\\n", " ");
	let lines = joined.lines().filter_map(|line| line.trim().strip_prefix("mutirao "));
	lines.map(|line| line.split_whitespace().map(String::from).collect()).collect()
}

/// The page's first kernel in a folder of its own.
fn brighten() -> TempDir {
	let folder = tempfile::tempdir().expect("there is room");
	let kernel = folder.path().join("brighten");
	fs::create_dir(&kernel).expect("there is room");
	fs::write(kernel.join("kernel.wgsl"), blocks("wgsl")[0]).expect("there is room");
	fs::write(kernel.join("manifest.toml"), blocks("toml")[0]).expect("there is room");
	folder
}

/// The same with a part of its source or manifest replaced.
fn brighten_with(file: &str, from: &str, to: &str) -> TempDir {
	let folder = brighten();
	let path = folder.path().join("brighten").join(file);
	let before = fs::read_to_string(&path).expect("is there");
	assert!(before.contains(from), "{file} has {from:?}");
	fs::write(&path, before.replace(from, to)).expect("there is room");
	folder
}

const JOB: [&str; 6] = ["-p", "words=1024", "-p", "amount=16", "-i", "image=random:1"];

fn run<'a>(more: &[&'a str]) -> Vec<&'a str> {
	["kernel", "run", "brighten"].iter().chain(&JOB).chain(more).copied().collect()
}

#[test]
fn the_page_leads_from_an_empty_folder_to_a_checked_run() {
	let folder = brighten();
	let lines: Vec<_> = blocks("sh").into_iter().flat_map(commands).collect();
	// The others need a market.
	let kernels: Vec<_> = lines.into_iter().filter(|line| line[0] == "kernel").collect();
	assert!(kernels.len() >= 5, "{kernels:?}");
	for line in kernels {
		let line: Vec<&str> = line.iter().map(String::as_str).collect();
		succeeds(folder.path(), &line);
	}
}

#[test]
fn the_pages_error_is_what_the_tool_prints() {
	let read = "\tlet pixels";
	let float = format!("\tlet factor = f32(params.amount);\n{read}");
	let folder = brighten_with("kernel.wgsl", read, &float);
	let error = fails(3, folder.path(), &["kernel", "check", "brighten"]);
	let shown =
		blocks("text").into_iter().find(|block| block.starts_with("error: ")).expect("is there");
	assert_eq!(error.trim_end(), shown.trim_end());
}

#[test]
fn the_examples_of_the_help_run() {
	for command in ["check", "build", "run", "disasm", "bench", "conformance"] {
		let help = succeeds(&root(), &["kernel", command, "--help"]);
		let examples = commands(&help);
		assert!(!examples.is_empty(), "{command} has examples");
		let folder = tempfile::tempdir().expect("there is room");
		for mut example in examples {
			// Some take hours or a GPU that is not here; what is built goes elsewhere.
			if example.iter().any(|word| word == "--adapter") {
				continue;
			}
			if let Some(file) = example.iter_mut().find(|word| word.ends_with(".mtr")) {
				*file = folder.path().join(&file).display().to_string();
			}
			succeeds(&root(), &example.iter().map(String::as_str).collect::<Vec<_>>());
		}
	}
}

#[test]
fn a_run_says_steps_and_hashes_and_all_executors_agree() {
	let folder = brighten();
	let report = |on| -> Value {
		let line = succeeds(folder.path(), &run(&["--on", on, "-o", "json", "--save", "out"]));
		serde_json::from_str(&line).expect("is JSON")
	};
	let (vm, gpu, both) = (report("vm"), report("gpu"), report("both"));
	assert_eq!(vm["passes"][0]["workgroups"], 16);
	let steps = vm["passes"][0]["steps"].as_u64().expect("is a number");
	assert!(steps >= 16 * 64, "{steps}");
	let bytes = fs::read(folder.path().join("out/brighter")).expect("is saved");
	let hash = Value::from(blake3::hash(&bytes).to_string());
	for report in [&vm, &gpu, &both] {
		assert_eq!(report["buffers"][0]["name"], "brighter");
		assert_eq!(report["buffers"][0]["blake3"], hash);
	}
}

#[test]
fn a_built_program_is_named_by_its_hash() {
	let folder = brighten();
	let line = succeeds(folder.path(), &["kernel", "build", "brighten", "-o", "json"]);
	let built: Value = serde_json::from_str(&line).expect("is JSON");
	let bytes = fs::read(folder.path().join("brighten.mtr")).expect("is written");
	assert_eq!(built["hash"], Value::from(blake3::hash(&bytes).to_string()));
}

#[test]
fn wrong_usage_is_2() {
	fails(2, &root(), &["kernel", "run"]);
	fails(2, &root(), &["kernel", "run", "kernels/sobel", "-p", "width"]);
}

#[test]
fn an_unreadable_file_is_1() {
	let error = fails(1, &root(), &["kernel", "check", "no_such_folder"]);
	assert!(error.contains("no_such_folder"), "{error}");
}

#[test]
fn a_refused_manifest_is_3_with_its_place() {
	let folder = brighten_with("manifest.toml", "slice", "slize");
	let error = fails(3, folder.path(), &["kernel", "check", "brighten"]);
	assert!(error.contains("brighten/manifest.toml:line 15: unknown field `slize`"), "{error}");
}

#[test]
fn parameters_and_inputs_that_do_not_fit_are_4() {
	let folder = brighten();
	let short = folder.path().join("short");
	fs::write(&short, [0; 10]).expect("there is room");
	let job = |arguments: &[&'static str]| {
		let command: Vec<&str> =
			["kernel", "run", "brighten"].iter().chain(arguments).copied().collect();
		fails(4, folder.path(), &command)
	};
	assert!(job(&[]).contains("give `words` a value"));
	assert!(job(&["-p", "nonsense=1"]).contains("the kernel has: words, amount"));
	job(&["-p", "words=1024", "-p", "amount=256", "-i", "image=zeros"]);
	job(&["-p", "words=100", "-p", "amount=1", "-i", "image=zeros"]);
	let error = job(&["-p", "words=1024", "-p", "amount=1", "-i", "image=short"]);
	assert!(error.contains("has 10 bytes; for these parameters it has 4096"), "{error}");
}

#[test]
fn faults_are_5_with_the_line_of_the_source() {
	let write = "brighter[id.x] =";
	let folder = brighten_with("kernel.wgsl", write, "brighter[id.x / 64u * 64u] =");
	let error = fails(5, folder.path(), &run(&[]));
	assert!(error.contains("brighten/kernel.wgsl:12:") && error.contains("race"), "{error}");
	assert!(error.contains("brighter[id.x / 64u * 64u]"), "shows the line: {error}");
	let error = fails(5, folder.path(), &run(&["-o", "json"]));
	let error: Value = serde_json::from_str(&error).expect("is JSON");
	assert_eq!(error["failure"], "fault");

	let folder = brighten_with("manifest.toml", "64 * 32", "64 * 2");
	let error = fails(5, folder.path(), &run(&[]));
	assert!(error.contains("brighten/kernel.wgsl:") && error.contains("fuel"), "{error}");
}

#[test]
fn a_missing_gpu_is_7() {
	let folder = brighten();
	let error = fails(7, folder.path(), &run(&["--on", "gpu", "--adapter", "no such adapter"]));
	assert!(error.contains("no adapter matches"), "{error}");
}
