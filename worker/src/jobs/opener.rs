//! Showing what was committed to: drawn workgroups, demanded chunks.

use std::{collections::BTreeSet, sync::Arc};

use futures::{stream, StreamExt};
use mutirao_client::{pallets::AttestationsCall, BlockNumber, Chain, Event};
use mutirao_types::{BufferId, JobBuffer, JobState, Sample};

use crate::fault;

use super::{
	decide::RING_BLOCKS,
	record::{Record, What},
	shared::{blocking, Shared},
	view::View,
	ActError,
};

/// How far back demands are looked for, in blocks: longer than any may wait.
const LOOK_BACK: BlockNumber = 600;

impl<C: Chain> Shared<C> {
	/// Opens drawn workgroups. One that cannot be opened does not keep the others back.
	pub(super) async fn open(
		&self,
		record: &Record,
		view: &View,
		samples: &[u8],
	) -> Result<(), ActError> {
		let drawn = view.samples.as_deref().unwrap_or_default();
		let computed = Arc::new(self.computed(record).await?);
		fault::point("before-open");
		let opening = samples.iter().filter_map(|at| Some((*at, drawn.get(usize::from(*at))?)));
		let opening = opening.map(|(at, sample)| self.open_one(record, &computed, at, *sample));
		let opening: Vec<_> = opening.collect();
		let outcomes: Vec<Result<(), ActError>> =
			stream::iter(opening).buffer_unordered(self.parts.limits.calls.max(1)).collect().await;
		first_error(outcomes)
	}

	async fn open_one(
		&self,
		record: &Record,
		computed: &Arc<mutirao_machine_prover::Computed>,
		sample: u8,
		drawn: Sample,
	) -> Result<(), ActError> {
		let (job, computed) = (record.job, computed.clone());
		let build = move || Ok(computed.witness(drawn.workgroup)?);
		let (witness, steps) = blocking(build).await?;
		let call = AttestationsCall::Open { job, sample, steps, witness };
		let due = || async move {
			// Drawn anew, the same number is another workgroup.
			let samples = self.parts.chain.samples(job).await?;
			let now = samples.and_then(|all| all.get(usize::from(sample)).copied());
			Ok(now.is_some_and(|now| now.workgroup == drawn.workgroup && !now.opened))
		};
		self.call(job, What::Open(sample), call.into(), due).await?;
		fault::point("after-open");
		Ok(())
	}

	/// Has the workgroups drawn anew, whose randomness the chain forgot.
	pub(super) async fn redraw(&self, record: &Record) -> Result<(), ActError> {
		let job = record.job;
		fault::point("before-redraw");
		let due = || async move {
			let chain = &self.parts.chain;
			let Some(attestation) = chain.attestation(job).await? else { return Ok(false) };
			let block = chain.finalized_number().await?;
			let old = block > attestation.anchor.saturating_add(RING_BLOCKS);
			Ok(old && chain.samples(job).await?.is_none())
		};
		self.call(job, What::Redraw, AttestationsCall::Redraw { job }.into(), due).await?;
		fault::point("after-redraw");
		Ok(())
	}

	/// Shows demanded chunks.
	pub(super) async fn supply(
		&self,
		record: &Record,
		chunks: &[(JobBuffer, u32)],
	) -> Result<(), ActError> {
		fault::point("before-supply");
		let supplying: Vec<_> =
			chunks.iter().map(|(buffer, chunk)| self.supply_one(record, *buffer, *chunk)).collect();
		let outcomes: Vec<Result<(), ActError>> = stream::iter(supplying)
			.buffer_unordered(self.parts.limits.calls.max(1))
			.collect()
			.await;
		first_error(outcomes)
	}

	async fn supply_one(
		&self,
		record: &Record,
		buffer: JobBuffer,
		chunk: u32,
	) -> Result<(), ActError> {
		let job = record.job;
		let Some(id) = buffer_of(record, buffer) else {
			tracing::error!(job, "a chunk of {buffer:?} is demanded, which the job does not have");
			return Ok(());
		};
		let stored = self.stored(&id)?;
		let opening = blocking(move || Ok(stored.open(&[chunk])?)).await?;
		let call = AttestationsCall::Supply { job, buffer, opening };
		let due = || async move {
			Ok(self.parts.chain.pending_demand(job, buffer, chunk).await?.is_some())
		};
		self.call(job, What::Supply(buffer, chunk), call.into(), due).await?;
		fault::point("after-supply");
		Ok(())
	}

	/// Looks for demands in the blocks of the last half an hour. The loop sees each block once; this is
	/// for blocks that it did not see.
	pub(super) async fn find_demands(&self, record: &Record, view: &View) -> Result<(), ActError> {
		let chain = &self.parts.chain;
		let anchor = view.attested.as_ref().map_or(0, |attested| attested.anchor);
		let first = anchor.max(view.block.saturating_sub(LOOK_BACK));
		let mut found = BTreeSet::new();
		for number in first..=view.block {
			// What a node has forgotten, it cannot tell. What it cannot tell now, it tells later.
			let Ok(block) = chain.block(number).await else { continue };
			for event in &block.events {
				use mutirao_client::pallets::AttestationsEvent::Demanded;
				if let Event::Attestations(Demanded { job, buffer, chunk, .. }) = event {
					if *job == record.job {
						found.insert((key(*buffer), *chunk));
					}
				}
			}
		}
		let mut known = 0;
		for ((written, at), chunk) in found {
			let buffer = if written { JobBuffer::Written(at) } else { JobBuffer::Input(at) };
			if chain.pending_demand(record.job, buffer, chunk).await?.is_none() {
				continue;
			}
			known += 1;
			self.parts.journal.change(record.job, |record| {
				if !record.demands.contains(&(buffer, chunk)) {
					record.demands.push((buffer, chunk));
				}
			})?;
		}
		let waiting = view.attested.as_ref().map_or(0, |attested| usize::from(attested.demands));
		match known < waiting {
			true => Err(ActError::DemandsUnknown { waiting, known }),
			false => Ok(()),
		}
	}

	/// Ends a job whose deadline has passed.
	pub(super) async fn settle(&self, record: &Record) -> Result<(), ActError> {
		let job = record.job;
		fault::point("before-settle");
		let due = || async move {
			let now = self.parts.chain.now().await?;
			let over = move |state: &super::attester::State| {
				!matches!(state, JobState::Open { .. }) && state.until() < now
			};
			self.state_is(job, over).await
		};
		let call = mutirao_client::pallets::JobsCall::Settle { job };
		self.call(job, What::Settle, call.into(), due).await?;
		fault::point("after-settle");
		Ok(())
	}
}

/// The name of a job's buffer.
fn buffer_of(record: &Record, buffer: JobBuffer) -> Option<BufferId> {
	match buffer {
		JobBuffer::Input(at) => record.request.inputs.get(usize::from(at)).copied(),
		JobBuffer::Written(at) => {
			let written = &record.computed.as_ref()?.written;
			written.get(usize::from(at)).map(|(_, id)| *id)
		}
	}
}

fn key(buffer: JobBuffer) -> (bool, u8) {
	match buffer {
		JobBuffer::Input(at) => (false, at),
		JobBuffer::Written(at) => (true, at),
	}
}

fn first_error(outcomes: Vec<Result<(), ActError>>) -> Result<(), ActError> {
	let mut first = Ok(());
	for error in outcomes.into_iter().filter_map(Result::err) {
		match first {
			Ok(()) => first = Err(error),
			Err(_) => tracing::error!("{error}"),
		}
	}
	first
}
