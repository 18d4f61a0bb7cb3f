//! Asking the runtime of a block.

use super::{
	error::Error,
	events::EventView,
	once::Once,
	questions,
	view::{
		AttestationView, BenchmarkInfoView, EstimateView, JobView, MeasurementsView, OfferView,
		PageView, ProgramDetailsView, ProgramView, ProviderView, TotalsView,
	},
};
use crate::service::FullClient;
use futures::{channel::oneshot, FutureExt};
use mutirao_market_api::{Among, EstimateRequest, JobInfo, MarketApi, Page};
use mutirao_runtime::{AccountId, Balance, Block, BlockNumber, Hash};
use mutirao_types::{program::Parameters, JobId, OfferId};
use sc_client_api::HeaderBackend;
use sc_rpc::SubscriptionTaskExecutor;
use sp_api::{ApiError, ApiExt, ProvideRuntimeApi};
use std::sync::Arc;

type Api = <FullClient as ProvideRuntimeApi<Block>>::Api;

/// The market, as this node's blocks have it.
#[derive(Clone)]
pub(super) struct Market {
	pub(super) client: Arc<FullClient>,
	/// Threads for what takes long.
	executor: SubscriptionTaskExecutor,
	/// The last blocks' events.
	pub(super) decoded: Arc<Once<Hash, Arc<Vec<EventView>>>>,
}

impl Market {
	pub(super) fn new(client: Arc<FullClient>, executor: SubscriptionTaskExecutor) -> Self {
		Self { client, executor, decoded: Arc::new(Once::new()) }
	}

