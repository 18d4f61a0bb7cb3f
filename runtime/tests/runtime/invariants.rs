//! What must hold after any block.

use crate::chain::Chain;
use mutirao_runtime::{Attestations, Balances, Benchmarks, Jobs, Programs, Providers, Runtime};

/// Checks the market's pallets' own invariants, and that all money is somebody's.
#[track_caller]
pub(crate) fn check(chain: &mut Chain) {
	chain.run(|| {
		Programs::do_try_state().expect("programs");
		Providers::do_try_state().expect("providers");
		Jobs::do_try_state().expect("jobs");
		Attestations::do_try_state().expect("attestations");
		Benchmarks::do_try_state().expect("benchmarks");
		money();
	});
}

/// All accounts' money is the total issuance, and nobody has more on hold than is reserved.
#[track_caller]
fn money() {
	let mut total = 0;
	for (who, account) in frame_system::Account::<Runtime>::iter() {
		total += account.data.free + account.data.reserved;
		let held: u128 =
			pallet_balances::Holds::<Runtime>::get(&who).iter().map(|hold| hold.amount).sum();
		assert!(held <= account.data.reserved, "{who:?} has more on hold than reserved");
		assert!(
			account.consumers == 0 || account.providers > 0,
			"{who:?} is needed but nothing keeps it"
		);
	}
	assert_eq!(total, Balances::total_issuance(), "money appeared or vanished");
}
