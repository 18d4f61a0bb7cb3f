//! The devices: found, confined, right.

use super::Report;
use crate::{
	config::Config,
	devices::{admit, open, Opened},
	energy::Meter,
	exit::Failure,
	gpu::{DeviceError, Records},
};

/// Looks at each device of the settings. `progress` is told the device, and how many checks of how many
/// were made.
pub async fn check(
	report: &mut Report,
	config: &Config,
	records: &Records,
	mut progress: impl FnMut(&str, u64, u64),
) {
	for device in &config.device {
		let about = format!("device {}", device.adapter);
		let opened = match open(&device.adapter).await {
			Ok(opened) => opened,
			Err(error) => {
				let remedy = "is its driver installed, and may this user open /dev/dri/renderD*, \
					/dev/nvidia*? Groups: video, render. `mutirao-worker init` lists adapters";
				report.error(Failure::Device, &about, error.to_string(), remedy);
				continue;
			}
		};
		describe(report, &about, &opened);
		match admit(&device.adapter, records, |done, all| progress(&device.adapter, done, all))
			.await
		{
			Ok(_) => report.good(&about, "it computes what the VM computes"),
			Err(error) => refused(report, &about, &error),
		}
	}
}

fn describe(report: &mut Report, about: &str, opened: &Opened) {
	let info = opened.device.info();
	let memory = match info.memory_mib {
		0 => "memory not told".into(),
		memory => format!("{memory} MiB"),
	};
	let buffer = info.max_buffer_bytes >> 20;
	report.good(
		about,
		format!("{} ({}), {memory}, buffers up to {buffer} MiB", info.name, info.driver),
	);
	if opened.is_software {
		let remedy = "it works, slowly: hardware earns more";
		report.note(about, "it is no hardware but this machine's processor", remedy);
	}
	if let Some(limit) = info.loop_limit {
		let found = format!("its driver stops loops after {limit} iterations without a word");
		report.note(about, found, "jobs with longer loops are left to others");
	}
	if let Meter::Unavailable(reason) = Meter::of(&info.name) {
		report.note(about, format!("energy is not measured: {reason}"), "");
	}
	super::check_sandbox(report, about, opened.confined.as_ref());
}

fn refused(report: &mut Report, about: &str, error: &DeviceError) {
	let remedy = match error {
		DeviceError::Quarantined { device, .. } => {
			format!("find the cause, then `mutirao-worker doctor --clear '{device}'`")
		}
		DeviceError::Suspect { .. } => {
			"it must not serve: it would cost stake. Update the driver, lower its clocks".into()
		}
		_ => "see the message".into(),
	};
	report.error(Failure::Device, about, error.to_string(), remedy);
}