	/// Does on a thread of its own what reads the database, runs the runtime or handles much data:
	/// subscriptions share few threads with all other methods.
	///
	/// # Errors
	///
	/// Those of `work`; and if the node stops.
	pub(super) async fn aside<Answer: Send + 'static>(
		&self,
		work: impl FnOnce(&Self) -> Result<Answer, Error> + Send + 'static,
	) -> Result<Answer, Error> {
		let market = self.clone();
		let (sender, answer) = oneshot::channel();
		let work = async move {
			// Nobody waits for it any more if this fails.
			drop(sender.send(work(&market)));
		};
		self.executor.spawn_blocking("market-subscription", Some("rpc"), work.boxed());
		answer.await.unwrap_or_else(|_| Err(Error::Runtime("the node is stopping".into())))
	}

	pub(super) fn offers(
		&self,
		asked: questions::Offers,
	) -> Result<PageView<OfferId, OfferView>, Error> {
		let filter = asked.filter.unwrap_or_default().check()?;
		let page = asked.page.unwrap_or_default().check()?;
		let (at, page) = self.ask(asked.at, |api, at| api.offers(at, filter, page))?;
		Ok(page_view(at, page))
	}

	pub(super) fn offer(&self, asked: questions::Offer) -> Result<Option<OfferView>, Error> {
		let (_, info) = self.ask(asked.at, |api, at| api.offer(at, asked.offer))?;
		Ok(info.map(Into::into))
	}

	pub(super) fn provider(
		&self,
		asked: questions::Provider,
	) -> Result<Option<ProviderView>, Error> {
		let (_, info) = self.ask(asked.at, |api, at| api.provider(at, asked.account))?;
		Ok(info.map(Into::into))
	}

	pub(super) fn job(&self, asked: questions::Job) -> Result<Option<JobView>, Error> {
		Ok(self.job_info(asked.job, asked.at)?.map(Into::into))
	}

	/// A job as the runtime tells it.
	pub(super) fn job_info(
		&self,
		job: JobId,
		at: Option<Hash>,
	) -> Result<Option<JobInfo<AccountId, Balance>>, Error> {
		Ok(self.ask(at, |api, at| api.job(at, job))?.1)
	}

	pub(super) fn jobs(&self, asked: questions::Jobs) -> Result<PageView<JobId, JobView>, Error> {
		let (of, page) = (asked.filter.check()?, asked.page.unwrap_or_default().check()?);
		let (at, page) = self.ask(asked.at, |api, at| api.jobs(at, of, page))?;
		Ok(page_view(at, page))
	}

	pub(super) fn programs(
		&self,
		asked: questions::Programs,
	) -> Result<PageView<Hash, ProgramView>, Error> {
		let page = asked.page.unwrap_or_default().check()?;
		let (at, page) = self.ask(asked.at, |api, at| api.programs(at, page))?;
		Ok(page_view(at, page))
	}

	pub(super) fn program(
		&self,
		asked: questions::Program,
	) -> Result<Option<ProgramDetailsView>, Error> {
		let (_, details) = self.ask(asked.at, |api, at| api.program(at, asked.program.0))?;
		Ok(details.map(Into::into))
	}

	pub(super) fn totals(&self, asked: questions::Totals) -> Result<TotalsView, Error> {
		let (at, totals) = self.ask(asked.at, |api, at| api.totals(at))?;
		Ok(TotalsView::new(at, totals))
	}

	pub(super) fn estimate(&self, asked: questions::Estimate) -> Result<EstimateView, Error> {
		let parameters =
			Parameters::try_from(asked.parameters).map_err(|_| Error::ParametersDoNotFit)?;
		let (samples, among) = asked.options.unwrap_or_default().check()?;
		let offer = match among {
			Among::Offer(offer) => Some(offer),
			Among::Cheapest(_) => None,
		};
		let program = asked.program;
		let request = EstimateRequest { program: program.0, parameters, samples, among };
		let (_, estimate) = self.ask(asked.at, |api, at| api.estimate(at, request))?;
		estimate.map(Into::into).map_err(|error| Error::of_estimate(error, program, samples, offer))
	}

	pub(super) fn attestation(
		&self,
		asked: questions::Job,
	) -> Result<Option<AttestationView>, Error> {
		let (_, info) = self.ask(asked.at, |api, at| api.attestation(at, asked.job))?;
		Ok(info.map(|info| AttestationView::new(asked.job, info)))
	}

	pub(super) fn benchmark(
		&self,
		asked: questions::Benchmark,
	) -> Result<BenchmarkInfoView, Error> {
		let (at, info) = self.ask(asked.at, |api, at| api.benchmark(at))?;
		Ok(BenchmarkInfoView::new(at, info))
	}

	pub(super) fn measurements(
		&self,
		asked: questions::Offer,
	) -> Result<Option<MeasurementsView>, Error> {
		let (_, info) = self.ask(asked.at, |api, at| api.measurements(at, asked.offer))?;
		Ok(info.map(|info| MeasurementsView::new(asked.offer, info)))
	}

	/// Asks the runtime of a block, or of the best one; also says which block that was.
	fn ask<Answer>(
		&self,
		at: Option<Hash>,
		question: impl FnOnce(&Api, Hash) -> Result<Answer, ApiError>,
	) -> Result<(Hash, Answer), Error> {
		let at = at.unwrap_or_else(|| self.client.info().best_hash);
		let api = self.client.runtime_api();
		match question(&api, at) {
			Ok(answer) => Ok((at, answer)),
			Err(error) => Err(self.why(at, error)),
		}
	}

	/// Why a block's runtime did not answer.
	fn why(&self, at: Hash, error: ApiError) -> Error {
		if let ApiError::UnknownBlock(_) = error {
			return self.why_no_state(at);
		}
		let api = self.client.runtime_api();
		let has_market = api
			.has_api::<dyn MarketApi<Block, AccountId, Balance, BlockNumber>>(at)
			.unwrap_or(true);
		if has_market {
			Error::Runtime(error.to_string())
		} else {
			Error::NoMarket(at)
		}
	}

	/// Why there is no state of a block.
	pub(super) fn why_no_state(&self, at: Hash) -> Error {
		match self.client.header(at) {
			Ok(Some(_)) => Error::StateDiscarded(at),
			_ => Error::UnknownBlock(at),
		}
	}
}

fn page_view<Id, View, Item, ViewId: From<Id>>(
	at: Hash,
	page: Page<Id, Item>,
) -> PageView<ViewId, View>
where
	View: From<Item>,
{
	PageView {
		at,
		items: page.items.into_iter().map(Into::into).collect(),
		next: page.next.map(Into::into),
	}
}
