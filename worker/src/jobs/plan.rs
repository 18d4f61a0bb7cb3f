//! What is next for each job: what the chain says of it and what is at hand, put together.

use futures::{stream, StreamExt, TryStreamExt};
use mutirao_client::Chain;

use super::{
	decide::{decide, Means, Step},
	flights::{until, Kind},
	policy::blocks,
	view::{Moment, Stage, View},
	worker::Worker,
	ActError, Record, PRESSING,
};

/// Jobs that are looked at at a time in a round: a read takes a node some milliseconds.
const LOOKS_AT_ONCE: usize = 16;

/// What is next for a job.
pub(super) struct Plan {
	pub(super) record: Record,
	pub(super) view: View,
	pub(super) step: Step,
}

impl<C: Chain + Clone + Send + Sync + 'static> Worker<C> {
	/// What is next for each job.
	pub(super) async fn plans(&mut self, moment: Moment) -> Result<Vec<Plan>, ActError> {
		let records = self.shared.parts.journal.records()?;
		let looking = records.into_iter().map(|record| {
			let shared = self.shared.clone();
			async move {
				let view = shared.view(&record, moment).await?;
				Ok::<_, ActError>((record, view))
			}
		});
		let seen: Vec<(Record, View)> =
			stream::iter(looking).buffered(LOOKS_AT_ONCE).try_collect().await?;
		// What is under way may be about to change its record: one that is seen changed is fine.
		Ok(seen.into_iter().map(|(record, view)| self.plan(record, view)).collect())
	}

	/// What is next for a job.
	pub(super) fn plan(&mut self, record: Record, view: View) -> Plan {
		let shared = &self.shared;
		let unknown_for = match view.stage {
			Stage::Unknown => {
				let since = *self.unknown_since.entry(record.job).or_insert(view.block);
				view.block.saturating_sub(since)
			}
			_ => {
				self.unknown_since.remove(&record.job);
				0
			}
		};
		let written = record.computed.iter().flat_map(|computed| &computed.written);
		let computing = self.flights.kind(record.job) == Some(Kind::Compute);
		let means = Means {
			inputs: shared.has(record.request.inputs.iter().copied()),
			outputs: shared.has(written.map(|(_, id)| *id)),
			compute: match computing {
				// It goes on to the deadline.
				true => Some(0),
				false => shared.best_seconds(&record).map(blocks),
			},
			keep: shared.parts.limits.keep,
			unknown_for,
		};
		let step = decide(&record, &view, &means);
		Plan { record, view, step }
	}
}

/// Whether so little time is left that a pause after a failure would cost more than it saves.
pub(super) fn is_pressing(plan: &Plan) -> bool {
	let left = until(&plan.view).map(|until| until.saturating_sub(plan.view.now));
	plan.step.is_duty() && left.is_some_and(|left| left < PRESSING)
}
