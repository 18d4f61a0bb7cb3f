//! The worker's own doubt: random workgroups of a result, run again on the VM, before anything is
//! attested. It is what saves a provider's stake from a driver that is silently wrong.

use std::time::{Duration, Instant};

use mutirao_machine_core::Summary;
use mutirao_machine_prover::{Checked, Computed, Error};
use mutirao_types::Workgroup;

/// How much is checked.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SelfCheck {
	/// Workgroups that are drawn, each as likely as the steps that it declares. One is run whatever
	/// the budget. 0: none, for workers that must lie in a test.
	pub samples: u32,
	/// No further workgroup is started after so long.
	pub budget: Duration,
}

impl Default for SelfCheck {
	/// As many as a buyer draws by default, and as many more.
	fn default() -> Self {
		Self { samples: 8, budget: Duration::from_secs(20) }
	}
}

/// Runs random workgroups of all passes again and compares: wrong words are the device's fault, a fault is
/// the program's, and does not hide what is wrong elsewhere. The seed should be secret: whoever knows it
/// could be wrong elsewhere. Blocks; the time is the VM's for so many workgroups.
///
/// # Errors
///
/// If a buffer's bytes are not those that were hashed, which no attestation must follow, or the run
/// cannot be made.
pub fn self_check(computed: &Computed, options: &SelfCheck, seed: u64) -> Result<Checked, Error> {
	let mut random = fastrand::Rng::with_seed(seed);
	let start = Instant::now();
	let is_in_budget = |at: &u32| *at == 0 || start.elapsed() < options.budget;
	let drawn = (0..options.samples).take_while(is_in_budget);
	computed.check_all(drawn.map(|_| draw(computed.summary(), &mut random)))
}

/// Draws a workgroup, each as likely as the steps that it declares.
pub(crate) fn draw(summary: &Summary, random: &mut fastrand::Rng) -> Workgroup {
	let mut step = random.u64(..summary.declared_steps.max(1));
	for (number, pass) in (0u16..).zip(&summary.passes) {
		let steps = pass.fuel.saturating_mul(pass.workgroup_count.into());
		if step < steps {
			// Below the count of workgroups.
			return Workgroup { pass: number, number: (step / pass.fuel) as u32 };
		}
		step -= steps;
	}
	Workgroup { pass: 0, number: 0 }
}
