//! Challenging what is wrong.

use std::convert::Infallible;

use mutirao_client::{
	pallets::{AttestationsCall, AttestationsEvent},
	Chain, Event, Included,
};
use mutirao_types::{JobId, JobState, Workgroup};
use tokio::{sync::watch, task::spawn_blocking};

use super::{
	attend::Examined,
	tower::{Seen, Tower},
	Budget, Finding, Reservation, WatchError,
};
use crate::{
	chain::{Outcome, SubmitError},
	funds::opening_advance,
};

impl<C: Chain> Tower<C> {
	/// Counts what was found, and challenges what is wrong.
	pub(super) async fn act(
		&self,
		id: JobId,
		examined: Examined,
		budget: &Budget,
		seen: &watch::Sender<Seen>,
	) -> Result<(), WatchError> {
		seen.send_modify(|seen| seen.examined += 1);
		let Finding::Wrong(workgroup) = examined.finding else {
			tracing::info!(job = id, "watch: {:?}", examined.finding);
			return Ok(());
		};
		let Workgroup { pass, number } = workgroup;
		tracing::warn!(job = id, pass, workgroup = number, "watch: wrong");
		let computed = examined.computed;
		let building = spawn_blocking(move || computed.witness(workgroup));
		let (witness, steps) = building.await.map_err(|_| WatchError::Interrupted)??;
		// One that fails costs about what an opening would.
		let most = opening_advance(examined.job.audit_fee, examined.job.request.samples);
		// What others that are made at this moment may cost is not left for this one.
		let Some(reserved) = budget.reserve(most) else {
			tracing::warn!(job = id, "watch: the budget for challenges is spent");
			return Ok(());
		};
		let call = AttestationsCall::Challenge { job: id, workgroup, steps, witness };
		let is_due = || self.is_contestable(id);
		let noted = |_| Ok::<_, Infallible>(());
		match self.submitter.send(&self.chain, call.into(), is_due, noted).await {
			Ok(Outcome::Done(included)) => note_verdict(id, &included, reserved, seen),
			Ok(Outcome::NotDue) => tracing::info!(job = id, "watch: somebody was first"),
			Err(error @ SubmitError::Refused { .. }) => {
				seen.send_modify(|seen| seen.refused += 1);
				return Err(error.into());
			}
			Err(error) => {
				// Nobody knows what it came to: it may have failed.
				if !error.is_certain() {
					let fee = reserved.fee();
					reserved.spend(fee);
				}
				return Err(error.into());
			}
		}
		seen.send_modify(|seen| seen.spent = budget.spent());
		Ok(())
	}

	/// Whether a job can be challenged now.
	async fn is_contestable(&self, id: JobId) -> Result<bool, mutirao_client::Error> {
		let (Some(job), now) = (self.chain.job(id).await?, self.chain.now().await?) else {
			return Ok(false);
		};
		Ok(matches!(job.state, JobState::Contestable { until, .. } if now < until))
	}
}

/// Notes what became of a challenge that the chain has heard.
fn note_verdict(
	id: JobId,
	included: &Included,
	reserved: Reservation<'_>,
	seen: &watch::Sender<Seen>,
) {
	let upheld = included.events.iter().find_map(|event| match event {
		Event::Attestations(AttestationsEvent::ChallengeUpheld { slash, .. }) => Some(*slash),
		_ => None,
	});
	match upheld {
		Some(slash) => {
			tracing::info!(job = id, earned = slash.to_challenger, "watch: upheld");
			seen.send_modify(|seen| {
				seen.upheld += 1;
				seen.earned = seen.earned.saturating_add(slash.to_challenger);
			});
		}
		None => {
			tracing::error!(job = id, "watch: a challenge failed");
			reserved.spend(included.fee);
			seen.send_modify(|seen| seen.failed += 1);
		}
	}
}
