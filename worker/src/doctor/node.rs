//! The node: whether it is there, knows the present, and agrees with our clock.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use mutirao_client::{Client, Error};

use super::Report;
use crate::{exit::Failure, facts::Facts};

/// The last finalised block is this old at most on a healthy chain.
const FRESH: Duration = Duration::from_secs(45);
/// Clocks may differ by so much: a block's time.
const SKEW: Duration = Duration::from_secs(3);
/// How long the chain is watched when something is odd.
const WATCH: Duration = Duration::from_secs(8);
/// So many blocks in that time are more than the chain makes: the node catches up.
const CATCHING_UP: u32 = 6;

/// What two looks at the chain show.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Clocks {
	/// The last final block is recent.
	Agree {
		/// How old it is.
		age: Duration,
	},
	/// The last final block is from our future.
	OursIsSlow {
		/// By so much.
		by: Duration,
	},
	/// The node is reading old blocks.
	Syncing {
		/// How far it is behind.
		behind: Duration,
	},
	/// Blocks become final at the usual pace, long after their time.
	OursIsFastOrFinalityLags {
		/// By so much.
		by: Duration,
	},
	/// No block became final.
	Still {
		/// For so long.
		age: Duration,
	},
}

/// Compares clocks: the time and height of the last final block, those of a later look if there was one,
/// and our time at the first look, in milliseconds since 1970.
pub fn compare_clocks(ours_ms: u64, first: (u64, u32), second: Option<(u64, u32)>) -> Clocks {
	let (theirs_ms, height) = first;
	if theirs_ms > ours_ms.saturating_add(SKEW.as_millis() as u64) {
		return Clocks::OursIsSlow { by: Duration::from_millis(theirs_ms - ours_ms) };
	}
	let age = Duration::from_millis(ours_ms.saturating_sub(theirs_ms));
	if age <= FRESH {
		return Clocks::Agree { age };
	}
	match second.map(|(_, later)| later.saturating_sub(height)) {
		None | Some(0) => Clocks::Still { age },
		Some(blocks) if blocks > CATCHING_UP => Clocks::Syncing { behind: age },
		Some(_) => Clocks::OursIsFastOrFinalityLags { by: age },
	}
}

/// Looks at the connection that was made, or not.
pub async fn check(report: &mut Report, connected: &Result<Client, Error>) {
	let client = match connected {
		Ok(client) => client,
		Err(error @ Error::Incompatible(_)) => {
			let remedy = "update this worker, or the node, to the version of the other";
			report.error(Failure::Chain, "chain", error.to_string(), remedy);
			return;
		}
		Err(error) => {
			let remedy = "start a node, or change chain.endpoints";
			report.error(Failure::Chain, "chain", error.to_string(), remedy);
			return;
		}
	};
	report.good("chain", format!("{} answers, and is understood", client.endpoint()));
	if let Err(error) = check_time(report, client).await {
		report.error(Failure::Chain, "clock", error.to_string(), "is the node overloaded?");
	}
}

async fn check_time(report: &mut Report, facts: &impl Facts) -> Result<(), Error> {
	let first = facts.finalised().await?;
	let ours = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
	let ours = u64::try_from(ours.as_millis()).unwrap_or(u64::MAX);
	let mut clocks = compare_clocks(ours, first, None);
	if matches!(clocks, Clocks::Still { .. }) {
		tokio::time::sleep(WATCH).await;
		clocks = compare_clocks(ours, first, Some(facts.finalised().await?));
	}
	tell(report, clocks);
	Ok(())
}

/// Says what clocks mean.
pub(super) fn tell(report: &mut Report, clocks: Clocks) {
	let seconds = |time: Duration| format!("{} s", time.as_secs());
	match clocks {
		Clocks::Agree { age } => {
			report.good("clock", format!("the last final block is {} old", seconds(age)));
		}
		Clocks::OursIsSlow { by } => {
			let found = format!("this machine's clock is {} slow against the chain's", seconds(by));
			report.error(
				Failure::Other,
				"clock",
				found,
				"switch on NTP: `timedatectl set-ntp true`",
			);
		}
		Clocks::Syncing { behind } => {
			let found = format!("the node is syncing, {} behind", seconds(behind));
			report.error(Failure::Chain, "chain", found, "wait until it has caught up");
		}
		Clocks::OursIsFastOrFinalityLags { by } => {
			let found =
				format!("blocks become final {} after their time, by this clock", seconds(by));
			let remedy =
				"is this machine's clock fast (`timedatectl`)? If it is right, finality lags";
			report.warning("clock", found, remedy);
		}
		Clocks::Still { age } => {
			let found = format!("no block has become final for {}", seconds(age));
			let remedy =
				"is the node connected to others, or this machine's clock fast? Deadlines are \
				counted in blocks";
			report.error(Failure::Chain, "chain", found, remedy);
		}
	}
}
