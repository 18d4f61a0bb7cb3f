//! Why a worker cannot serve.

use crate::status::{DeviceStatus, Status};

use std::time::Duration;

/// The chain is taken to stand still when nothing became final for so long.
const STALE: Duration = Duration::from_secs(60);

/// Why the worker cannot serve.
pub(super) fn problems(status: &Status) -> Vec<String> {
	let mut problems = Vec::new();
	let age = Duration::from_secs(status.finality_age_s.unwrap_or(0));
	if age > STALE {
		problems.push(format!("no block became final for {} s", age.as_secs()));
	}
	match &status.registered {
		None => problems.push("the provider is not registered".into()),
		Some(provider) if provider.state != "active" => {
			problems.push(format!("the provider is {}", provider.state));
		}
		Some(_) => {}
	}
	let serves =
		|device: &&DeviceStatus| device.offer_state == "active" && device.state != "quarantined";
	if !status.devices.iter().any(|device| serves(&device)) {
		problems.push("no device serves: each is in quarantine, or its offer is not active".into());
	}
	for job in status.jobs.iter().filter(|job| job.slack_blocks < 0 && job.stage != "contestable") {
		problems.push(format!("job {}: too late to {}", job.job, job.duty));
	}
	problems
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn a_worker_without_a_fit_device_or_a_chain_is_not_healthy() {
		let registered = crate::status::Registered {
			state: "active".into(),
			free_at: None,
			stake_planck: Default::default(),
			earmarked_planck: Default::default(),
			endpoint: String::new(),
			reputation_ppm: None,
		};
		let device = crate::status::DeviceStatus {
			state: "idle".into(),
			offer_state: "active".into(),
			..Default::default()
		};
		let healthy = Status {
			registered: Some(registered),
			devices: vec![device.clone()],
			finality_age_s: Some(9),
			..Status::default()
		};
		assert_eq!(problems(&healthy), [""; 0]);
		let sick = |change: &dyn Fn(&mut Status)| {
			let mut status = healthy.clone();
			change(&mut status);
			problems(&status).len()
		};
		assert_eq!(sick(&|status| status.finality_age_s = Some(61)), 1);
		assert_eq!(sick(&|status| status.registered = None), 1);
		assert_eq!(sick(&|status| status.devices[0].state = "quarantined".into()), 1);
		assert_eq!(sick(&|status| status.devices[0].offer_state = "paused".into()), 1);
	}
}
