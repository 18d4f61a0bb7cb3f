//! Who must have what after a job, to the last planck, by the rules of docs/protocol/economics.md.

use crate::world::World;
use anyhow::{ensure, Context, Result};
use codec::Decode as _;
use mutirao_client::{
	pallets::{AttestationsEvent, JobsEvent, Payout},
	types::{verdict::Blame, JobId, SlashReport, Verdict},
	AccountId, Balance, BlockNumber, Blocks as _, Event,
};
use mutirao_e2e::{Buyer, Provider};

/// Workgroups that the chain draws, if nobody says.
const SAMPLES: u8 = 4;
/// The protocol's part of a price is one in so many.
const FEE_DIVISOR: Balance = 50;
/// What a provider gets for its trouble with a program that faults is one in so many.
const TROUBLE_DIVISOR: Balance = 10;
/// What a provider that fails loses of its collateral is one in so many.
const FAILURE_DIVISOR: Balance = 4;
/// What a demand pays in advance, in planck.
pub(crate) const DEMAND: Balance = 10_000_000_000;

/// What buyer and provider have before a job.
pub(crate) struct Ledger {
	pub(crate) from: BlockNumber,
	buyer: AccountId,
	provider: AccountId,
	pub(crate) buyer_has: Balance,
	provider_has: Balance,
	stake: Balance,
	/// Workgroups that the chain draws.
	pub(crate) samples: u8,
}

/// What the chain tells of a job, from its post to its end.
#[derive(Default)]
pub(crate) struct Story {
	audit_fee: Balance,
	/// Price and collateral.
	deal: Option<(Balance, Balance)>,
	/// Drawn workgroups that the chain computed again.
	opened: u8,
	/// Who proved a lie.
	pub(crate) challenger: Option<AccountId>,
	pub(crate) failed_challenges: usize,
	/// Who demanded chunks, and how many chunks were shown.
	demands: Vec<AccountId>,
	pub(crate) supplied: usize,
	end: Option<(Verdict, Payout, SlashReport<Balance>)>,
}

/// Who gets what.
struct Shares {
	buyer_pays: Balance,
	payout: Payout,
	slash: SlashReport<Balance>,
}

impl Ledger {
	pub(crate) async fn open(world: &World, buyer: &Buyer, provider: &Provider) -> Result<Self> {
		Ok(Self {
			from: world.client.finalized_number().await?,
			buyer: buyer.account(),
			provider: provider.account(),
			buyer_has: world.money(buyer.account()).await?.total(),
			provider_has: world.money(provider.account()).await?.total(),
			stake: world.record(provider).await?.stake,
			samples: SAMPLES,
		})
	}

	/// Waits for a job's end, which must be one of these, and checks everybody's money.
	pub(crate) async fn close(
		&self,
		world: &World,
		provider: &Provider,
		job: JobId,
		verdicts: &[Verdict],
	) -> Result<Story> {
		world.finished(job).await?;
		let (buyer, own) =
			(world.money(self.buyer).await?.total(), world.money(self.provider).await?.total());
		let story = Story::of(world, job, self.from).await?;
		let (verdict, payout, slash) = story.end.context("it has ended")?;
		ensure!(verdicts.contains(&verdict), "job {job} ended as {verdict:?}, not {verdicts:?}");
		let shares = story.shares(self.samples, verdict)?;
		ensure!(payout == shares.payout, "paid {payout:?}, by the rules {:?}", shares.payout);
		ensure!(slash == shares.slash, "slashed {slash:?}, by the rules {:?}", shares.slash);
		let fees = fees_of(world, self.buyer, self.from).await?;
		let penalty = slash.burned + slash.to_buyer + slash.to_challenger;
		let answered = story.supplied as Balance * DEMAND;
		let mut must_have = self.buyer_has + slash.to_buyer - shares.buyer_pays - fees;
		if story.challenger == Some(self.buyer) {
			must_have += slash.to_challenger;
		}
		if story.demands.first() == Some(&self.buyer) {
			must_have -= answered;
		}
		ensure!(buyer == must_have, "the buyer has {buyer}, must have {must_have}; fees {fees}");
		let must_have = self.provider_has + payout.provider + answered - penalty;
		ensure!(own == must_have, "the provider has {own}, must have {must_have}");
		let record = world.record(provider).await?;
		ensure!(record.stake == self.stake - penalty, "{record:?}, and {penalty} was slashed");
		ensure!(record.earmarked == 0 && record.open_jobs == 0, "{record:?}");
		let holds = world.holds(self.buyer).await?;
		ensure!(!holds.contains("Escrow") && !holds.contains("Demand"), "still on hold: {holds}");
		Ok(story)
	}
}

