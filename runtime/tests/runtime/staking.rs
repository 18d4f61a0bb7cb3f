//! Becoming a validator, being elected, earning; cheating, being slashed.

use crate::chain::Chain;
use finality_grandpa::{Equivocation, Prevote};
use frame_support::traits::KeyOwnerProofSystem;
use mutirao_runtime::{
	constants::{currency::MUT, time::SLASH_DEFER_ERAS},
	BlockNumber, Hash, Historical, Runtime, RuntimeEvent, Session, Staking,
};
use pallet_staking::{Forcing, RewardDestination, ValidatorPrefs};
use sp_consensus_babe::EquivocationProof;
use sp_core::{crypto::ByteArray, ed25519, Pair};
use sp_keyring::Sr25519Keyring::{Alice, Bob, Eve, Ferdie};
use sp_runtime::Perbill;

fn bond(value: u128) -> pallet_staking::Call<Runtime> {
	pallet_staking::Call::bond { value, payee: RewardDestination::Stash }
}

/// Eve registers keys and asks to validate; Ferdie nominates her.
fn eve_validates(chain: &mut Chain) {
	chain.ok(Eve, bond(20_000 * MUT));
	let (keys, proof) = chain.session_keys(&Eve.to_account_id(), "Eve");
	chain.ok(Eve, pallet_session::Call::<Runtime>::set_keys { keys, proof });
	let prefs = ValidatorPrefs { commission: Perbill::from_percent(10), blocked: false };
	chain.ok(Eve, pallet_staking::Call::<Runtime>::validate { prefs });
	chain.ok(Ferdie, bond(30_000 * MUT));
	let targets = vec![Eve.to_account_id().into()];
	chain.ok(Ferdie, pallet_staking::Call::<Runtime>::nominate { targets });
}

#[test]
fn set_keys_fails_without_proof_of_ownership() {
	let mut chain = Chain::local();
	let (keys, _) = chain.session_keys(&Eve.to_account_id(), "Eve");
	// Keys of Eve's, a proof made for Ferdie: whoever copies another's public keys has only that.
	let (_, proof) = chain.session_keys(&Ferdie.to_account_id(), "Eve");
	let outcome = chain.call(Eve, pallet_session::Call::<Runtime>::set_keys { keys, proof });
	assert_eq!(outcome, Err(pallet_session::Error::<Runtime>::InvalidProof.into()));
}

#[test]
fn a_nominated_candidate_is_elected_and_both_are_paid() {
	let mut chain = Chain::local();
	eve_validates(&mut chain);
	chain.until_next_era();
	let validators = chain.run(Session::validators);
	assert!(validators.contains(&Eve.to_account_id()), "Eve has the largest backing");
	assert_eq!(validators.len(), 4);

	let earning_era = chain.run(|| Staking::active_era().unwrap().index);
	chain.until_next_era();
	let (eve, ferdie, issuance) = (chain.total(Eve), chain.total(Ferdie), chain.issuance());
	let payout = pallet_staking::Call::<Runtime>::payout_stakers {
		validator_stash: Eve.to_account_id(),
		era: earning_era,
	};
	chain.ok(Alice, payout);
	let (eve, ferdie) = (chain.total(Eve) - eve, chain.total(Ferdie) - ferdie);
	let paid: u128 = chain
		.events()
		.into_iter()
		.filter_map(|event| match event {
			RuntimeEvent::Staking(pallet_staking::Event::Rewarded { amount, .. }) => Some(amount),
			_ => None,
		})
		.sum();
	assert!(eve > 0 && ferdie > 0);
	// Commission first; the rest in proportion to 20,000 and 30,000 at stake. Each share is rounded.
	let expected_ferdie = paid * 9 / 10 * 3 / 5;
	assert!(ferdie.abs_diff(expected_ferdie) <= expected_ferdie / 1_000_000);
	assert_eq!(chain.issuance() - issuance, paid, "rewards are the only new money");
}

#[test]
fn stake_is_on_hold_and_cannot_be_transferred() {
	let mut chain = Chain::local();
	chain.ok(Eve, bond(20_000 * MUT));
	assert_eq!(chain.staked(Eve), 20_000 * MUT);
	let everything = pallet_balances::Call::<Runtime>::transfer_all {
		dest: Ferdie.to_account_id().into(),
		keep_alive: true,
	};
	chain.ok(Eve, everything);
	assert!(chain.total(Eve) >= 20_000 * MUT);
}

