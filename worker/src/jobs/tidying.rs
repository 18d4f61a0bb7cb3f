//! Jobs that the journal lost, and pins that no job needs.

use std::collections::{BTreeSet, HashMap};

use mutirao_client::{BlockNumber, Chain};
use mutirao_types::{JobId, JobStateKind};

use super::{record::owner_of, view::Moment, worker::Worker, ActError, Parts, Record};

/// In so many blocks the chain is asked once which jobs it calls ours: the journal may be lost.
const LOOK_FOR_LOST: BlockNumber = 100;
/// For so many blocks a pin may belong to no job.
const STALE: BlockNumber = 3;

impl<C: Chain + Clone + Send + Sync + 'static> Worker<C> {
	/// Looks for jobs that the chain calls ours and the journal does not know.
	pub(super) async fn find_lost(&mut self, moment: Moment) -> Result<(), ActError> {
		let recent = |block: BlockNumber| moment.block < block.saturating_add(LOOK_FOR_LOST);
		if self.looked_for_lost.is_some_and(recent) {
			return Ok(());
		}
		let Parts { chain, journal, .. } = &self.shared.parts;
		let ours: BTreeSet<_> =
			chain.jobs_of_provider(chain.account()).await?.into_iter().collect();
		let mut live = BTreeSet::new();
		for stage in [JobStateKind::Running, JobStateKind::Attested, JobStateKind::Contestable] {
			live.extend(chain.jobs_at(stage).await?);
		}
		for id in live.intersection(&ours).copied() {
			if journal.get(id)?.is_some() {
				continue;
			}
			let Some(job) = chain.job(id).await? else { continue };
			let Some(deal) = job.state.deal().filter(|deal| self.shared.serves(deal.offer)) else {
				continue;
			};
			tracing::warn!(
				job = id,
				"the chain calls this job ours, and the journal does not know it"
			);
			let record = Record::new(id, deal.offer, deal.price, &job);
			self.shared.parts.store.pin(&record.owner(), &record.request.inputs)?;
			journal.put(&record)?;
		}
		self.looked_for_lost = Some(moment.block);
		Ok(())
	}

	/// Lets go of what belongs to jobs that are neither ours nor wanted.
	pub(super) fn tidy(
		&mut self,
		ours: &BTreeSet<JobId>,
		wanted: &BTreeSet<JobId>,
	) -> Result<(), ActError> {
		let flights = &self.flights;
		let kept =
			|job| ours.contains(&job) || wanted.contains(&job) || flights.kind(job).is_some();
		let store = &self.shared.parts.store;
		let is_stale = |owner: &String| {
			let job = owner.strip_prefix("job-").and_then(|number| number.parse().ok());
			job.is_some_and(|job| !kept(job))
		};
		let mut stale = HashMap::new();
		for owner in store.owners().into_iter().filter(is_stale) {
			let since = *self.stale_pins.get(&owner).unwrap_or(&self.seen);
			// Not at once: an upload may have begun for a job that was not judged yet.
			if self.seen.saturating_sub(since) >= STALE {
				store.unpin(&owner)?;
			} else {
				stale.insert(owner, since);
			}
		}
		let pinned: BTreeSet<String> = store.owners().into_iter().collect();
		self.shared
			.waiting
			.retain(|job| !ours.contains(&job) && (kept(job) || pinned.contains(&owner_of(job))));
		self.shared.parts.sources.retain(|job| kept(job) || self.acceptor.knows(job));
		self.shared.retain_refused(|job| self.acceptor.knows(job));
		self.stale_pins = stale;
		self.flights.retain(|job| ours.contains(&job) || wanted.contains(&job));
		self.unknown_since.retain(|job, _| ours.contains(job));
		Ok(())
	}
}
