//! The draw: which workgroups are opened. Pure, so that simulations run this very code.

use alloc::vec::Vec;
use mutirao_types::{JobId, Steps, Workgroup};

/// What the draw knows of a pass.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Pass {
	/// How many workgroups it has.
	pub workgroups: u32,
	/// Steps that each of them declares.
	pub steps: Steps,
}

/// The seed of a job's draw: the BLAKE3 hash of the authors' VRF outputs, oldest first, the job's
/// number and the transcript's root.
pub fn seed(vrf_outputs: &[[u8; 32]], job: JobId, root: &[u8; 32]) -> [u8; 32] {
	seed_for(vrf_outputs, &job.to_le_bytes(), root)
}

/// The seed of a draw for anything: a job's subject is its number, 8 bytes, so others must have another
/// length.
pub fn seed_for(vrf_outputs: &[[u8; 32]], subject: &[u8], root: &[u8; 32]) -> [u8; 32] {
	let mut hasher = blake3::Hasher::new();
	hasher.update(b"mutirao draw");
	for output in vrf_outputs {
		hasher.update(output);
	}
	hasher.update(subject).update(root);
	hasher.finalize().into()
}

/// The sample of that index: one workgroup, with probability proportional to its declared steps, over
/// all passes. Samples are independent, so one workgroup may be drawn twice. `None` if nothing
/// declares a step.
///
/// The position is a 128-bit number modulo the declared steps, of which there are fewer than 2⁶⁴: no
/// workgroup is more or less likely by more than 2⁻⁶⁴ than it should be.
pub fn sample(seed: &[u8; 32], index: u8, passes: &[Pass]) -> Option<Workgroup> {
	let total: u128 = passes.iter().map(Pass::declared).sum();
	let hash = blake3::keyed_hash(seed, &[index]);
	let mut number = [0; 16];
	number.copy_from_slice(&hash.as_bytes()[..16]);
	let mut position = u128::from_le_bytes(number).checked_rem(total)?;
	for (pass, index) in passes.iter().zip(0u16..) {
		match position.checked_sub(pass.declared()) {
			Some(beyond) => position = beyond,
			None => {
				let number = position.checked_div(pass.steps.into())?;
				return Some(Workgroup { pass: index, number: u32::try_from(number).ok()? });
			}
		}
	}
	None
}

/// All samples of a job.
pub fn samples(seed: &[u8; 32], count: u8, passes: &[Pass]) -> Vec<Workgroup> {
	(0..count).filter_map(|index| sample(seed, index, passes)).collect()
}

impl Pass {
	fn declared(&self) -> u128 {
		u128::from(self.workgroups) * u128::from(self.steps)
	}
}
