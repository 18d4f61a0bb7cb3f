//! Proxies, emergency brakes, and who may not use them.

use crate::chain::Chain;
use frame_support::traits::{Contains, InstanceFilter};
use mutirao_runtime::{
	configs::ProxyType, constants::currency::MUT, Providers, Runtime, RuntimeCall, RuntimeEvent,
	SafeMode,
};
use mutirao_types::OfferTerms;
use sp_keyring::Sr25519Keyring::{Bob, Eve, Ferdie};
use sp_runtime::DispatchError;

fn transfer() -> RuntimeCall {
	pallet_balances::Call::transfer_keep_alive { dest: Bob.to_account_id().into(), value: MUT }
		.into()
}

fn batch(calls: Vec<RuntimeCall>) -> RuntimeCall {
	pallet_utility::Call::batch_all { calls }.into()
}

fn add_proxy(chain: &mut Chain, proxy_type: ProxyType) {
	let call = pallet_proxy::Call::<Runtime>::add_proxy {
		delegate: Ferdie.to_account_id().into(),
		proxy_type,
		delay: 0,
	};
	chain.ok(Eve, call);
}

/// What became of `call`, made by Ferdie in Eve's name.
fn by_proxy(chain: &mut Chain, call: RuntimeCall) -> Result<(), DispatchError> {
	let proxied = pallet_proxy::Call::<Runtime>::proxy {
		real: Eve.to_account_id().into(),
		force_proxy_type: None,
		call: Box::new(call),
	};
	chain.ok(Ferdie, proxied);
	chain
		.events()
		.into_iter()
		.find_map(|event| match event {
			RuntimeEvent::Proxy(pallet_proxy::Event::ProxyExecuted { result }) => Some(result),
			_ => None,
		})
		.expect("the proxy ran")
}

#[test]
fn a_workers_hot_key_cannot_move_money() {
	let mut chain = Chain::local();
	add_proxy(&mut chain, ProxyType::Worker);
	let filtered = Err(frame_system::Error::<Runtime>::CallFiltered.into());
	let eve = chain.total(Eve);
	assert_eq!(by_proxy(&mut chain, transfer()), filtered);
	assert_eq!(chain.total(Eve), eve);
	// Nor inside a batch: the batch is allowed, the transfer in it is not.
	assert_eq!(by_proxy(&mut chain, batch(vec![transfer()])), filtered);
	assert_eq!(chain.total(Eve), eve);
	// Nor by giving the key more rights.
	let escalate = pallet_proxy::Call::add_proxy {
		delegate: Ferdie.to_account_id().into(),
		proxy_type: ProxyType::Any,
		delay: 0,
	};
	assert_eq!(by_proxy(&mut chain, escalate.into()), filtered);
	// Nor by acting as another account or origin.
	let as_derivative =
		pallet_utility::Call::as_derivative { index: 0, call: Box::new(transfer()) };
	assert_eq!(by_proxy(&mut chain, as_derivative.into()), filtered);
}

/// Whoever steals it can accept jobs, but not raise what one of them may cost the provider.
#[test]
fn a_workers_hot_key_cannot_set_terms() {
	let mut chain = Chain::local();
	chain.ok(Eve, crate::market::register(200 * MUT));
	let terms = OfferTerms {
		price_per_gigastep: MUT,
		minimum_price: MUT,
		maximum_price: 2 * MUT,
		capacity: 1,
		expires: 1_000,
	};
	let device = crate::market::device();
	let post = pallet_providers::Call::post_offer { device, terms: terms.clone() };
	chain.ok(Eve, post.clone());
	let raised = OfferTerms { maximum_price: 100 * MUT, ..terms.clone() };
	let change = pallet_providers::Call::change_offer { offer: 0, terms: raised };
	let filtered = Err(frame_system::Error::<Runtime>::CallFiltered.into());
	add_proxy(&mut chain, ProxyType::Worker);
	for call in [post.into(), change.into()] {
		assert_eq!(by_proxy(&mut chain, RuntimeCall::clone(&call)), filtered);
		assert_eq!(by_proxy(&mut chain, batch(vec![call])), filtered);
	}
	assert_eq!(
		by_proxy(&mut chain, pallet_providers::Call::pause_offer { offer: 0 }.into()),
		Ok(())
	);
	// What was paused for the stake's sake only its owner resumes.
	let resume = pallet_providers::Call::resume_offer { offer: 0 };
	assert_eq!(by_proxy(&mut chain, resume.into()), filtered);
	let offer = chain.run(|| Providers::offer(0)).expect("it was posted");
	assert_eq!((offer.terms, chain.run(|| Providers::offer(1))), (terms, None));
}

