//! A runtime with this pallet.

use crate as pallet_programs;
use frame_support::{
	derive_impl, parameter_types,
	traits::{fungible::HoldConsideration, ConstU32, Footprint, VariantCountOf},
};
use sp_runtime::{traits::Convert, BuildStorage};

type Block = frame_system::mocking::MockBlock<Test>;
pub(crate) type AccountId = u64;

pub(crate) const ANA: AccountId = 1;
pub(crate) const RUI: AccountId = 2;
/// What each of them has.
pub(crate) const MONEY: u64 = 1_000_000;
/// What is held for each entry, and for each byte of all of them.
pub(crate) const PER_ENTRY: u64 = 100;
pub(crate) const PER_BYTE: u64 = 2;

#[frame_support::runtime]
mod runtime {
	#[runtime::runtime]
	#[runtime::derive(
		RuntimeCall,
		RuntimeEvent,
		RuntimeError,
		RuntimeOrigin,
		RuntimeHoldReason,
		RuntimeFreezeReason,
		RuntimeTask,
		RuntimeViewFunction
	)]
	pub struct Test;

	#[runtime::pallet_index(0)]
	pub type System = frame_system::Pallet<Test>;
	#[runtime::pallet_index(1)]
	pub type Balances = pallet_balances::Pallet<Test>;
	#[runtime::pallet_index(2)]
	pub type Programs = pallet_programs::Pallet<Test>;
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type AccountData = pallet_balances::AccountData<u64>;
	type Block = Block;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
	type AccountStore = System;
	type RuntimeFreezeReason = RuntimeFreezeReason;
	type FreezeIdentifier = RuntimeFreezeReason;
	type MaxFreezes = VariantCountOf<RuntimeFreezeReason>;
}

parameter_types! {
	pub const RentReason: RuntimeHoldReason =
		RuntimeHoldReason::Programs(pallet_programs::HoldReason::Storage);
}

pub struct Deposit;

impl Convert<Footprint, u64> for Deposit {
	fn convert(place: Footprint) -> u64 {
		place.count * PER_ENTRY + place.size * PER_BYTE
	}
}

impl pallet_programs::Config for Test {
	type MaxTerms = ConstU32<4_096>;
	type Rent = HoldConsideration<AccountId, Balances, RentReason, Deposit>;
	type WeightInfo = ();
}

/// Runs a test on a fresh chain, and checks the invariants after it.
pub(crate) fn run(test: impl FnOnce()) {
	externalities().execute_with(|| {
		System::set_block_number(1);
		test();
		Programs::do_try_state().expect("the invariants hold");
	});
}

pub(crate) fn externalities() -> sp_io::TestExternalities {
	RuntimeGenesisConfig {
		balances: pallet_balances::GenesisConfig {
			balances: vec![(ANA, MONEY), (RUI, MONEY)],
			..Default::default()
		},
		..Default::default()
	}
	.build_storage()
	.expect("genesis builds")
	.into()
}

pub(crate) fn held(who: AccountId) -> u64 {
	use frame_support::traits::fungible::InspectHold;
	Balances::balance_on_hold(&RentReason::get(), &who)
}
