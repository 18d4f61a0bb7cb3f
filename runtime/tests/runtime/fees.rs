//! Transactions as users send them: signed, paid for, refused.

use crate::chain::{extension, sign_now, through_the_wire, Chain};
use codec::Encode;
use frame_support::{
	assert_ok,
	dispatch::{DispatchClass, GetDispatchInfo},
	traits::Get,
};
use mutirao_runtime::{
	configs::RuntimeBlockWeights,
	constants::{
		currency::{EXISTENTIAL_DEPOSIT, MUT, TOKEN_DECIMALS, TOKEN_SYMBOL},
		SS58_PREFIX,
	},
	Executive, Runtime, RuntimeCall, RuntimeEvent, SignedPayload, TransactionPayment,
	UncheckedExtrinsic, VERSION,
};
use sp_keyring::Sr25519Keyring::{Alice, Bob, Eve};
use sp_runtime::{
	transaction_validity::{InvalidTransaction, TransactionSource, TransactionValidityError},
	MultiSignature,
};

fn transfer(value: u128) -> RuntimeCall {
	pallet_balances::Call::transfer_keep_alive { dest: Bob.to_account_id().into(), value }.into()
}

fn refusal(chain: &mut Chain, extrinsic: UncheckedExtrinsic) -> TransactionValidityError {
	chain
		.run(|| {
			let source = TransactionSource::External;
			Executive::validate_transaction(source, extrinsic, Default::default())
		})
		.expect_err("the transaction must be refused")
}

#[test]
fn a_transfer_moves_money_and_its_fee_goes_to_treasury_and_author() {
	let mut chain = Chain::local();
	let (alice, bob, issuance) = (chain.total(Alice), chain.total(Bob), chain.issuance());
	let treasury = chain.treasury();
	// Eve signs, so that neither author nor receiver pays the fee.
	let eve = chain.total(Eve);
	chain.ok(Eve, transfer(5 * MUT));
	let fee = chain
		.events()
		.into_iter()
		.find_map(|event| match event {
			RuntimeEvent::TransactionPayment(
				pallet_transaction_payment::Event::TransactionFeePaid { actual_fee, .. },
			) => Some(actual_fee),
			_ => None,
		})
		.expect("a fee was paid");
	assert!(fee > 0);
	assert_eq!(chain.total(Eve), eve - 5 * MUT - fee);
	assert_eq!(chain.treasury() - treasury, fee * 80 / 100);
	assert_eq!(chain.issuance(), issuance, "fees neither mint nor burn");
	let validators: u128 = [Alice, Bob].into_iter().map(|who| chain.total(who)).sum();
	assert!(validators >= alice + bob + 5 * MUT);
}

#[test]
fn a_tip_goes_to_the_author_alone() {
	let mut chain = Chain::local();
	let treasury = chain.treasury();
	let plain = chain.run(|| sign_now(Eve, transfer(MUT), 0));
	chain.next_block(vec![plain]);
	let without_tip = chain.treasury() - treasury;
	let tipped = chain.run(|| sign_now(Eve, transfer(MUT), MUT));
	chain.next_block(vec![tipped]);
	let with_tip = chain.treasury() - treasury - without_tip;
	// The fee itself moves by the multiplier's step between two blocks, a tip is far larger.
	assert!(with_tip < without_tip + MUT / 1000, "{with_tip} against {without_tip}");
}

#[test]
fn what_is_encoded_is_what_is_decoded() {
	let mut chain = Chain::local();
	let extrinsic = chain.sign(Eve, transfer(MUT));
	let wired = through_the_wire(extrinsic.clone());
	assert_eq!(wired.encode(), extrinsic.encode());
	assert_ok!(chain.next_block(vec![wired]).remove(0));
}

#[test]
fn a_used_nonce_is_refused_as_stale_and_a_gap_waits() {
	let mut chain = Chain::local();
	let first = chain.sign(Eve, transfer(MUT));
	chain.next_block(vec![first.clone()]);
	assert_eq!(refusal(&mut chain, first), InvalidTransaction::Stale.into());
}

