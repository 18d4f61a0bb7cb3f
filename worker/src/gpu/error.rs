//! Why a task has no result, and who is at fault.

use std::{path::PathBuf, time::Duration};

use mutirao_machine_core::RunError;

/// Why a device gave no result.
#[derive(Debug, thiserror::Error)]
pub enum DeviceError {
	/// The program is at fault: no device can run this job. Nobody is slashed for it, but it must be
	/// shown with the witness of a workgroup that faults.
	#[error("the program is at fault in pass {pass}{}: {reason}", of_workgroup(*.workgroup))]
	Program {
		/// Index of the pass.
		pass: usize,
		/// A workgroup that faults, if it is known. Confirm it on the VM.
		workgroup: Option<u32>,
		/// What it does.
		reason: String,
	},
	/// The task is nothing that could run: the code, its parameters or its inputs do not fit together.
	/// The chain would not have taken such a job.
	#[error("the task cannot run anywhere: {0}")]
	Malformed(String),
	/// The device cannot run this job, though another may.
	#[error("`{device}` cannot run this: {reason}")]
	Unfit {
		/// Its name.
		device: String,
		/// Why.
		reason: Unfit,
	},
	/// The device failed, computed something wrong, or was gone. It must not serve before it passed
	/// its health check.
	#[error("`{device}` is not to be trusted: {suspicion}")]
	Suspect {
		/// Its name.
		device: String,
		/// What happened.
		suspicion: Suspicion,
	},
	/// The device is in quarantine.
	#[error(
		"`{device}` is in quarantine: {reason}. Find the cause, then clear it with \
		 `mutirao-worker doctor --clear '{device}'`"
	)]
	Quarantined {
		/// Its name.
		device: String,
		/// Why it is there.
		reason: String,
	},
	/// This machine lacks something, such as room on its disk. The device is not at fault.
	#[error("{what} at {}: {source}", .path.display())]
	Local {
		/// What was tried.
		what: &'static str,
		/// Where.
		path: PathBuf,
		/// Why it failed.
		source: std::io::Error,
	},
	/// It was cancelled.
	#[error("cancelled")]
	Cancelled,
}

/// What a device lacks for a job.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum Unfit {
	/// A buffer is longer than it takes.
	#[error("buffer {buffer} has {bytes} bytes, and it takes at most {most}")]
	Buffer {
		/// Index of the buffer in the program.
		buffer: u32,
		/// Its length.
		bytes: u64,
		/// The most that the device takes.
		most: u64,
	},
	/// The buffers that a pass needs at once exceed its memory.
	#[error("pass {pass} needs {needed} bytes of buffers at once, and it has {most}")]
	Memory {
		/// Index of the pass.
		pass: u32,
		/// Bytes.
		needed: u64,
		/// Bytes that it has for buffers.
		most: u64,
	},
	/// Loops run longer than the device runs loops.
	#[error(
		"the loops of an invocation in pass {pass} exceed {limit} iterations, where this driver \
		 stops them silently"
	)]
	Loops {
		/// Index of the pass.
		pass: u32,
		/// The most iterations.
		limit: u32,
	},
	/// Something else that the device or its driver refused.
	#[error("{0}")]
	Refused(String),
}

/// Why a device is not trusted.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum Suspicion {
	/// The task took longer than it may.
	#[error("the task did not end within {0:?}")]
	Overrun(Duration),
	/// Nothing was heard of the task for too long.
	#[error("the task made no progress for {0:?}")]
	Stalled(Duration),
	/// The executor ended before the task did.
	#[error("its executor ended: {0}")]
	Crashed(String),
	/// The executor said something that no executor says.
	#[error("its executor sent what cannot be read: {0}")]
	Garbage(String),
	/// No driver has it, or its driver does not open it.
	#[error("it is not there: {0}")]
	Missing(String),
	/// The driver lost the device.
	#[error("the driver lost it: {0}")]
	Lost(String),
	/// It computed something wrong.
	#[error("it computed something wrong: {0}")]
	Wrong(String),
}

impl DeviceError {
	/// Whether the device has to pass its health check before it is used again.
	pub fn is_suspicious(&self) -> bool {
		matches!(self, Self::Suspect { .. })
	}

	/// Whether the same task may succeed on the same device later.
	pub fn is_retryable(&self) -> bool {
		matches!(self, Self::Local { .. } | Self::Cancelled | Self::Suspect { .. })
	}

	/// The program's fault that the VM found.
	pub(crate) fn of_run(pass: usize, workgroup: u32, error: &RunError) -> Self {
		let reason = error.to_string();
		match error {
			RunError::Fault(_) => Self::Program { pass, workgroup: Some(workgroup), reason },
			_ => Self::Malformed(format!("pass {pass}, workgroup {workgroup}: {reason}")),
		}
	}

	/// A file that could not be read or written.
	pub(crate) fn local(
		what: &'static str,
		path: impl Into<PathBuf>,
	) -> impl FnOnce(std::io::Error) -> Self {
		let path = path.into();
		move |source| Self::Local { what, path, source }
	}
}

fn of_workgroup(workgroup: Option<u32>) -> String {
	workgroup.map(|number| format!(", workgroup {number}")).unwrap_or_default()
}
