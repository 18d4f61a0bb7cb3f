//! The executor child, on the worker's side.

use std::{
	ffi::OsString,
	io,
	os::unix::process::{CommandExt as _, ExitStatusExt as _},
	path::Path,
	process::{Command, ExitStatus, Stdio},
	time::Duration,
};

use codec::Encode;
use tokio::{
	io::{AsyncReadExt as _, BufReader},
	process::{Child as Process, ChildStderr, ChildStdin, ChildStdout},
	task::JoinHandle,
};

use super::{
	executor::SUBCOMMAND,
	wire::{self, FrameError, Reply},
	Suspicion,
};

/// What of the worker's environment an executor gets: where Vulkan's drivers are, and how they are
/// configured on this machine.
const KEPT: [&str; 7] = [
	"VK_DRIVER_FILES",
	"VK_ADD_DRIVER_FILES",
	"VK_ICD_FILENAMES",
	"XDG_DATA_DIRS",
	"LD_LIBRARY_PATH",
	"LP_NUM_THREADS",
	"TMPDIR",
];

/// What it gets besides: no job finds on disk what a driver compiled for another.
const GIVEN: [(&str, &str); 3] = [
	("MESA_SHADER_CACHE_DISABLE", "true"),
	("MESA_GLSL_CACHE_DISABLE", "true"),
	("__GL_SHADER_DISK_CACHE", "0"),
];

/// The last bytes of standard error that are kept, to say why a child ended.
const KEPT_ERROR_BYTES: usize = 4096;
/// How long the end of a child is waited for. One that hangs in a driver may end much later.
const END: Duration = Duration::from_secs(5);

/// Why nothing more is heard of a child.
pub(super) type Gone = FrameError;

/// A running executor. Dropping it kills the process.
pub(super) struct Child {
	process: Process,
	/// Kept open: the child ends when it is closed.
	stdin: ChildStdin,
	stdout: BufReader<ChildStdout>,
	stderr: JoinHandle<String>,
}

impl Child {
	pub(super) fn start(program: &Path) -> io::Result<Self> {
		let mut command = Command::new(program);
		command
			.arg(SUBCOMMAND)
			.env_clear()
			.envs(GIVEN)
			.envs(KEPT.iter().filter_map(|name| Some((*name, std::env::var_os(name)?))))
			.env("HOME", OsString::from("/nonexistent"))
			.current_dir("/")
			.stdin(Stdio::piped())
			.stdout(Stdio::piped())
			.stderr(Stdio::piped())
			// Signals of a terminal are the worker's: it decides what happens to its tasks.
			.process_group(0);
		let mut process = tokio::process::Command::from(command).kill_on_drop(true).spawn()?;
		let missing = || io::Error::other("a pipe to the child is missing");
		let stdin = process.stdin.take().ok_or_else(missing)?;
		let stdout = BufReader::new(process.stdout.take().ok_or_else(missing)?);
		let stderr = tokio::spawn(tail(process.stderr.take().ok_or_else(missing)?));
		Ok(Self { process, stdin, stdout, stderr })
	}

	pub(super) async fn say(&mut self, message: &impl Encode) -> Result<(), Gone> {
		wire::send(&mut self.stdin, message).await
	}

	pub(super) async fn hear(&mut self) -> Result<Reply, Gone> {
		wire::receive(&mut self.stdout).await
	}

	/// Kills it, and waits a while for its end.
	pub(super) async fn kill(&mut self) {
		if let Err(error) = self.process.start_kill() {
			tracing::debug!(%error, "an executor cannot be killed; it has ended");
		}
		if tokio::time::timeout(END, self.process.wait()).await.is_err() {
			tracing::warn!(pid = self.process.id(), "an executor does not end: its driver hangs");
		}
	}

	/// What happened to a child of which nothing more is heard. It is killed.
	pub(super) async fn why(&mut self, gone: Gone) -> Suspicion {
		if !matches!(gone, FrameError::Ended) {
			self.kill().await;
			return Suspicion::Garbage(gone.to_string());
		}
		let status = tokio::time::timeout(END, self.process.wait()).await;
		self.kill().await;
		let mut text = match status {
			Ok(Ok(status)) => describe(status),
			_ => "it closed its output and did not end".to_owned(),
		};
		if let Ok(Ok(said)) = tokio::time::timeout(END, &mut self.stderr).await {
			let said = said.trim();
			if !said.is_empty() {
				text = format!("{text}; it said: {said}");
			}
		}
		Suspicion::Crashed(text)
	}
}

impl Drop for Child {
	fn drop(&mut self) {
		self.stderr.abort();
	}
}

fn describe(status: ExitStatus) -> String {
	match (status.code(), status.signal()) {
		(Some(code), _) => format!("exit code {code}"),
		(None, Some(signal)) => format!("signal {signal}"),
		(None, None) => "no exit code".to_owned(),
	}
}

/// The last of what a child says on standard error.
async fn tail(mut stderr: ChildStderr) -> String {
	let mut kept = Vec::new();
	let mut piece = [0; 1024];
	while let Ok(read @ 1..) = stderr.read(&mut piece).await {
		kept.extend_from_slice(&piece[..read]);
		let spare = kept.len().saturating_sub(KEPT_ERROR_BYTES);
		kept.drain(..spare);
	}
	String::from_utf8_lossy(&kept).into_owned()
}
