//! How a job ended, and who paid.

use super::Decimal;
use mutirao_runtime::Balance;
use mutirao_types::{FaultKind, RefundReason, SlashReport, Verdict};
use serde::Serialize;

/// The end of a job.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct VerdictView {
	outcome: &'static str,
	/// Why the buyer was refunded.
	reason: Option<&'static str>,
	/// What the program did.
	fault: Option<&'static str>,
}

impl From<Verdict> for VerdictView {
	fn from(verdict: Verdict) -> Self {
		match verdict {
			Verdict::Settled => Self { outcome: "settled", reason: None, fault: None },
			Verdict::Refunded(why) => {
				Self { outcome: "refunded", reason: Some(reason(why)), fault: None }
			}
			Verdict::Faulted(kind) => {
				Self { outcome: "faulted", reason: None, fault: Some(fault(kind)) }
			}
		}
	}
}

fn reason(reason: RefundReason) -> &'static str {
	match reason {
		RefundReason::Cancelled => "cancelled",
		RefundReason::Expired => "expired",
		RefundReason::GivenUp => "givenUp",
		RefundReason::Late => "late",
		RefundReason::OpeningMissed => "openingMissed",
		RefundReason::OpeningWrong => "openingWrong",
		RefundReason::ChallengeUpheld => "challengeUpheld",
		RefundReason::DemandUnanswered => "demandUnanswered",
	}
}

/// What a program did that it may not do.
pub(crate) fn fault(fault: FaultKind) -> &'static str {
	match fault {
		FaultKind::Race => "race",
		FaultKind::Fuel => "fuel",
		FaultKind::DivergentBarrier => "divergentBarrier",
		FaultKind::Reads => "reads",
	}
}

/// Where a slash went.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SlashView {
	burned: Decimal,
	to_buyer: Decimal,
	to_challenger: Decimal,
	shortfall: Decimal,
}

impl From<SlashReport<Balance>> for SlashView {
	fn from(report: SlashReport<Balance>) -> Self {
		Self {
			burned: report.burned.into(),
			to_buyer: report.to_buyer.into(),
			to_challenger: report.to_challenger.into(),
			shortfall: report.shortfall.into(),
		}
	}
}
