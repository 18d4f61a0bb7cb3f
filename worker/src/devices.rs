//! The devices that the settings name.

use std::sync::Arc;

use crate::{
	config::{self, VM_ADAPTER},
	gpu::{
		conformance, executor::Confined, Device, DeviceError, DeviceInfo, Listed, ProcessDevice,
		ProcessOptions, Records, VmDevice,
	},
	measure::{measure, MeasureError, WORKLOADS},
};

/// A device, and how its executors are confined; the VM has none.
pub struct Opened {
	/// The device.
	pub device: Arc<dyn Device>,
	/// What its executors could take away from themselves.
	pub confined: Option<Confined>,
	/// Whether it is no hardware.
	pub is_software: bool,
}

impl Opened {
	fn of(device: ProcessDevice) -> Self {
		let (confined, is_software) = (Some(device.confined().clone()), device.is_software());
		Self { device: Arc::new(device), confined, is_software }
	}
}

/// All adapters of this machine; hardware first.
///
/// # Errors
///
/// If the process that asks for them fails.
pub async fn list() -> Result<Vec<Listed>, DeviceError> {
	let program = std::env::current_exe().map_err(|source| DeviceError::Local {
		what: "finding this program",
		path: "/proc/self/exe".into(),
		source,
	})?;
	crate::gpu::list(&program).await
}

/// The names of hardware adapters; without any, the VM.
pub fn hardware(adapters: &[Listed]) -> Vec<String> {
	let hardware = adapters.iter().filter(|adapter| !adapter.is_software);
	let names: Vec<String> = hardware.map(|adapter| adapter.name.clone()).collect();
	match names.is_empty() {
		true => vec![VM_ADAPTER.into()],
		false => names,
	}
}

/// Finds a device and asks what it can do. Whether it is right is not asked.
///
/// # Errors
///
/// If there is no such adapter, or its driver fails.
pub async fn open(adapter: &str) -> Result<Opened, DeviceError> {
	match adapter == VM_ADAPTER {
		true => Ok(vm(VmDevice::new())),
		false => Ok(Opened::of(ProcessDevice::open(options(adapter)?).await?)),
	}
}

/// Finds a device that may serve: one that is not in quarantine and computes what the VM computes.
/// `report` is told how many checks were made, and of how many.
///
/// # Errors
///
/// If there is no such adapter, its driver fails, or it computes something wrong.
pub async fn admit(
	adapter: &str,
	records: &Records,
	report: impl FnMut(u64, u64),
) -> Result<Opened, DeviceError> {
	if adapter == VM_ADAPTER {
		return Ok(vm(VmDevice::new().with_speed(vm_speed().await?)));
	}
	let device = ProcessDevice::open(options(adapter)?).await?;
	Ok(Opened::of(conformance::admit(device, records, report).await?))
}

/// What is known of a device of the settings.
///
/// # Errors
///
/// As [`open`].
pub async fn info(device: &config::Device) -> Result<DeviceInfo, DeviceError> {
	Ok(open(&device.adapter).await?.device.info().clone())
}

fn vm(device: VmDevice) -> Opened {
	Opened { device: Arc::new(device), confined: None, is_software: true }
}

/// Declared steps of `gemm_i8` that the VM takes in a second here.
async fn vm_speed() -> Result<u64, DeviceError> {
	let local = |source| DeviceError::Local {
		what: "measuring the VM",
		path: std::env::temp_dir(),
		source,
	};
	let folder = tempfile::tempdir().map_err(local)?;
	let [_, gemm, _] = &WORKLOADS;
	let measured = measure(&VmDevice::new(), gemm, folder.path(), |_| {}).await;
	match measured {
		Ok(measured) => Ok(measured.steps_per_second() as u64),
		Err(MeasureError::Device(error)) => Err(error),
		Err(error) => Err(local(std::io::Error::other(error.to_string()))),
	}
}

fn options(adapter: &str) -> Result<ProcessOptions, DeviceError> {
	ProcessOptions::new(adapter).map_err(|source| DeviceError::Local {
		what: "finding this program",
		path: "/proc/self/exe".into(),
		source,
	})
}
