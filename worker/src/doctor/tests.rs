//! What the doctor says about chains, clocks and accounts.

use std::time::Duration;

use mutirao_client::{
	fake::{FakeAccount, FakeChain},
	pallets::{BenchmarksExt as _, ProvidersExt as _},
	types::{Backend, Benchmark, Device, Endpoint, OfferTerms, Region},
	AccountId, Error, Submit as _,
};

use super::*;
use crate::{
	config::{load, Config, ConfigError, Origin, Override},
	facts::{Facts, Terms},
};

const HOT: AccountId = AccountId { 0: [9; 32] };

/// A chain's facts, as a test wants them.
struct FakeFacts {
	free: u128,
	is_worker: bool,
	/// What accounts other than the hot key have.
	others: u128,
}

impl Facts for FakeFacts {
	async fn free(&self, account: AccountId) -> Result<u128, Error> {
		Ok(if account == HOT { self.free } else { self.others })
	}

	async fn is_worker_of(&self, _: AccountId, _: AccountId) -> Result<bool, Error> {
		Ok(self.is_worker)
	}

	async fn finalised(&self) -> Result<(u64, u32), Error> {
		Err(Error::NoEndpoint)
	}

	async fn terms(&self) -> Result<Terms, Error> {
		Ok(Terms {
			minimum_stake: 100,
			max_offer_blocks: 10_000,
			max_offers: 8,
			existential_deposit: 10,
			proxy_deposit: (0, 0),
		})
	}
}

const RICH: FakeFacts = FakeFacts { free: u128::MAX, is_worker: true, others: u128::MAX };

fn config(provider: AccountId, more: &str) -> Config {
	let text = format!(
		"[keys]\nprovider = \"{provider}\"\n[data]\npublic_url = \"https://gpu.example\"\n\
		 [[device]]\nadapter = \"A\"\nprice_per_gigastep = \"1 planck\"\nminimum_price = \"1 planck\"\n\
		 maximum_price = \"40 planck\"\nregion = \"BR\"\n{more}"
	);
	toml::from_str(&text).unwrap()
}

async fn examine(account: &FakeAccount, config: &Config, facts: &FakeFacts) -> Report {
	let mut report = Report::default();
	check_account(&mut report, config, Some(HOT), account, facts).await;
	report
}

/// The findings that are worse than good, as `severity about: found`.
fn bad(report: &Report) -> Vec<String> {
	let bad = report.findings.iter().filter(|finding| finding.severity > Severity::Note);
	bad.map(|bad| {
		assert!(!bad.remedy.is_empty(), "{bad:?} says nothing to do");
		format!("{:?} {}: {}", bad.severity, bad.about, bad.found)
	})
	.collect()
}

async fn registered(account: &FakeAccount) -> u64 {
	let endpoint = Endpoint::try_from(b"https://gpu.example".to_vec()).unwrap();
	account.register_provider(100, endpoint).await.unwrap();
	let device = Device {
		adapter: b"A".to_vec().try_into().unwrap(),
		driver: b"D".to_vec().try_into().unwrap(),
		backend: Backend::Vulkan,
		memory_mib: 1,
		region: Region { country: *b"BR", subdivision: [0; 3] },
		watts: 0,
	};
	let terms = OfferTerms {
		price_per_gigastep: 1,
		minimum_price: 1,
		maximum_price: 40,
		capacity: 1,
		expires: 1_000_000,
	};
	account.post_offer(device, terms).await.unwrap()
}

#[tokio::test]
async fn a_provider_in_order_has_no_complaint() {
	let account = FakeChain::new().unwrap().account([1; 32]);
	let offer = registered(&account).await;
	let config = config(account.account(), &format!("offer = {offer}\n"));
	let report = examine(&account, &config, &RICH).await;
	assert_eq!(bad(&report), [""; 0]);
	assert_eq!(report.failure(), None);
	assert!(report.text().ends_with("ready to serve (0 warnings)\n"), "{}", report.text());
}

