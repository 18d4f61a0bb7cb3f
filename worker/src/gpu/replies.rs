//! What an executor's answers mean.

use std::{io, path::Path};

use mutirao_types::Backend;
use tokio::task::JoinError;

use super::{
	device::DeviceInfo,
	wire::{Failure, Probed, Reply},
	DeviceError, Suspicion, Unfit,
};

pub(super) fn suspect(device: &str, suspicion: Suspicion) -> DeviceError {
	DeviceError::Suspect { device: device.to_owned(), suspicion }
}

pub(super) fn unexpected(device: &str, reply: &Reply) -> DeviceError {
	let text = format!("an unexpected {reply:?}").chars().take(200).collect();
	suspect(device, Suspicion::Garbage(text))
}

/// A thread of ours that handled a task's files came to no end.
pub(super) fn panicked(folder: &Path, error: JoinError) -> DeviceError {
	DeviceError::local("handling a task's files", folder)(io::Error::other(error))
}

pub(super) fn failed(device: &str, failure: Failure) -> DeviceError {
	let unfit = |reason| DeviceError::Unfit { device: device.to_owned(), reason };
	match failure {
		Failure::Fuel { pass, workgroup } => DeviceError::Program {
			pass: pass as usize,
			workgroup: Some(workgroup),
			reason: "out of fuel".into(),
		},
		Failure::Malformed(reason) => DeviceError::Malformed(reason),
		Failure::Buffer { buffer, bytes, most } => unfit(Unfit::Buffer { buffer, bytes, most }),
		Failure::Memory { pass, needed, most } => unfit(Unfit::Memory { pass, needed, most }),
		Failure::Loops { pass, limit } => unfit(Unfit::Loops { pass, limit }),
		Failure::Refused(reason) => unfit(Unfit::Refused(reason)),
		Failure::Missing(reason) => suspect(device, Suspicion::Missing(reason)),
		Failure::Lost(reason) => suspect(device, Suspicion::Lost(reason)),
		Failure::Wrong(reason) => suspect(device, Suspicion::Wrong(reason)),
		Failure::File { what, path, full, reason } => {
			let kind = if full { io::ErrorKind::StorageFull } else { io::ErrorKind::Other };
			let what = if what == "an input" { "reading an input" } else { "writing a result" };
			DeviceError::Local { what, path: path.path(), source: io::Error::new(kind, reason) }
		}
	}
}

pub(super) fn info(probed: Probed) -> DeviceInfo {
	let Probed { listed, loop_limit } = probed;
	let mebibytes = listed.memory_bytes.unwrap_or(0) >> 20;
	DeviceInfo {
		name: listed.name,
		backend: match listed.backend.as_str() {
			"vulkan" => Backend::Vulkan,
			"metal" => Backend::Metal,
			"dx12" => Backend::Dx12,
			_ => Backend::Other,
		},
		driver: listed.driver,
		memory_mib: u32::try_from(mebibytes).unwrap_or(u32::MAX),
		max_buffer_bytes: listed.max_buffer_bytes,
		loop_limit,
		steps_per_second: None,
	}
}
