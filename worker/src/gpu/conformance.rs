//! A device serves only after it has computed what the VM computes: every feature of the kernel
//! machine, random programs, and the catalogue's kernels. One wrong word, and it never serves.

use std::time::Duration;

use super::{records::Records, Device as _, DeviceError, ProcessDevice, Suspicion};

/// Random programs among the checks.
const SEEDS: u64 = 100;
/// How long all checks may take.
const LIMIT: Duration = Duration::from_secs(15 * 60);

/// Lets a device serve if it is right, and notes its speed. What it has shown before, with the same
/// driver and to the same version of the worker, it need not show again. `report` is told how many
/// checks were made, and of how many.
///
/// A device that is wrong is quarantined.
///
/// # Errors
///
/// If it is in quarantine, computes something wrong, or fails.
pub async fn admit(
	device: ProcessDevice,
	records: &Records,
	report: impl FnMut(u64, u64),
) -> Result<ProcessDevice, DeviceError> {
	let name = device.info().name.clone();
	if let Some(quarantined) = records.quarantined(&name) {
		return Err(DeviceError::Quarantined { device: name, reason: quarantined.reason });
	}
	if let Some(steps_per_second) = records.conforms(device.info()) {
		return Ok(device.with_speed(steps_per_second));
	}
	match device.conform(SEEDS, LIMIT, report).await {
		Ok(steps_per_second) => {
			records.set_conforms(device.info(), steps_per_second);
			Ok(device.with_speed(steps_per_second))
		}
		Err(error) => {
			if let DeviceError::Suspect { suspicion: Suspicion::Wrong(reason), .. } = &error {
				records.quarantine(&name, reason);
			}
			Err(error)
		}
	}
}