#[test]
fn an_equivocation_is_reported_and_slashed_once() {
	let mut chain = Chain::local();
	let (offender, slot) = chain.next_author();
	let (first_header, second_header) = (chain.sealed_header(1), chain.sealed_header(2));
	let key = sp_consensus_babe::AuthorityId::from_slice(&offender.0).unwrap();
	let key_owner_proof = chain
		.run(|| Historical::prove((sp_consensus_babe::KEY_TYPE, key.clone())))
		.expect("the offender is a validator");
	let report = pallet_babe::Call::<Runtime>::report_equivocation {
		equivocation_proof: Box::new(EquivocationProof {
			offender: key,
			slot,
			first_header,
			second_header,
		}),
		key_owner_proof,
	};
	// The offender is whoever owns the next slot; it is one of the four.
	let validator =
		[Alice, Bob, sp_keyring::Sr25519Keyring::Charlie, sp_keyring::Sr25519Keyring::Dave]
			.into_iter()
			.find(|who| who.public() == offender)
			.expect("a validator of the local chain");
	let staked = chain.staked(validator);
	chain.silence(offender);
	chain.ok(Eve, report.clone());
	let reported = chain.events().into_iter().any(|event| {
		matches!(event, RuntimeEvent::Offences(pallet_offences::Event::Offence { .. }))
	});
	assert!(reported);

	// The same offence cannot be reported twice.
	let again = chain.call(Eve, report);
	assert_eq!(again, Err(pallet_babe::Error::<Runtime>::DuplicateOffenceReport.into()));

	// The slash waits until governance can no longer cancel it, then takes the stake.
	chain.sudo(pallet_staking::Call::<Runtime>::force_new_era_always {});
	chain.run(|| assert_eq!(pallet_staking::ForceEra::<Runtime>::get(), Forcing::ForceAlways));
	let issuance = chain.issuance();
	let treasury = chain.treasury();
	for _ in 0..SLASH_DEFER_ERAS + 3 {
		chain.until_next_era();
	}
	let slashed = staked - chain.staked(validator);
	assert!(slashed > 0, "the offender's stake is gone");
	assert!(chain.treasury() >= treasury + slashed * 8 / 10, "the treasury has what was taken");
	assert!(chain.issuance() >= issuance, "a slash moves money and burns none");
}

/// Two votes for one round of finality, both signed by Bob.
fn double_vote(set_id: u64) -> sp_consensus_grandpa::EquivocationProof<Hash, BlockNumber> {
	const ROUND: u64 = 1;
	let bob = ed25519::Pair::from_string("//Bob", None).unwrap();
	let vote = |target: u8| {
		let vote = Prevote { target_hash: Hash::repeat_byte(target), target_number: 1 };
		let message = finality_grandpa::Message::Prevote(vote.clone());
		let payload = sp_consensus_grandpa::localized_payload(ROUND, set_id, &message);
		(vote, bob.sign(&payload).into())
	};
	let equivocation = Equivocation {
		round_number: ROUND,
		identity: bob.public().into(),
		first: vote(1),
		second: vote(2),
	};
	sp_consensus_grandpa::EquivocationProof::new(
		set_id,
		sp_consensus_grandpa::Equivocation::Prevote(equivocation),
	)
}

#[test]
fn a_double_vote_on_finality_is_reported_and_to_be_slashed() {
	let mut chain = Chain::local();
	let proof = double_vote(chain.run(pallet_grandpa::CurrentSetId::<Runtime>::get));
	let key = (sp_consensus_grandpa::KEY_TYPE, proof.offender().clone());
	let key_owner_proof = chain.run(|| Historical::prove(key)).expect("Bob is a validator");
	let report = pallet_grandpa::Call::<Runtime>::report_equivocation {
		equivocation_proof: Box::new(proof),
		key_owner_proof,
	};
	chain.ok(Eve, report);
	let slash = chain.events().into_iter().find_map(|event| match event {
		RuntimeEvent::Staking(pallet_staking::Event::SlashReported {
			validator, fraction, ..
		}) => Some((validator, fraction)),
		_ => None,
	});
	// One of four validators: (3 × 1/4)² of its stake.
	assert_eq!(slash, Some((Bob.to_account_id(), Perbill::from_rational(9u32, 16))));
}

#[test]
fn a_false_equivocation_report_is_refused() {
	let mut chain = Chain::local();
	let (offender, slot) = chain.next_author();
	let header = chain.sealed_header(1);
	let key = sp_consensus_babe::AuthorityId::from_slice(&offender.0).unwrap();
	let key_owner_proof =
		chain.run(|| Historical::prove((sp_consensus_babe::KEY_TYPE, key.clone()))).unwrap();
	let report = pallet_babe::Call::<Runtime>::report_equivocation {
		equivocation_proof: Box::new(EquivocationProof {
			offender: key,
			slot,
			// Twice the same header is no equivocation.
			first_header: header.clone(),
			second_header: header,
		}),
		key_owner_proof,
	};
	let outcome = chain.call(Eve, report);
	assert_eq!(outcome, Err(pallet_babe::Error::<Runtime>::InvalidEquivocationProof.into()));
}
