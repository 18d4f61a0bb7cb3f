//! The provider on the chain: proxy, stake, money for fees, offers.

use mutirao_client::{address, money, AccountId, Error};
use mutirao_types::{OfferState, ProviderState};

use super::Report;
use crate::{
	config::Config,
	exit::Failure,
	facts::{Facts, Reads, Terms},
	funds::{Funds, Money, Owed, USUAL_FEES},
};

/// What a claim in a benchmark window costs with the settings that `docs/protocol/benchmarks.md` suggests, as
/// long as no window says what it is here: 0.69 MUT.
const USUAL_CLAIM_FEE: u128 = 690_000_000_000;
/// Claims of an offer on most days with these settings.
const CLAIMS_A_DAY: u128 = 4;
/// An offer that expires within this many active blocks is said: a week.
const SOON: u32 = 7 * 28_800;

/// Looks at the provider, in whose name `hot` signs.
pub async fn check(
	report: &mut Report,
	config: &Config,
	hot: Option<AccountId>,
	chain: &impl Reads,
	facts: &impl Facts,
) {
	let Some(provider) = &config.keys.provider else { return };
	let looking = async {
		let terms = facts.terms().await?;
		if let Some(hot) = hot {
			check_key(report, facts, hot, provider.0, terms).await?;
		}
		check_provider(report, config, chain, provider.0, terms).await?;
		check_claim_fees(report, config, chain, facts, provider.0).await?;
		check_offers(report, config, chain, provider.0).await
	};
	if let Err(error) = looking.await {
		report.error(Failure::Chain, "provider", error.to_string(), "is the node overloaded?");
	}
}

async fn check_key(
	report: &mut Report,
	facts: &impl Facts,
	hot: AccountId,
	provider: AccountId,
	terms: Terms,
) -> Result<(), Error> {
	let register = "`mutirao-worker register` makes it one";
	if hot == provider {
		let found = "the worker signs with the provider's own key, which can move all its money";
		report.warning("hot key", found, "use a key of its own: `mutirao-worker init` makes one");
	} else if facts.is_worker_of(hot, provider).await? {
		report.good("hot key", "it may serve jobs in the provider's name");
	} else {
		let (hot, provider) = (address::display(&hot), address::display(&provider));
		let found = format!("{hot} is no Worker proxy of {provider}");
		report.error(Failure::Refused, "hot key", found, register);
	}
	let free = facts.free(hot).await?;
	check_fees(report, hot, Money { free, deposit: terms.existential_deposit });
	Ok(())
}

/// What the hot key's money pays for, as long as no job is taken.
fn check_fees(report: &mut Report, hot: AccountId, money: Money) {
	let funds = Funds { money, fees: USUAL_FEES, owed: Owed::default() };
	let (free, jobs) = (money::display(money.free), funds.jobs());
	let found = format!("the hot key has {free}, which pays for about {jobs} jobs");
	let Some(missing) = funds.missing() else { return report.good("fees", found) };
	let (missing, address) = (money::display(missing), address::display(&hot));
	let remedy = format!("send {missing} to {address}: accepting and attesting cost fees");
	match jobs {
		0 => report.error(Failure::Money, "fees", found, remedy),
		_ => report.warning("fees", found, remedy),
	}
}

/// Claims in benchmark windows are paid for by the provider's account, from money that is not on hold.
async fn check_claim_fees(
	report: &mut Report,
	config: &Config,
	chain: &impl Reads,
	facts: &impl Facts,
	provider: AccountId,
) -> Result<(), Error> {
	let offers = config.device.iter().filter(|device| device.offer.is_some()).count();
	if offers == 0 || chain.benchmark().await?.is_none() {
		return Ok(());
	}
	let fee = chain.claim_fee(1).await?.unwrap_or(USUAL_CLAIM_FEE);
	let window = fee.saturating_mul(offers as u128);
	let day = window.saturating_mul(CLAIMS_A_DAY);
	let free = facts.free(provider).await?;
	let found = format!(
		"the provider's account has {} that are not on hold; a benchmark window costs {}",
		money::display(free),
		money::display(window)
	);
	let remedy = format!(
		"send money to {}: offers that do not claim score 0, and buyers ask for scores",
		address::display(&provider)
	);
	match free {
		// Jobs are served all the same.
		free if free < window => report.warning("claim fees", found, remedy),
		free if free < day => {
			report.warning("claim fees", format!("{found}: it will not last a day"), remedy)
		}
		_ => report.good("claim fees", found),
	}
	Ok(())
}

