//! What devices consume, where it can be measured: on NVIDIA's, through NVML.
//!
//! Where it cannot, that is said, with the reason; nothing is estimated.

use std::{fmt, sync::Arc};

use nvml_wrapper::{error::NvmlError, Nvml};

/// Why a meter that was there does not work.
#[derive(Debug, thiserror::Error)]
#[error("NVML: {0}")]
pub struct EnergyError(#[from] NvmlError);

/// A meter of a device's energy, or the reason that there is none.
#[derive(Clone)]
pub enum Meter {
	/// NVML's counter of a device.
	Nvml {
		/// The library.
		nvml: Arc<Nvml>,
		/// The device's number there.
		index: u32,
	},
	/// None.
	Unavailable(String),
}

impl Meter {
	/// The meter of the adapter with this name.
	pub fn of(adapter: &str) -> Self {
		match find(adapter) {
			Ok(meter) => meter,
			Err(reason) => Self::Unavailable(reason),
		}
	}

	/// Joules since the driver was loaded; `None` if they are not measured.
	///
	/// # Errors
	///
	/// If the meter is there and does not answer.
	pub fn joules(&self) -> Result<Option<f64>, EnergyError> {
		match self {
			Self::Nvml { nvml, index } => {
				let millijoules = nvml.device_by_index(*index)?.total_energy_consumption()?;
				Ok(Some(millijoules as f64 / 1e3))
			}
			Self::Unavailable(_) => Ok(None),
		}
	}

	/// What measures, as a label: `nvml` or `unavailable`.
	pub fn source(&self) -> &'static str {
		match self {
			Self::Nvml { .. } => "nvml",
			Self::Unavailable(_) => "unavailable",
		}
	}
}

impl fmt::Display for Meter {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		match self {
			Self::Nvml { index, .. } => write!(f, "nvml, device {index}"),
			Self::Unavailable(reason) => write!(f, "unavailable: {reason}"),
		}
	}
}

/// Names tell devices apart, and places those of one kind: `NVIDIA H100 at 0000:41:00.0`.
fn find(adapter: &str) -> Result<Meter, String> {
	let (wanted, place) = match adapter.split_once(" at ") {
		Some((name, place)) => (name, Some(place)),
		None => (adapter, None),
	};
	if wanted.is_empty() {
		return Err("the adapter has no name".into());
	}
	let nvml = Nvml::init().map_err(said)?;
	let mut same = Vec::new();
	for index in 0..nvml.device_count().map_err(said)? {
		let device = nvml.device_by_index(index).map_err(said)?;
		let stands_there = match place {
			Some(place) => is_place(place, &device.pci_info().map_err(said)?.bus_id),
			None => true,
		};
		if matches(wanted, &device.name().map_err(said)?) && stands_there {
			same.push(index);
		}
	}
	match same.as_slice() {
		[index] => {
			let device = nvml.device_by_index(*index).map_err(said)?;
			device.total_energy_consumption().map_err(said)?;
			Ok(Meter::Nvml { index: *index, nvml: Arc::new(nvml) })
		}
		[] => Err(format!("NVML has no device of the name `{adapter}`")),
		_ => Err(format!("NVML has several devices of the name `{adapter}`")),
	}
}

fn said(error: NvmlError) -> String {
	match error {
		NvmlError::LibloadingError(_) => {
			"NVML, NVIDIA's library, is not on this machine: only NVIDIA's devices tell their energy"
				.into()
		}
		error => format!("NVML: {error}"),
	}
}

/// Whether both mean the same place: NVML writes the PCI domain with eight digits, Vulkan with four.
fn is_place(place: &str, bus: &str) -> bool {
	let plain = |place: &str| place.trim_start_matches('0').to_lowercase();
	plain(place) == plain(bus)
}

/// Whether NVML's and the graphics interface's names mean the same: one may leave out the maker.
fn matches(adapter: &str, name: &str) -> bool {
	let plain = |name: &str| name.to_lowercase().replace("nvidia ", "");
	plain(adapter) == plain(name)
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn names_match_with_or_without_the_maker() {
		assert!(matches("NVIDIA H100 80GB HBM3", "NVIDIA H100 80GB HBM3"));
		assert!(matches("GeForce RTX 4090", "NVIDIA GeForce RTX 4090"));
		assert!(!matches("NVIDIA H100 80GB HBM3", "NVIDIA H100 PCIe"));
	}

	#[test]
	fn places_match_however_long_the_domain_is_written() {
		assert!(is_place("0000:41:00.0", "00000000:41:00.0"));
		assert!(!is_place("0000:41:00.0", "00000000:42:00.0"));
	}

	#[test]
	fn what_is_not_measured_is_said_and_not_estimated() {
		let meter = Meter::of("no device has this name");
		assert_eq!(meter.source(), "unavailable");
		assert!(meter.to_string().starts_with("unavailable: NVML"), "{meter}");
		assert!(!meter.to_string().contains("libloading"), "{meter}");
		assert_eq!(meter.joules().unwrap(), None);
	}
}
