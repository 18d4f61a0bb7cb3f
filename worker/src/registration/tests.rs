//! Plans, carried out on a chain in memory.

use std::collections::BTreeMap;

use mutirao_client::{
	fake::{FakeAccount, FakeChain},
	pallets::{JobsExt as _, ProvidersCall, ProvidersExt as _},
	types::{Backend, Device, Endpoint, OfferTerms, ProviderState, Region},
	AccountId, Call, ProxyType, Submit as _,
};

use super::*;
use crate::facts::Terms;

const HOT: AccountId = AccountId { 0: [9; 32] };
const TERMS: Terms = Terms {
	minimum_stake: 100,
	max_offer_blocks: 2_592_000,
	max_offers: 3,
	existential_deposit: 1,
	proxy_deposit: (7, 3),
};

fn offer(adapter: &str, known: Option<u64>) -> WantedOffer {
	let device = Device {
		adapter: adapter.as_bytes().to_vec().try_into().unwrap(),
		driver: b"driver".to_vec().try_into().unwrap(),
		backend: Backend::Vulkan,
		memory_mib: 8,
		region: Region { country: *b"BR", subdivision: [0; 3] },
		watts: 0,
	};
	let terms = OfferTerms {
		price_per_gigastep: 5,
		minimum_price: 1,
		maximum_price: 1_000,
		capacity: 1,
		expires: 0,
	};
	WantedOffer { known, device, terms }
}

fn wanted(offers: Vec<WantedOffer>) -> Wanted {
	let endpoint = Endpoint::try_from(b"https://gpu.example".to_vec()).unwrap();
	Wanted { stake: None, endpoint, hot_key: Some(HOT), fees: 50, offers }
}

/// What the fake has; it knows neither proxies nor money.
async fn chainside(account: &FakeAccount, is_worker: bool, hot_free: u128) -> Chainside {
	let (provider, offers) = standing_parts(account).await;
	let now = account.now().await.unwrap();
	Chainside { provider, offers, is_worker, hot_free, now, terms: TERMS }
}

async fn standing_parts(
	account: &FakeAccount,
) -> (Option<mutirao_types::Provider<u128>>, BTreeMap<u64, mutirao_types::Offer<AccountId, u128>>) {
	let mut offers = BTreeMap::new();
	for number in account.offers_of(account.account()).await.unwrap() {
		offers.insert(number, account.offer(number).await.unwrap().unwrap());
	}
	(account.provider(account.account()).await.unwrap(), offers)
}

fn texts(plan: &Plan) -> Vec<&str> {
	plan.steps.iter().map(|step| step.text.as_str()).collect()
}

#[tokio::test]
async fn a_new_provider_registers_in_one_call_and_again_there_is_nothing_to_do() {
	let account = FakeChain::new().unwrap().account([1; 32]);
	let mut wanted = wanted(vec![offer("A", None), offer("B", None)]);
	let first = plan(&chainside(&account, false, 0).await, &wanted).unwrap();
	assert_eq!(first.steps.len(), 5, "{:?}", texts(&first));
	// The stake, the proxy's deposit, the fees.
	assert_eq!(first.takes(), 100 + 10 + 50);
	let proxy = Call::AddProxy { delegate: HOT, kind: ProxyType::Worker };
	assert!(first.steps.iter().any(|step| step.call == proxy));
	assert_eq!(first.posted, [0, 1]);
	account.submit(first.call().unwrap()).await.unwrap();
	let (provider, offers) = standing_parts(&account).await;
	assert_eq!((provider.unwrap().stake, offers.len()), (100, 2));

	// The numbers are known, or were lost before they were written down: the offers are found.
	for known in [true, false] {
		let numbers: Vec<u64> = offers.keys().copied().collect();
		for (offer, number) in wanted.offers.iter_mut().zip(numbers) {
			offer.known = known.then_some(number);
		}
		let again = plan(&chainside(&account, true, 50).await, &wanted).unwrap();
		assert_eq!(texts(&again), [""; 0]);
		assert_eq!(again.call(), None);
		assert_eq!(again.kept.len(), 2);
	}
}

#[tokio::test]
async fn what_differs_is_changed_and_nothing_else() {
	let chain = FakeChain::new().unwrap();
	let account = chain.account([1; 32]);
	let mut wanted = wanted(vec![offer("A", None)]);
	let first = plan(&chainside(&account, true, 50).await, &wanted).unwrap();
	account.submit(first.call().unwrap()).await.unwrap();
	let number = *standing_parts(&account).await.1.keys().next().unwrap();
	account.pause_offer(number).await.unwrap();
	wanted.stake = Some(130);
	wanted.endpoint = Endpoint::try_from(b"https://other.example".to_vec()).unwrap();
	wanted.offers[0].terms.minimum_price = 2;
	let second = plan(&chainside(&account, true, 20).await, &wanted).unwrap();
	let starts =
		["add 30 planck", "send buyers to https://other", "send it 30 planck", "change", "resume"];
	assert_eq!(second.steps.len(), starts.len(), "{:?}", texts(&second));
	for (text, start) in texts(&second).iter().zip(starts) {
		assert!(text.starts_with(start), "{text} does not start with {start}");
	}
	// Without the fees, which the fake cannot pay.
	account.submit(second.call().unwrap()).await.unwrap();
	let third = plan(&chainside(&account, true, 50).await, &wanted).unwrap();
	assert_eq!(texts(&third), [""; 0]);
}

