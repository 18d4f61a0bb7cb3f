//! Subscriptions: one job until it has ended, or the market's events.
//!
//! Each takes work in every block, so this node serves [`MAX_OPEN`] of them at most, whoever opened
//! them, and ends those whose client does not read.

use super::{
	blocks::{BlockView, Message, Step},
	error::Error,
	events::BlockEvents,
	params::EventFilter,
	query::Market,
	questions::{FollowEvents, FollowJob},
	refuse,
	view::JobView,
};
use futures::{future::Either, stream::BoxStream, StreamExt};
use jsonrpsee::{
	types::ErrorObjectOwned, PendingSubscriptionSink, SubscriptionCloseResponse,
	SubscriptionMessage, SubscriptionSink,
};
use mutirao_market_api::{JobInfo, JobRecord};
use mutirao_runtime::{AccountId, Balance, Hash};
use serde::Serialize;
use std::{
	sync::atomic::{AtomicUsize, Ordering},
	time::Duration,
};

/// Subscriptions that are served at once, over all connections.
const MAX_OPEN: usize = 256;

/// How long a message may wait for a client to read.
const PATIENCE: Duration = Duration::from_secs(10);

/// Subscriptions that are open in this process.
static OPEN: AtomicUsize = AtomicUsize::new(0);

/// A place among them, free again when dropped.
struct Place;

impl Place {
	fn take() -> Result<Self, Error> {
		let one_more = |open| (open < MAX_OPEN).then_some(open + 1);
		OPEN.fetch_update(Ordering::AcqRel, Ordering::Acquire, one_more)
			.map(|_| Self)
			.map_err(|_| Error::TooManySubscriptions(MAX_OPEN))
	}
}

impl Drop for Place {
	fn drop(&mut self) {
		OPEN.fetch_sub(1, Ordering::AcqRel);
	}
}

/// What a message says about a job.
#[derive(Clone, Debug, Serialize)]
struct AboutJob {
	job: Option<JobView>,
}

/// What a message says about events.
#[derive(Clone, Debug, Serialize)]
struct AboutEvents {
	events: BlockEvents,
}

/// Why a subscription ends.
enum End {
	/// There is nothing more to tell, or nobody to tell it.
	Done,
	/// Something went wrong.
	Failed(Error),
}

impl From<Error> for End {
	fn from(error: Error) -> Self {
		Self::Failed(error)
	}
}

/// Tells of a job: as it stands, and whenever it changes, until it has ended or is no longer there.
pub(super) async fn job(
	market: &Market,
	pending: PendingSubscriptionSink,
	FollowJob { job, blocks }: FollowJob,
) -> SubscriptionCloseResponse {
	let blocks = blocks.unwrap_or_default();
	// First the stream: no block falls between the answer and what follows.
	let steps = market.follow(blocks);
	let start = market.newest(blocks);
	let first = Place::take().and_then(|place| {
		let info = market.job_info(job, Some(start.hash))?;
		info.map(|info| (place, info)).ok_or(Error::NoSuchJob(job))
	});
	match first {
		Err(error) => refuse(pending, error).await,
		Ok((_place, info)) => match pending.accept().await {
			Ok(sink) => end(follow_job(market, &sink, steps, start, info).await),
			Err(_) => SubscriptionCloseResponse::None,
		},
	}
}

async fn follow_job(
	market: &Market,
	sink: &SubscriptionSink,
	mut steps: BoxStream<'static, Step>,
	start: BlockView,
	mut known: JobInfo<AccountId, Balance>,
) -> End {
	let mut has_ended = matches!(known.record, JobRecord::Finished(_));
	let about = AboutJob { job: Some(known.clone().into()) };
	if let Err(end) = send(sink, start, Vec::new(), about).await {
		return end;
	}
	let mut retracted = Vec::new();
	while !has_ended {
		let Some(step) = next(sink, &mut steps).await else { return End::Done };
		retracted.extend(step.retracted);
		let Some(block) = step.blocks.last().copied() else { continue };
		let now = match market.job_info(known.id, Some(block.hash)) {
			Ok(now) => now,
			Err(error) => return End::Failed(error),
		};
		if now.as_ref() == Some(&known) {
			continue;
		}
		let about = AboutJob { job: now.clone().map(Into::into) };
		if let Err(end) = send(sink, block, std::mem::take(&mut retracted), about).await {
			return end;
		}
		match now {
			Some(now) => known = now,
			None => return End::Done,
		}
		has_ended = matches!(known.record, JobRecord::Finished(_));
	}
	End::Done
}

/// Tells of the market's events, block by block. Blocks without any are left out, unless they
/// replace others.
pub(super) async fn events(
	market: &Market,
	pending: PendingSubscriptionSink,
	FollowEvents { filter, blocks }: FollowEvents,
) -> SubscriptionCloseResponse {
	let (filter, blocks) = (filter.unwrap_or_default(), blocks.unwrap_or_default());
	let steps = market.follow(blocks);
	let start = market.newest(blocks);
	// If the newest block's events cannot be decoded, the next one's hardly can.
	let first = Place::take().and_then(|place| market.events(start.hash, &filter).map(|_| place));
	match first {
		Err(error) => refuse(pending, error).await,
		Ok(_place) => match pending.accept().await {
			Ok(sink) => end(follow_events(market, &sink, steps, &filter).await),
			Err(_) => SubscriptionCloseResponse::None,
		},
	}
}

async fn follow_events(
	market: &Market,
	sink: &SubscriptionSink,
	mut steps: BoxStream<'static, Step>,
	filter: &EventFilter,
) -> End {
	loop {
		let Some(step) = next(sink, &mut steps).await else { return End::Done };
		if let Err(end) = send_events(market, sink, step, filter).await {
			return end;
		}
	}
}

async fn send_events(
	market: &Market,
	sink: &SubscriptionSink,
	step: Step,
	filter: &EventFilter,
) -> Result<(), End> {
	let Step { blocks, mut retracted } = step.check()?;
	for block in blocks {
		let events = market.events(block.hash, filter)?;
		let retracted = std::mem::take(&mut retracted);
		if !events.0.is_empty() || !retracted.is_empty() {
			send(sink, block, retracted, AboutEvents { events }).await?;
		}
	}
	Ok(())
}

/// What comes next; nothing once the client or the node has gone.
async fn next(sink: &SubscriptionSink, steps: &mut BoxStream<'static, Step>) -> Option<Step> {
	let closed = std::pin::pin!(sink.closed());
	match futures::future::select(closed, steps.next()).await {
		Either::Left(_) => None,
		Either::Right((step, _)) => step,
	}
}

async fn send<About: Serialize>(
	sink: &SubscriptionSink,
	block: BlockView,
	retracted: Vec<Hash>,
	about: About,
) -> Result<(), End> {
	let message = SubscriptionMessage::from_json(&Message { block, retracted, about })
		.map_err(|error| Error::Runtime(error.to_string()))?;
	match sink.send_timeout(message, PATIENCE).await {
		Ok(()) => Ok(()),
		Err(_) if sink.is_closed() => Err(End::Done),
		Err(_) => Err(End::Failed(Error::SlowClient)),
	}
}

/// The last message, if an error ended the subscription: `params.error` has its code.
fn end(end: End) -> SubscriptionCloseResponse {
	let End::Failed(error) = end else { return SubscriptionCloseResponse::None };
	match SubscriptionMessage::from_json(&ErrorObjectOwned::from(error)) {
		Ok(message) => SubscriptionCloseResponse::NotifErr(message),
		Err(_) => SubscriptionCloseResponse::None,
	}
}
