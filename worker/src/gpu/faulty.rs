//! Devices that lie, crash or hang, for tests of whoever must cope with them.
//!
//! They are in every build, because a test chain needs workers that lie. A worker that serves for money
//! gets one only by a setting that says that it is for testing. The worker's own self-check finds every
//! lie, so whoever wants to see one attested turns that off, too.

use std::future::pending;

use futures::future::{BoxFuture, FutureExt as _};
use mutirao_machine_core::ResolvedPass;
use serde::{Deserialize, Serialize};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

pub use super::wire::Misbehaviour;
use super::{Device, DeviceError, DeviceInfo, Finished, Progress, Suspicion, Task, VmDevice};

/// How a device that lies changes its results. It hashes what it changed, so that files and hashes fit
/// together.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Lie {
	/// One word of one workgroup in the last pass.
	OneWorkgroup,
	/// Every word of the last pass.
	WholeJob,
	/// One word of one workgroup in the first pass. The later passes are honest with what they read,
	/// so that of all workgroups only this one is wrong.
	EarlyPass,
}

impl Lie {
	/// Changes what a pass wrote, by its written slots.
	pub(super) fn tell(self, pass: &ResolvedPass, passes: usize, slices: &mut [Vec<u8>]) {
		let is_last = pass.pass + 1 == passes;
		match self {
			Self::OneWorkgroup if is_last => one_word(pass, slices),
			Self::EarlyPass if pass.pass == 0 => one_word(pass, slices),
			Self::WholeJob if is_last => {
				let words = slices.iter_mut().flat_map(|slice| slice.chunks_exact_mut(4));
				words.for_each(|word| word[0] ^= 1);
			}
			_ => {}
		}
	}
}

/// Changes the first word that the workgroup in the middle wrote.
fn one_word(pass: &ResolvedPass, slices: &mut [Vec<u8>]) {
	let words = pass.slots.iter().find_map(|slot| slot.slice_words).unwrap_or(0);
	let at = 4 * words as usize * (pass.workgroup_count / 2) as usize;
	if let Some(byte) = slices.first_mut().and_then(|slice| slice.get_mut(at)) {
		*byte ^= 1;
	}
}

/// A device that computes on the VM and lies.
pub fn liar(lie: Lie) -> VmDevice {
	VmDevice::new().with_lie(lie)
}

/// Whether a device fails its health check.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Sick {
	/// It passes.
	No,
	/// It fails.
	Yes,
}

/// A device that finishes nothing.
#[derive(Debug)]
pub struct Useless {
	info: DeviceInfo,
	hangs: bool,
	sick: Sick,
}

/// A device that crashes with every task.
pub fn crasher(sick: Sick) -> Useless {
	Useless { info: VmDevice::new().named("crasher").info().clone(), hangs: false, sick }
}

/// A device that never finishes a task, not even at its limit.
pub fn hanger() -> Useless {
	Useless { info: VmDevice::new().named("hanger").info().clone(), hangs: true, sick: Sick::No }
}

impl Useless {
	fn suspect(&self, text: &str) -> DeviceError {
		let suspicion = Suspicion::Crashed(text.into());
		DeviceError::Suspect { device: self.info.name.clone(), suspicion }
	}
}

impl Device for Useless {
	fn info(&self) -> &DeviceInfo {
		&self.info
	}

	fn run(
		&self,
		_: Task,
		_: watch::Sender<Progress>,
		cancel: CancellationToken,
	) -> BoxFuture<'_, Result<Finished, DeviceError>> {
		async move {
			if !self.hangs {
				return Err(self.suspect("signal 6"));
			}
			tokio::select! {
				() = cancel.cancelled() => Err(DeviceError::Cancelled),
				never = pending() => never,
			}
		}
		.boxed()
	}

	fn check(&self) -> BoxFuture<'_, Result<(), DeviceError>> {
		let healthy = match self.sick {
			Sick::No => Ok(()),
			Sick::Yes => Err(self.suspect("signal 11")),
		};
		async move { healthy }.boxed()
	}
}