#[tokio::test]
async fn an_offer_is_renewed_before_it_expires() {
	let account = FakeChain::new().unwrap().account([1; 32]);
	let wanted = wanted(vec![offer("A", None)]);
	let first = plan(&chainside(&account, true, 50).await, &wanted).unwrap();
	account.submit(first.call().unwrap()).await.unwrap();
	let mut is = chainside(&account, true, 50).await;
	is.now += TERMS.max_offer_blocks - 14 * 28_800 - 100;
	assert_eq!(texts(&plan(&is, &wanted).unwrap()), [""; 0]);
	is.now += 100;
	let renewed = plan(&is, &wanted).unwrap();
	let [step] = renewed.steps.as_slice() else { panic!("{:?}", texts(&renewed)) };
	let Call::Providers(ProvidersCall::ChangeOffer { terms, .. }) = &step.call else {
		panic!("{step:?}")
	};
	assert!(terms.expires > is.now && terms.expires <= is.now + TERMS.max_offer_blocks);
}

#[tokio::test]
async fn what_cannot_be_is_said_before_anything_is_sent() {
	let account = FakeChain::new().unwrap().account([1; 32]);
	let nobody = chainside(&account, false, 0).await;
	let mut all = wanted(vec![offer("A", None)]);
	all.stake = Some(99);
	assert_eq!(plan(&nobody, &all), Err(NoPlan::StakeTooSmall(100)));
	let many = wanted(["A", "B", "C", "D"].map(|name| offer(name, None)).to_vec());
	assert_eq!(plan(&nobody, &many), Err(NoPlan::TooManyOffers(3)));
	all.stake = Some(200);
	account.submit(plan(&nobody, &all).unwrap().call().unwrap()).await.unwrap();
	let is = chainside(&account, true, 50).await;
	all.stake = Some(150);
	assert_eq!(plan(&is, &all), Err(NoPlan::StakeIsMore(200)));
	account.leave().await.unwrap();
	let is = chainside(&account, true, 50).await;
	assert_eq!(plan(&is, &all), Err(NoPlan::Leaving));
}

#[tokio::test]
async fn leaving_withdraws_offers_waits_and_frees_the_stake() {
	let chain = FakeChain::new().unwrap();
	let account = chain.account([1; 32]);
	let standing = || async {
		let (provider, offers) = standing_parts(&account).await;
		Standing { provider, offers, now: account.now().await.unwrap() }
	};
	let nothing = plan_leave(&standing().await);
	assert_eq!((nothing.calls.len(), nothing.then), (0, None));

	let wanted = wanted(vec![offer("A", None), offer("B", None)]);
	let first = plan(&chainside(&account, true, 50).await, &wanted).unwrap();
	account.submit(first.call().unwrap()).await.unwrap();
	let leaving = plan_leave(&standing().await);
	assert_eq!(leaving.texts.len(), 3, "{:?}", leaving.texts);
	assert_eq!(leaving.then, Some(Then { open_jobs: 0, blocks: None }));
	account.submit(Call::Batch(leaving.calls)).await.unwrap();

	let waiting = plan_leave(&standing().await);
	assert!(waiting.calls.is_empty());
	let blocks = waiting.then.unwrap().blocks.unwrap();
	assert!(blocks > 0);
	chain.advance(blocks);
	let last = plan_leave(&standing().await);
	assert_eq!(last.then, None);
	account.submit(Call::Batch(last.calls)).await.unwrap();
	assert_eq!(account.provider(account.account()).await.unwrap(), None);
}

#[tokio::test]
async fn an_offer_with_jobs_is_paused_and_the_stake_stays() {
	let account = FakeChain::new().unwrap().account([1; 32]);
	let wanted = wanted(vec![offer("A", None)]);
	let first = plan(&chainside(&account, true, 50).await, &wanted).unwrap();
	account.submit(first.call().unwrap()).await.unwrap();
	let (mut provider, mut offers) = standing_parts(&account).await;
	offers.values_mut().for_each(|offer| offer.running = 1);
	if let Some(provider) = &mut provider {
		provider.open_jobs = 1;
		provider.state = ProviderState::Leaving { free_at: 0 };
	}
	let plan = plan_leave(&Standing { provider, offers, now: 5 });
	let [Call::Providers(ProvidersCall::PauseOffer { .. })] = plan.calls.as_slice() else {
		panic!("{:?}", plan.texts)
	};
	assert_eq!(plan.then, Some(Then { open_jobs: 1, blocks: Some(0) }));
}