#[tokio::test]
async fn everything_that_is_missing_is_told_at_once() {
	let account = FakeChain::new().unwrap().account([1; 32]);
	let config = config(account.account(), "");
	let poor = FakeFacts { free: 9, is_worker: false, others: 0 };
	let report = examine(&account, &config, &poor).await;
	let starts = [
		"Error hot key: ",
		"Error fees: the hot key has 9 planck, which pays for about 0 jobs",
		"Error provider: ",
		"Error offer of A: none is posted",
	];
	let found = bad(&report);
	assert_eq!(found.len(), starts.len(), "{found:?}");
	for (found, start) in found.iter().zip(starts) {
		assert!(found.starts_with(start), "{found} does not start with {start}");
	}
	assert_eq!(report.failure(), Some(Failure::Refused), "the first error's");
	let fees = report.findings.iter().find(|finding| finding.about == "fees").unwrap();
	assert!(fees.remedy.starts_with("send 1.26 MUT to "), "{}", fees.remedy);
	assert!(fees.remedy.contains(&mutirao_client::address::display(&HOT)), "{}", fees.remedy);
	assert!(report.text().ends_with("not ready: 4 errors, 0 warnings\n"));
}

#[tokio::test]
async fn what_will_not_last_is_a_warning() {
	let chain = FakeChain::new().unwrap();
	let account = chain.account([1; 32]);
	let offer = registered(&account).await;
	account.pause_offer(offer).await.unwrap();
	account
		.set_endpoint(Endpoint::try_from(b"https://old.example".to_vec()).unwrap())
		.await
		.unwrap();
	let mut config = config(account.account(), &format!("offer = {offer}\n"));
	config.device[0].maximum_price.0 = 51;
	// A tenth of a MUT.
	let facts = FakeFacts { free: 100_000_000_000, ..RICH };
	let found = bad(&examine(&account, &config, &facts).await);
	let starts = [
		"Warning fees: the hot key has 0.1 MUT, which pays for about 8 jobs",
		"Warning stake: 100 planck stake",
		"Error data plane: the chain sends buyers to https://old.example",
		"Warning offer of A: offer 0 is paused",
	];
	assert_eq!(found.len(), starts.len(), "{found:?}");
	for (found, start) in found.iter().zip(starts) {
		assert!(found.starts_with(start), "{found} does not start with {start}");
	}
	// Whose offer it is matters, too.
	config.device[0].offer = Some(99);
	let found = bad(&examine(&account, &config, &RICH).await).join("\n");
	assert!(found.contains("no offer 99 of this provider"), "{found}");
}

#[tokio::test]
async fn claims_need_money_of_the_provider_where_devices_are_measured() {
	let chain = FakeChain::new().unwrap();
	let account = chain.account([1; 32]);
	let offer = registered(&account).await;
	let config = config(account.account(), &format!("offer = {offer}\n"));
	let with = |others| FakeFacts { others, ..RICH };
	assert_eq!(bad(&examine(&account, &config, &with(0)).await), [""; 0], "nothing is measured");
	let benchmark = Benchmark {
		program: [1; 32],
		settings: Default::default(),
		interval: 1,
		window_blocks: 20,
		prove_blocks: 200,
		samples: 2,
	};
	chain.open_window(benchmark, [7; 32]);
	let fee = account.claim_fee(1).await.unwrap().unwrap();
	let poor = bad(&examine(&account, &config, &with(fee - 1)).await);
	assert!(matches!(&poor[..], [one] if one.starts_with("Warning claim fees: ")), "{poor:?}");
	let soon = bad(&examine(&account, &config, &with(4 * fee - 1)).await);
	assert!(matches!(&soon[..], [one] if one.ends_with("it will not last a day")), "{soon:?}");
	assert_eq!(bad(&examine(&account, &config, &with(4 * fee)).await), [""; 0]);
}

#[tokio::test]
async fn too_little_stake_is_about_money() {
	let account = FakeChain::new().unwrap().account([1; 32]);
	let endpoint = Endpoint::try_from(b"https://gpu.example".to_vec()).unwrap();
	account.register_provider(99, endpoint).await.unwrap();
	let report = examine(&account, &config(account.account(), ""), &RICH).await;
	assert_eq!(report.failure(), Some(Failure::Money), "{}", report.text());
	assert!(report.text().contains("99 planck stake"), "{}", report.text());
	assert!(report.text().contains("the least is 100 planck"), "{}", report.text());
}

