//! Coming and staying.

use super::*;

#[test]
fn register_holds_the_stake_and_publishes_the_endpoint_works() {
	run(|| {
		let endpoint = url("https://pia.example:9955/data");
		assert_ok!(Providers::register(by(PIA), STAKE, endpoint.clone()));
		assert_eq!((staked(PIA), free(PIA)), (STAKE, MONEY - STAKE));
		let record = Provider {
			stake: STAKE,
			earmarked: 0,
			open_jobs: 0,
			offers: 0,
			endpoint: endpoint.clone(),
			state: ProviderState::Active,
			reputation: Reputation::default(),
		};
		assert_eq!(pia(), record);
		System::assert_last_event(
			Event::Registered { provider: PIA, stake: STAKE, endpoint }.into(),
		);
	});
}

#[test]
fn register_with_the_least_stake_works_and_with_less_fails() {
	run(|| {
		assert_noop!(
			Providers::register(by(PIA), MINIMUM_STAKE - 1, url("http://pia")),
			Error::<Test>::StakeTooSmall
		);
		assert_ok!(Providers::register(by(PIA), MINIMUM_STAKE, url("http://pia")));
	});
}

#[test]
fn register_with_all_money_but_the_existential_deposit_works_and_with_more_fails() {
	run(|| {
		let most = MONEY - EXISTENTIAL;
		assert_noop!(
			Providers::register(by(PIA), most + 1, url("http://pia")),
			TokenError::FundsUnavailable
		);
		assert_ok!(Providers::register(by(PIA), most, url("http://pia")));
	});
}

#[test]
fn register_twice_fails() {
	run(|| {
		registered();
		assert_noop!(
			Providers::register(by(PIA), STAKE, url("http://pia")),
			Error::<Test>::AlreadyRegistered
		);
		assert_ok!(Providers::leave(by(PIA)));
		assert_noop!(
			Providers::register(by(PIA), STAKE, url("http://pia")),
			Error::<Test>::AlreadyRegistered
		);
	});
}

const MALFORMED: [&str; 12] = [
	"",
	"pia.example",
	"ftp://pia.example",
	"http:/pia.example",
	"http://",
	"https://",
	"https:///data",
	"http://pia example",
	"http://pia.example\n",
	"http://pia.example\0",
	"http://pía.example",
	" http://pia.example",
];

#[test]
fn register_with_a_malformed_endpoint_fails() {
	run(|| {
		for text in MALFORMED {
			assert_noop!(
				Providers::register(by(PIA), STAKE, url(text)),
				Error::<Test>::MalformedEndpoint
			);
		}
	});
}

#[test]
fn register_after_having_left_works() {
	run(|| {
		registered();
		assert_ok!(Providers::leave(by(PIA)));
		Now::set(START + UNBONDING);
		assert_ok!(Providers::withdraw(by(PIA)));
		registered();
		assert_eq!((staked(PIA), pia().state), (STAKE, ProviderState::Active));
	});
}

#[test]
fn add_stake_holds_more_works() {
	run(|| {
		registered();
		assert_ok!(Providers::add_stake(by(PIA), 7));
		assert_eq!((staked(PIA), pia().stake), (STAKE + 7, STAKE + 7));
		assert_eq!(free(PIA), MONEY - STAKE - 7);
		System::assert_last_event(
			Event::StakeAdded { provider: PIA, added: 7, stake: STAKE + 7 }.into(),
		);
	});
}

#[test]
fn add_stake_that_is_not_there_fails() {
	run(|| {
		registered();
		let most = MONEY - STAKE - EXISTENTIAL;
		assert_noop!(Providers::add_stake(by(PIA), most + 1), TokenError::FundsUnavailable);
		assert_ok!(Providers::add_stake(by(PIA), most));
	});
}

#[test]
fn add_stake_by_a_stranger_or_a_leaver_fails() {
	run(|| {
		registered();
		assert_noop!(Providers::add_stake(by(RUI), 7), Error::<Test>::NotRegistered);
		assert_ok!(Providers::leave(by(PIA)));
		assert_noop!(Providers::add_stake(by(PIA), 7), Error::<Test>::IsLeaving);
	});
}

#[test]
fn set_endpoint_works_even_while_leaving() {
	run(|| {
		registered();
		let mut longest = b"https://".to_vec();
		longest.resize(128, b'p');
		for endpoint in [url("http://elsewhere.example"), longest.try_into().expect("fits")] {
			assert_ok!(Providers::set_endpoint(by(PIA), endpoint.clone()));
			assert_eq!(pia().endpoint, endpoint);
			System::assert_last_event(Event::EndpointSet { provider: PIA, endpoint }.into());
			let _ = Providers::leave(by(PIA));
		}
	});
}

#[test]
fn set_endpoint_malformed_or_by_a_stranger_fails() {
	run(|| {
		registered();
		for text in MALFORMED {
			assert_noop!(
				Providers::set_endpoint(by(PIA), url(text)),
				Error::<Test>::MalformedEndpoint
			);
		}
		assert_noop!(
			Providers::set_endpoint(by(RUI), url("http://rui")),
			Error::<Test>::NotRegistered
		);
	});
}

#[test]
fn every_call_without_a_signature_fails() {
	run(|| {
		let none = RuntimeOrigin::none;
		let calls: [DispatchResult; 10] = [
			Providers::register(none(), STAKE, url("http://pia")),
			Providers::add_stake(none(), 1),
			Providers::set_endpoint(none(), url("http://pia")),
			Providers::leave(none()),
			Providers::withdraw(none()),
			Providers::post_offer(none(), device(), terms()),
			Providers::change_offer(none(), 0, terms()),
			Providers::pause_offer(none(), 0),
			Providers::resume_offer(none(), 0),
			Providers::withdraw_offer(RuntimeOrigin::root(), 0),
		];
		assert_eq!(calls, [Err(DispatchError::BadOrigin); 10]);
	});
}
