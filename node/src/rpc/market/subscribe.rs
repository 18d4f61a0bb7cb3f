//! Subscriptions: one job until it has ended, or the market's events.
//!
//! Each takes work in every block, so this node serves a number of them at most ([`super::places`]),
//! does the work beside the threads that serve requests, and ends those whose client does not read.

use super::{
	blocks::{BlockView, Message, Step},
	error::Error,
	events::EventView,
	params::EventFilter,
	places::PLACES,
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
use std::time::Duration;

/// How long a message may wait for a client to read.
const PATIENCE: Duration = Duration::from_secs(10);

/// What a message says about a job.
#[derive(Clone, Debug, Serialize)]
struct AboutJob {
	job: Option<JobView>,
}

/// What a message says about events.
#[derive(Clone, Debug, Serialize)]
struct AboutEvents<'a> {
	events: Vec<&'a EventView>,
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
	let first = async {
		let place = PLACES.take(pending.connection_id().0)?;
		let info = market.aside(move |market| market.job_info(job, Some(start.hash))).await?;
		info.map(|info| (place, info)).ok_or(Error::NoSuchJob(job))
	};
	match first.await {
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
	if let Err(end) = tell(sink, start, Vec::new(), about).await {
		return end;
	}
	let mut retracted = Vec::new();
	while !has_ended {
		let Some(step) = next(sink, &mut steps).await else { return End::Done };
		retracted.extend(step.retracted);
		let Some(block) = step.blocks.last().copied() else { continue };
		let id = known.id;
		let now = match market.aside(move |market| market.job_info(id, Some(block.hash))).await {
			Ok(now) => now,
			Err(error) => return End::Failed(error),
		};
		if now.as_ref() == Some(&known) {
			continue;
		}
		let about = AboutJob { job: now.clone().map(Into::into) };
		if let Err(end) = tell(sink, block, std::mem::take(&mut retracted), about).await {
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
	let first = async {
		let place = PLACES.take(pending.connection_id().0)?;
		market.events(start.hash).await.map(|_| place)
	};
	match first.await {
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
		let events = market.events(block.hash).await?;
		let (retracted, filter) = (std::mem::take(&mut retracted), filter.clone());
		let written = market.aside(move |_| {
			let events = filter.choose(&events);
			let is_worth_telling = !events.is_empty() || !retracted.is_empty();
			let about = AboutEvents { events };
			is_worth_telling.then(|| message(block, retracted, about)).transpose()
		});
		if let Some(message) = written.await? {
			send(sink, message).await?;
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

fn message<About: Serialize>(
	block: BlockView,
	retracted: Vec<Hash>,
	about: About,
) -> Result<SubscriptionMessage, Error> {
	SubscriptionMessage::from_json(&Message { block, retracted, about })
		.map_err(|error| Error::Runtime(error.to_string()))
}

async fn tell<About: Serialize>(
	sink: &SubscriptionSink,
	block: BlockView,
	retracted: Vec<Hash>,
	about: About,
) -> Result<(), End> {
	send(sink, message(block, retracted, about)?).await
}

async fn send(sink: &SubscriptionSink, message: SubscriptionMessage) -> Result<(), End> {
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