#[test]
fn a_staking_proxy_can_bond_but_not_transfer() {
	let mut chain = Chain::local();
	add_proxy(&mut chain, ProxyType::Staking);
	let bond = pallet_staking::Call::bond {
		value: 1_000 * MUT,
		payee: pallet_staking::RewardDestination::Stash,
	};
	assert_eq!(by_proxy(&mut chain, bond.into()), Ok(()));
	assert!(by_proxy(&mut chain, transfer()).is_err());
}

#[test]
fn no_limited_proxy_type_passes_a_transfer() {
	let transfers: [RuntimeCall; 4] = [
		transfer(),
		pallet_balances::Call::transfer_all { dest: Bob.to_account_id().into(), keep_alive: false }
			.into(),
		pallet_sudo::Call::sudo { call: Box::new(transfer()) }.into(),
		pallet_multisig::Call::as_multi_threshold_1 {
			other_signatories: vec![Bob.to_account_id()],
			call: Box::new(transfer()),
		}
		.into(),
	];
	for proxy_type in [ProxyType::NonTransfer, ProxyType::Staking, ProxyType::Worker] {
		for call in &transfers {
			assert!(!proxy_type.filter(call), "{proxy_type:?} passes {call:?}");
		}
		assert!(!proxy_type.is_superset(&ProxyType::Any));
	}
}

#[test]
fn safe_mode_stops_transfers_and_only_root_starts_and_ends_it() {
	let mut chain = Chain::local();
	assert!(chain.call(Eve, pallet_safe_mode::Call::<Runtime>::enter {}).is_err());
	assert_eq!(
		chain.call(Eve, pallet_safe_mode::Call::<Runtime>::force_enter {}),
		Err(DispatchError::BadOrigin)
	);
	chain.sudo(pallet_safe_mode::Call::<Runtime>::force_enter {});
	assert!(chain.run(SafeMode::is_entered));
	assert_eq!(
		chain.call(Eve, transfer()),
		Err(frame_system::Error::<Runtime>::CallFiltered.into())
	);
	chain.sudo(pallet_safe_mode::Call::<Runtime>::force_exit {});
	chain.ok(Eve, transfer());
}

#[test]
fn a_paused_call_fails_and_the_brakes_themselves_cannot_be_paused() {
	let mut chain = Chain::local();
	let name = |pallet: &str, call: &str| {
		(
			pallet.as_bytes().to_vec().try_into().unwrap(),
			call.as_bytes().to_vec().try_into().unwrap(),
		)
	};
	chain.sudo(pallet_tx_pause::Call::<Runtime>::pause {
		full_name: name("Balances", "transfer_keep_alive"),
	});
	assert!(chain.call(Eve, transfer()).is_err());
	chain.sudo(pallet_tx_pause::Call::<Runtime>::unpause {
		ident: name("Balances", "transfer_keep_alive"),
	});
	chain.ok(Eve, transfer());
	let brakes = [("Sudo", "sudo"), ("Timestamp", "set"), ("System", "set_code")];
	// What meets deadlines, and how hot keys send it.
	let duties = [("Attestations", "open"), ("Proxy", "proxy"), ("Utility", "batch_all")];
	for (pallet, call) in brakes.into_iter().chain(duties) {
		assert!(mutirao_runtime::configs::UnpausableCalls::contains(&name(pallet, call)));
	}
}

#[test]
fn sudo_obeys_its_key_alone() {
	let mut chain = Chain::local();
	let call = Box::new(frame_system::Call::set_heap_pages { pages: 64 }.into());
	let outcome = chain.call(Bob, pallet_sudo::Call::<Runtime>::sudo { call });
	assert!(outcome.is_err());
	chain.sudo(frame_system::Call::<Runtime>::set_heap_pages { pages: 64 });
}