async fn check_provider(
	report: &mut Report,
	config: &Config,
	chain: &impl Reads,
	account: AccountId,
	terms: Terms,
) -> Result<(), Error> {
	let Some(provider) = chain.provider(account).await? else {
		let found = format!("{} is not registered", address::display(&account));
		report.error(
			Failure::Refused,
			"provider",
			found,
			"`mutirao-worker register --stake 100MUT`",
		);
		return Ok(());
	};
	if let ProviderState::Leaving { free_at } = provider.state {
		let found = format!("it is leaving; its stake is free at active block {free_at}");
		report.error(
			Failure::Refused,
			"provider",
			found,
			"`mutirao-worker leave` when that is past",
		);
	} else {
		report.good("provider", format!("{} is registered", address::display(&account)));
	}
	check_stake(report, config, provider.stake, provider.earmarked, terms);
	let endpoint = String::from_utf8_lossy(&provider.endpoint).into_owned();
	match &config.data.public_url {
		Some(url) if *url != endpoint => {
			let found =
				format!("the chain sends buyers to {endpoint}, and data.public_url is {url}");
			report.error(
				Failure::Refused,
				"data plane",
				found,
				"`mutirao-worker register` changes it",
			);
		}
		Some(_) => {}
		None => report.error(
			Failure::Configuration,
			"data plane",
			"no public address is set: buyers cannot send inputs",
			"set data.public_url",
		),
	}
	Ok(())
}

fn check_stake(report: &mut Report, config: &Config, stake: u128, earmarked: u128, terms: Terms) {
	let more = "add stake: `mutirao-worker register --stake` with the new sum";
	let found = format!("{} stake, {} free", money::display(stake), {
		money::display(stake.saturating_sub(earmarked))
	});
	if stake < terms.minimum_stake {
		let least = money::display(terms.minimum_stake);
		report.error(Failure::Money, "stake", format!("{found}; the least is {least}"), more);
		return;
	}
	let dearest = config.device.iter().map(|device| device.maximum_price.0).max().unwrap_or(0);
	match dearest.saturating_mul(2) > stake {
		true => {
			let found = format!("{found}; a job at the maximum price needs twice that price");
			report.warning("stake", found, more);
		}
		false => report.good("stake", found),
	}
}

async fn check_offers(
	report: &mut Report,
	config: &Config,
	chain: &impl Reads,
	provider: AccountId,
) -> Result<(), Error> {
	let now = chain.now().await?;
	let post = "`mutirao-worker register` posts it";
	for device in &config.device {
		let about = format!("offer of {}", device.adapter);
		let Some(number) = device.offer else {
			report.error(Failure::Refused, &about, "none is posted", post);
			continue;
		};
		let Some(offer) = chain.offer(number).await?.filter(|found| found.provider == provider)
		else {
			let found = format!("the chain has no offer {number} of this provider");
			report.error(Failure::Refused, &about, found, post);
			continue;
		};
		let left = i64::from(offer.terms.expires) - i64::from(now);
		if left < 0 {
			let found = format!("offer {number} has expired");
			report.error(Failure::Refused, &about, found, "`mutirao-worker register` renews it");
		} else if offer.state == OfferState::Paused {
			let found = format!("offer {number} is paused");
			report.warning(&about, found, "`mutirao-worker register` resumes it");
		} else if left < i64::from(SOON) {
			let found = format!("offer {number} expires in {left} active blocks");
			report.warning(&about, found, "`mutirao-worker register` renews it");
		} else {
			report.good(&about, format!("number {number}, active"));
		}
	}
	Ok(())
}
