//! Balances, fees, the treasury.

use crate::{
	constants::{
		currency::{EXISTENTIAL_DEPOSIT, MICRO_MUT},
		time::DAYS,
	},
	AccountId, Authorship, Balance, Balances, BlockNumber, Runtime, RuntimeEvent,
	RuntimeFreezeReason, RuntimeHoldReason, System,
};
use frame_support::{
	parameter_types,
	traits::{
		fungible::{Balanced, Credit},
		tokens::{imbalance::ResolveTo, PayFromAccount, UnityAssetBalanceConversion},
		ConstU128, ConstU32, ConstU8, Imbalance, OnUnbalanced, TypedGet, VariantCountOf,
	},
	weights::{
		constants::ExtrinsicBaseWeight, ConstantMultiplier, WeightToFeeCoefficient,
		WeightToFeeCoefficients, WeightToFeePolynomial,
	},
	PalletId,
};
use frame_system::{EnsureRoot, EnsureRootWithSuccess};
use pallet_transaction_payment::{FungibleAdapter, Multiplier, TargetedFeeAdjustment};
use sp_runtime::{
	traits::{AccountIdConversion, Bounded, IdentityLookup},
	FixedPointNumber, Perbill, Permill, Perquintill,
};

/// Fees of which the treasury takes this share; the block's author takes the rest, and all tips.
const TREASURY_FEE_PERCENT: u32 = 80;
/// What the smallest possible transaction pays for its execution, at an idle chain.
const BASE_FEE: Balance = 100 * MICRO_MUT;
/// What each byte of a transaction pays.
const BYTE_FEE: Balance = MICRO_MUT;

parameter_types! {
	pub const TreasuryPalletId: PalletId = PalletId(*b"mutitrsy");
	pub const MaxSpend: Balance = Balance::MAX;
	/// Half-full blocks keep fees where they are; fuller ones raise them.
	pub const TargetBlockFullness: Perquintill = Perquintill::from_percent(50);
	/// At most a factor of about 30 % a day at 3 s blocks.
	pub AdjustmentVariable: Multiplier = Multiplier::saturating_from_rational(1, 100_000);
	pub MinimumMultiplier: Multiplier = Multiplier::saturating_from_rational(1, 10);
	pub MaximumMultiplier: Multiplier = Bounded::max_value();
}

/// The account that fees, unpaid rewards and slashed stake go to.
pub struct TreasuryAccount;

impl TypedGet for TreasuryAccount {
	type Type = AccountId;
	fn get() -> AccountId {
		TreasuryPalletId::get().into_account_truncating()
	}
}

/// Execution time to planck, linear.
pub struct ExecutionFee;

impl WeightToFeePolynomial for ExecutionFee {
	type Balance = Balance;

	fn polynomial() -> WeightToFeeCoefficients<Balance> {
		let base_weight = Balance::from(ExtrinsicBaseWeight::get().ref_time());
		[WeightToFeeCoefficient {
			degree: 1,
			negative: false,
			coeff_frac: Perbill::from_rational(BASE_FEE % base_weight, base_weight),
			coeff_integer: BASE_FEE / base_weight,
		}]
		.into_iter()
		.collect()
	}
}

/// Splits fees between the treasury and the block's author.
pub struct FeeSplit;

impl OnUnbalanced<Credit<AccountId, Balances>> for FeeSplit {
	fn on_unbalanceds(mut fees_then_tips: impl Iterator<Item = Credit<AccountId, Balances>>) {
		let Some(fees) = fees_then_tips.next() else {
			return;
		};
		let (treasury, mut author) = fees.ration(TREASURY_FEE_PERCENT, 100 - TREASURY_FEE_PERCENT);
		if let Some(tips) = fees_then_tips.next() {
			author.subsume(tips);
		}
		ResolveTo::<TreasuryAccount, Balances>::on_unbalanced(treasury);
		match Authorship::author() {
			// What the author's account cannot hold (below the existential deposit) is burned.
			Some(account) => drop(Balances::resolve(&account, author)),
			None => ResolveTo::<TreasuryAccount, Balances>::on_unbalanced(author),
		}
	}
}

impl pallet_balances::Config for Runtime {
	type AccountStore = System;
	type Balance = Balance;
	type DoneSlashHandler = ();
	type DustRemoval = ();
	type ExistentialDeposit = ConstU128<EXISTENTIAL_DEPOSIT>;
	type FreezeIdentifier = RuntimeFreezeReason;
	type MaxFreezes = VariantCountOf<RuntimeFreezeReason>;
	type MaxLocks = ConstU32<50>;
	type MaxReserves = ConstU32<50>;
	type ReserveIdentifier = [u8; 8];
	type RuntimeEvent = RuntimeEvent;
	type RuntimeFreezeReason = RuntimeFreezeReason;
	type RuntimeHoldReason = RuntimeHoldReason;
	type WeightInfo = pallet_balances::weights::SubstrateWeight<Runtime>;
}

impl pallet_transaction_payment::Config for Runtime {
	type FeeMultiplierUpdate = TargetedFeeAdjustment<
		Self,
		TargetBlockFullness,
		AdjustmentVariable,
		MinimumMultiplier,
		MaximumMultiplier,
	>;
	type LengthToFee = ConstantMultiplier<Balance, ConstU128<BYTE_FEE>>;
	type OnChargeTransaction = FungibleAdapter<Balances, FeeSplit>;
	type OperationalFeeMultiplier = ConstU8<5>;
	type RuntimeEvent = RuntimeEvent;
	type WeightInfo = pallet_transaction_payment::weights::SubstrateWeight<Runtime>;
	type WeightToFee = ExecutionFee;
}

parameter_types! {
	pub const SpendPeriod: BlockNumber = DAYS;
	pub const PayoutPeriod: BlockNumber = 30 * DAYS;
	pub const Burn: Permill = Permill::zero();
}

impl pallet_treasury::Config for Runtime {
	type AssetKind = ();
	type BalanceConverter = UnityAssetBalanceConversion;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = ();
	type Beneficiary = AccountId;
	type BeneficiaryLookup = IdentityLookup<AccountId>;
	type BlockNumberProvider = System;
	type Burn = Burn;
	type BurnDestination = ();
	type Currency = Balances;
	type MaxApprovals = ConstU32<100>;
	type PalletId = TreasuryPalletId;
	type Paymaster = PayFromAccount<Balances, TreasuryAccount>;
	type PayoutPeriod = PayoutPeriod;
	type RejectOrigin = EnsureRoot<AccountId>;
	type RuntimeEvent = RuntimeEvent;
	type SpendFunds = ();
	type SpendOrigin = EnsureRootWithSuccess<AccountId, MaxSpend>;
	type SpendPeriod = SpendPeriod;
	type WeightInfo = pallet_treasury::weights::SubstrateWeight<Runtime>;
}
