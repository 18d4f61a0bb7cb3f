//! Doubles: no jobs, and time and randomness that tests move.

use super::{AccountId, System};
use frame_support::{
	parameter_types,
	traits::{Contains, Get, Time},
};
use mutirao_traits::{Clock, Jobs};
use mutirao_types::{
	ActiveBlock, ActiveBlocks, BufferId, FaultKind, Job, JobId, RefundReason, SlashReport,
};
use sp_runtime::{DispatchError, DispatchResult};

// In storage: it goes back when a call fails.
parameter_types! {
	/// Active blocks.
	pub(crate) storage Active: ActiveBlock = 0;
	/// The present block's timestamp.
	pub(crate) storage Millis: u64 = 1_000_000;
	/// Other salt, other randomness.
	pub(crate) storage Salt: u64 = 0;
	/// Whether authors give no randomness.
	pub(crate) storage Silent: bool = false;
}

pub struct TestKeys;

impl Contains<(AccountId, AccountId)> for TestKeys {
	fn contains(pair: &(AccountId, AccountId)) -> bool {
		*pair == (super::PIA, super::PIAS_KEY)
	}
}

pub struct TestClock;

impl Clock for TestClock {
	fn now() -> ActiveBlock {
		Active::get()
	}
}

pub struct TestTime;

impl Time for TestTime {
	type Moment = u64;

	fn now() -> u64 {
		Millis::get()
	}
}

pub struct TestVrf;

impl Get<Option<[u8; 32]>> for TestVrf {
	fn get() -> Option<[u8; 32]> {
		let last = System::block_number().saturating_sub(1);
		(!Silent::get()).then(|| vrf(Salt::get(), last))
	}
}

/// The VRF output of a block.
pub(crate) fn vrf(salt: u64, block: u64) -> [u8; 32] {
	let bytes = [salt.to_le_bytes(), block.to_le_bytes()].concat();
	BufferId::of(&bytes).hash
}

/// Nobody posts jobs here.
pub struct NoJobs;

impl Jobs<AccountId, u64> for NoJobs {
	fn job(_: JobId) -> Option<Job<AccountId, u64>> {
		None
	}

	fn attested(_: JobId, _: &AccountId, _: ActiveBlocks) -> DispatchResult {
		Err("no jobs".into())
	}

	fn postponed(_: JobId, _: ActiveBlocks) -> DispatchResult {
		Err("no jobs".into())
	}

	fn audited(_: JobId) -> DispatchResult {
		Err("no jobs".into())
	}

	fn extended(_: JobId, _: ActiveBlocks) -> DispatchResult {
		Err("no jobs".into())
	}

	fn refunded(
		_: JobId,
		_: RefundReason,
		_: Option<&AccountId>,
	) -> Result<SlashReport<u64>, DispatchError> {
		Err("no jobs".into())
	}

	fn faulted(_: JobId, _: FaultKind) -> DispatchResult {
		Err("no jobs".into())
	}
}

#[cfg(feature = "runtime-benchmarks")]
mod helper {
	use super::{vrf, AccountId};
	use crate::mock::{Programs, Test, ANA, DRAW, PIA, RING};
	use mutirao_types::{BufferId, JobId, OfferId, ProgramId};

	pub struct TestHelper;

	impl crate::BenchmarkHelper<AccountId, u64> for TestHelper {
		fn register(code: Vec<u8>) -> ProgramId {
			let id = BufferId::of(&code).hash;
			if !pallet_programs::Programs::<Test>::contains_key(id) {
				let code = code.try_into().expect("it is short");
				Programs::register(frame_system::RawOrigin::Signed(ANA).into(), code)
					.expect("it is a program");
			}
			id
		}

		fn offer() -> (AccountId, OfferId) {
			(PIA, crate::mock::device::offered(PIA))
		}

		fn worker_key(_: &AccountId) -> AccountId {
			crate::mock::PIAS_KEY
		}

		fn give_vrf_output(_: [u8; 32]) {}

		fn give_outputs_after(block: u64) {
			for block in block + 1..=block + u64::from(DRAW) {
				let entry = pallet_attestations::RingEntry { block, output: vrf(0, block) };
				let place = (block % u64::from(RING)) as u32;
				pallet_attestations::Ring::<Test>::insert(place, entry);
			}
		}
	}

	impl pallet_attestations::BenchmarkHelper<AccountId> for TestHelper {
		fn fund(_: &AccountId) {}

		fn give_vrf_output() {}

		fn register(code: Vec<u8>) {
			<Self as crate::BenchmarkHelper<AccountId, u64>>::register(code);
		}

		fn worker_key(_: &AccountId) -> AccountId {
			crate::mock::PIAS_KEY
		}

		fn running_job(_: ProgramId, _: Vec<u32>, _: Vec<BufferId>) -> (JobId, AccountId) {
			(0, PIA)
		}
	}
}
#[cfg(feature = "runtime-benchmarks")]
pub use helper::TestHelper;