impl Story {
	async fn of(world: &World, job: JobId, from: BlockNumber) -> Result<Self> {
		let mut story = Self::default();
		for number in from..=world.client.finalized_number().await? {
			for event in world.client.block(number).await?.events {
				story.hear(job, &event);
			}
		}
		Ok(story)
	}

	fn hear(&mut self, of: JobId, event: &Event) {
		match event {
			Event::Jobs(JobsEvent::Posted { job, audit_fee, .. }) if *job == of => {
				self.audit_fee = *audit_fee;
			}
			Event::Jobs(JobsEvent::Accepted { job, price, collateral, .. }) if *job == of => {
				self.deal = Some((*price, *collateral));
			}
			Event::Jobs(JobsEvent::Finished { job, verdict, payout, slash }) if *job == of => {
				self.end = Some((*verdict, *payout, slash.unwrap_or_default()));
			}
			Event::Attestations(event) => self.hear_of_checks(of, event),
			_ => {}
		}
	}

	fn hear_of_checks(&mut self, of: JobId, event: &AttestationsEvent) {
		match event {
			AttestationsEvent::Opened { job, .. } if *job == of => self.opened += 1,
			// Nobody knows yet whether what the workgroup read is right: the draw counts as opened.
			AttestationsEvent::FaultFound { job, from_inputs: false, .. } if *job == of => {
				self.opened += 1;
			}
			AttestationsEvent::ChallengeUpheld { job, challenger, .. } if *job == of => {
				self.challenger = Some(*challenger);
			}
			AttestationsEvent::ChallengeFailed { job, .. } if *job == of => {
				self.failed_challenges += 1;
			}
			AttestationsEvent::Demanded { job, by, .. } if *job == of => self.demands.push(*by),
			AttestationsEvent::Supplied { job, .. } if *job == of => self.supplied += 1,
			_ => {}
		}
	}

	/// What the rules give to whom.
	fn shares(&self, samples: u8, verdict: Verdict) -> Result<Shares> {
		let Some((price, collateral)) = self.deal else {
			let refunded = self.end.map_or(0, |(_, payout, _)| payout.buyer);
			let payout = Payout { buyer: refunded, ..Payout::default() };
			return Ok(Shares { buyer_pays: 0, payout, slash: SlashReport::default() });
		};
		let audit = self.audit_fee;
		ensure!(collateral == (2 * price).max(4 * audit), "{collateral} for {price} and {audit}");
		let checking =
			|count: u8| audit / Balance::from(samples) * Balance::from(count.min(samples));
		let (to_provider, treasury, penalty) = match verdict {
			Verdict::Settled => {
				let fee = price / FEE_DIVISOR;
				(price - fee, fee + audit, 0)
			}
			Verdict::Faulted(_) => (price / TROUBLE_DIVISOR, checking(self.opened + 1), 0),
			Verdict::Refunded(reason) => {
				let penalty = match reason.blame() {
					Blame::Nobody => 0,
					Blame::ProviderFailed => collateral.div_ceil(FAILURE_DIVISOR),
					Blame::ProviderLied => collateral,
				};
				(0, checking(self.opened), penalty)
			}
		};
		let burned = penalty.div_ceil(2);
		let to_challenger = self.challenger.map_or(0, |_| (penalty - burned) / 2);
		let to_buyer = penalty - burned - to_challenger;
		let buyer_pays = to_provider + treasury;
		let buyer = price + audit - buyer_pays;
		Ok(Shares {
			buyer_pays,
			payout: Payout { provider: to_provider, treasury, buyer },
			slash: SlashReport { burned, to_buyer, to_challenger, shortfall: 0 },
		})
	}
}

/// The fees of all transactions that an account has sent since a block.
pub(crate) async fn fees_of(world: &World, who: AccountId, from: BlockNumber) -> Result<Balance> {
	let mut sum = 0;
	for number in from + 1..=world.client.finalized_number().await? {
		let at = world.client.chain().at_block(u64::from(number)).await?;
		for event in at.events().fetch().await?.iter() {
			let event = event?;
			if (event.pallet_name(), event.event_name())
				!= ("TransactionPayment", "TransactionFeePaid")
			{
				continue;
			}
			// Who, how much, and how much of it is a tip.
			let paid = <([u8; 32], Balance, Balance)>::decode(&mut event.field_bytes())?;
			if AccountId::from(paid.0) == who {
				sum += paid.1;
			}
		}
	}
	Ok(sum)
}