#[test]
fn a_signature_over_other_bytes_is_refused() {
	let mut chain = Chain::local();
	let signed = chain.run(|| {
		let extension = extension(0, 0, false);
		let payload = SignedPayload::new(transfer(MUT), extension).unwrap();
		let signature = payload.using_encoded(|bytes| Eve.sign(bytes));
		let (_, extension, _) = payload.deconstruct();
		UncheckedExtrinsic::new_signed(
			transfer(2 * MUT),
			Eve.to_account_id().into(),
			MultiSignature::Sr25519(signature),
			extension,
		)
	});
	assert_eq!(refusal(&mut chain, signed), InvalidTransaction::BadProof.into());
}

#[test]
fn who_cannot_pay_is_refused() {
	let mut chain = Chain::local();
	let stranger = sp_keyring::Sr25519Keyring::One;
	let extrinsic = chain.sign(stranger, transfer(EXISTENTIAL_DEPOSIT));
	assert_eq!(refusal(&mut chain, extrinsic), InvalidTransaction::Payment.into());
}

#[test]
fn an_extrinsic_larger_than_a_block_is_refused() {
	let mut chain = Chain::local();
	let remark = vec![0; 4 * 1024 * 1024];
	let extrinsic = chain.sign(Eve, frame_system::Call::<Runtime>::remark { remark });
	assert_eq!(refusal(&mut chain, extrinsic), InvalidTransaction::ExhaustsResources.into());
}

#[test]
fn metadata_hash_mode_is_refused_by_a_runtime_built_without_it() {
	let mut chain = Chain::local();
	let signed = chain.run(|| {
		let payload = SignedPayload::from_raw(
			transfer(MUT),
			extension(0, 0, true),
			(
				(),
				(),
				VERSION.spec_version,
				VERSION.transaction_version,
				mutirao_runtime::System::block_hash(0),
				mutirao_runtime::System::block_hash(0),
				(),
				(),
				(),
				Some([7; 32]),
				(),
			),
		);
		let signature = payload.using_encoded(|bytes| Eve.sign(bytes));
		let (call, extension, _) = payload.deconstruct();
		UncheckedExtrinsic::new_signed(
			call,
			Eve.to_account_id().into(),
			MultiSignature::Sr25519(signature),
			extension,
		)
	});
	assert_eq!(
		refusal(&mut chain, signed),
		sp_runtime::transaction_validity::UnknownTransaction::CannotLookup.into()
	);
}

#[test]
fn a_block_takes_many_transfers_but_not_more_than_its_weight() {
	let weights = RuntimeBlockWeights::get();
	let normal = weights.get(DispatchClass::Normal);
	let info = transfer(MUT).get_dispatch_info();
	let each = info.call_weight + normal.base_extrinsic;
	let fit = normal.max_total.unwrap().ref_time() / each.ref_time();
	assert!((500..50_000).contains(&fit), "{fit} transfers fit into one block");
}

#[test]
fn an_empty_chain_charges_less_than_a_hundredth_of_a_token_for_a_transfer() {
	let mut chain = Chain::local();
	let extrinsic = chain.sign(Eve, transfer(MUT));
	let len = extrinsic.encoded_size() as u32;
	let fee = chain.run(|| TransactionPayment::query_info(extrinsic, len).partial_fee);
	assert!((MUT / 100_000..MUT / 100).contains(&fee), "{fee} planck");
}

#[test]
fn token_and_address_format_are_the_same_everywhere() {
	let prefix: u16 = <Runtime as frame_system::Config>::SS58Prefix::get();
	assert_eq!(prefix, SS58_PREFIX);
	assert_eq!((TOKEN_SYMBOL, TOKEN_DECIMALS), ("MUT", 12));
	assert_eq!(MUT, 10u128.pow(12));
}