#[tokio::test]
async fn a_leaving_provider_and_an_expired_offer_are_errors() {
	let chain = FakeChain::new().unwrap();
	let account = chain.account([1; 32]);
	let offer = registered(&account).await;
	let config = config(account.account(), &format!("offer = {offer}\n"));
	let mut terms = account.offer(offer).await.unwrap().unwrap().terms;
	terms.expires = 20;
	account.change_offer(offer, terms).await.unwrap();
	let soon = bad(&examine(&account, &config, &RICH).await).join("\n");
	assert!(soon.contains("Warning offer of A: offer 0 expires in"), "{soon}");
	chain.advance(30);
	account.leave().await.unwrap();
	let found = bad(&examine(&account, &config, &RICH).await).join("\n");
	assert!(found.contains("Error provider: it is leaving"), "{found}");
	assert!(found.contains("Error offer of A: offer 0 has expired"), "{found}");
}

#[tokio::test]
async fn a_chain_that_does_not_answer_is_one_finding() {
	let chain = FakeChain::new().unwrap();
	let account = chain.account([1; 32]);
	let config = config(account.account(), "");
	chain.fail_next_read(Error::Rejected("it is down".into()));
	let report = examine(&account, &config, &RICH).await;
	assert_eq!(report.failure(), Some(Failure::Chain));
	assert!(report.text().contains("it is down"), "{}", report.text());
}

#[test]
fn clocks_are_compared_and_the_cause_is_found() {
	const NOW: u64 = 1_700_000_000_000;
	let before = |seconds: u64| (NOW - 1_000 * seconds, 50);
	let seconds = Duration::from_secs;
	assert_eq!(compare_clocks(NOW, before(9), None), Clocks::Agree { age: seconds(9) });
	let ahead = (NOW + 4_000, 50);
	assert_eq!(compare_clocks(NOW, ahead, None), Clocks::OursIsSlow { by: seconds(4) });
	// A block's time is no skew.
	let close = (NOW + 3_000, 50);
	assert_eq!(compare_clocks(NOW, close, None), Clocks::Agree { age: seconds(0) });
	let later = |blocks: u32| Some((0, 50 + blocks));
	let watched = |blocks| compare_clocks(NOW, before(100), later(blocks));
	assert_eq!(watched(0), Clocks::Still { age: seconds(100) });
	assert_eq!(watched(3), Clocks::OursIsFastOrFinalityLags { by: seconds(100) });
	assert_eq!(watched(400), Clocks::Syncing { behind: seconds(100) });
	for clocks in [watched(0), watched(3), watched(400), compare_clocks(NOW, ahead, None)] {
		let mut report = Report::default();
		node::tell(&mut report, clocks);
		assert_eq!(bad(&report).len(), 1, "{clocks:?} is a complaint");
	}
}

#[test]
fn settings_are_all_complained_about_and_without_a_key_there_is_none() {
	let flag = |path: &str, text: &str| Override {
		path: path.into(),
		text: text.into(),
		origin: Origin::Flag("--set".into()),
	};
	let loaded = load(None, &[flag("data.quota_gib", "0"), flag("policy.margin", "0.5")]);
	assert!(matches!(loaded, Err(ConfigError::Invalid(_))));
	let mut report = Report::default();
	assert!(check_configuration(&mut report, &loaded).is_none());
	assert_eq!(bad(&report).len(), 2, "{}", report.text());
	assert_eq!(report.failure(), Some(Failure::Configuration));

	let mut report = Report::default();
	let missing = flag("keys.hot_key_file", "/nowhere/key");
	assert!(check_configuration(&mut report, &load(None, &[missing])).is_none());
	let found = bad(&report).join("\n");
	assert!(found.contains("no [[device]]") && found.contains("/nowhere/key"), "{found}");
}
