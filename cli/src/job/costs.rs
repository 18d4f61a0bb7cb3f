//! What a job costs its buyer.

use mutirao_client::{money, types::Permill, Balance};
use serde::{Deserialize, Serialize};

use super::record::Record;

/// What was paid, in planck: decimal digits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Costs {
	/// The job's price, the protocol's fee included. If the job did not settle: what the provider got
	/// of it.
	pub(crate) price: String,
	/// The part of the price that is the protocol's.
	pub(crate) protocol_fee: String,
	/// What the chain's checking cost.
	pub(crate) audit_fee: String,
	/// Fees of the buyer's transactions, also of those that the chain refused.
	pub(crate) transaction_fees: String,
	/// Deposits of the buyer's demands that the provider answered: they are the provider's. Receipts of
	/// version 1 do not say.
	#[serde(default, skip_serializing_if = "Option::is_none")]
	pub(crate) demand_deposits: Option<String>,
	/// All of these, the protocol's fee once.
	pub(crate) total: String,
}

impl Costs {
	/// What a job has cost its buyer. `protocol_fee` is the chain's part of prices.
	pub(crate) fn of(record: &Record, protocol_fee: Permill) -> Self {
		let agreed = record.deal.as_ref().map_or(0, |deal| planck(&deal.price));
		let audits = planck(&record.audit_fee);
		let (price, audit_fee) = match record.settled() {
			true => (agreed, audits),
			false => {
				// What did not come back of price and audit fee, if the end was seen.
				let escrow = agreed.saturating_add(audits);
				let returned = record.returned.as_deref().map_or(escrow, planck);
				let lost = escrow.saturating_sub(returned);
				let price = record.earned.as_deref().map_or(lost, planck).min(lost);
				(price, lost.saturating_sub(price))
			}
		};
		let (fees, demands) = (planck(&record.fees), record.lost_deposits());
		let protocol_fee = if record.settled() { protocol_fee.mul_floor(price) } else { 0 };
		let total = [price, audit_fee, fees, demands].into_iter().fold(0, Balance::saturating_add);
		Self {
			price: price.to_string(),
			protocol_fee: protocol_fee.to_string(),
			audit_fee: audit_fee.to_string(),
			transaction_fees: fees.to_string(),
			demand_deposits: Some(demands.to_string()),
			total: total.to_string(),
		}
	}

	/// Whether the total is the sum of the rest.
	pub(crate) fn add_up(&self) -> bool {
		let deposits = self.demand_deposits.as_deref().unwrap_or("0");
		let parts = [self.price.as_str(), &self.audit_fee, &self.transaction_fees, deposits];
		let sum = parts
			.into_iter()
			.try_fold(0, |sum: Balance, part| sum.checked_add(part.parse::<Balance>().ok()?));
		sum.is_some() && sum == self.total.parse().ok()
	}

	/// The total, and what it is made of.
	pub(crate) fn text(&self) -> String {
		let display = |text: &str| money::display(planck(text));
		let demands = self.demand_deposits.as_deref().filter(|deposits| planck(deposits) > 0);
		let demands = demands.map(|deposits| format!(", answered demands {}", display(deposits)));
		format!(
			"{} (price {}, audits {}, fees {}{})",
			display(&self.total),
			display(&self.price),
			display(&self.audit_fee),
			display(&self.transaction_fees),
			demands.unwrap_or_default()
		)
	}
}

fn planck(text: &str) -> Balance {
	text.parse().unwrap_or(0)
}

#[cfg(test)]
pub(crate) mod tests {
	use super::*;
	use crate::{
		job::{demands::Demand, record::tests::record},
		show,
	};
	use mutirao_client::{
		types::{FaultKind, JobBuffer, RefundReason, Verdict},
		AccountId,
	};
	use subxt_signer::sr25519::dev;

	const FEE: Permill = Permill::from_percent(2);

	/// Alice's, at a price of 1000, with audits for 4 and fees of 11.
	pub(crate) fn settled() -> Record {
		let mut settled = record(3);
		settled.buyer = show::address(&AccountId::from(dev::alice().public_key().0));
		settled.agree(&[9; 32].into(), 4, 1_000);
		settled.end(Verdict::Settled);
		settled.pay(11);
		settled
	}

	/// A demand that was, or was not, answered.
	pub(crate) fn demand(deposit: Balance, answered: bool) -> Demand {
		let mut demand = Demand::new(JobBuffer::Written(0), 0, 7, deposit);
		demand.answered = answered;
		demand
	}

	#[test]
	fn costs_are_what_did_not_come_back() {
		let costs = Costs::of(&settled(), FEE);
		assert_eq!((costs.price.as_str(), costs.protocol_fee.as_str()), ("1000", "20"));
		assert_eq!((costs.audit_fee.as_str(), costs.total.as_str()), ("4", "1015"));
		let mut faulted = settled();
		faulted.end(Verdict::Faulted(FaultKind::Race));
		(faulted.returned, faulted.earned) = (Some("901".into()), Some("100".into()));
		let costs = Costs::of(&faulted, FEE);
		assert_eq!((costs.price.as_str(), costs.audit_fee.as_str()), ("100", "3"));
		assert_eq!(costs.total, "114");
		// Of a record that older builds wrote.
		faulted.earned = None;
		let costs = Costs::of(&faulted, FEE);
		assert_eq!((costs.price.as_str(), costs.total.as_str()), ("103", "114"));
	}

	#[test]
	fn deposits_of_answered_demands_are_costs() {
		let mut record = settled();
		record.demands = vec![demand(500, true), demand(70, false)];
		let costs = Costs::of(&record, FEE);
		assert_eq!(costs.demand_deposits.as_deref(), Some("500"));
		assert_eq!(costs.total, "1515");
		assert!(costs.text().contains(", answered demands "), "{}", costs.text());
		// They are taken however the job ends.
		record.end(Verdict::Refunded(RefundReason::ChallengeUpheld));
		(record.returned, record.earned) = (Some("1004".into()), Some("0".into()));
		assert_eq!(Costs::of(&record, FEE).total, "511");
		// Whoever sells to itself gets them back.
		record.deal.as_mut().unwrap().provider = record.buyer.clone();
		assert_eq!(Costs::of(&record, FEE).demand_deposits.as_deref(), Some("0"));
	}

	#[test]
	fn a_total_is_the_sum_of_its_parts() {
		let mut record = settled();
		record.demands = vec![demand(500, true)];
		let costs = Costs::of(&record, FEE);
		assert!(costs.add_up());
		assert!(!Costs { total: "1514".into(), ..costs.clone() }.add_up());
		assert!(!Costs { demand_deposits: None, ..costs.clone() }.add_up());
		let huge = Balance::MAX.to_string();
		assert!(!Costs { price: huge, ..costs.clone() }.add_up());
		assert!(!Costs { price: "free".into(), ..costs }.add_up());
	}
}
