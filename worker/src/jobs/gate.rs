//! Who may upload what: the buyer of an open job that this worker would take, and its inputs.

use std::{sync::Arc, time::Duration};

use futures::future::BoxFuture;
use mutirao_client::{AccountId, Balance, Chain, Error};
use mutirao_data::{
	serve::{Gate, Refusal as Refused},
	wire::{Audience, UploadToken},
};
use mutirao_types::{BufferId, Job, JobId, JobState};

use super::{
	acceptor::Verdicts,
	asking::{Asking, TooMany},
	inputs::SourcesError,
	record::owner_of,
	shared::Shared,
	view::Moment,
	Refusal,
};

/// How long an answer is given again without asking the chain. Two blocks.
const FRESH: Duration = Duration::from_secs(6);
/// The same if the chain knows no such job: the next block may have it.
const UNKNOWN: Duration = Duration::from_secs(3);

/// What is known of a job, for whoever uploads to it.
#[derive(Clone, Debug)]
struct Answer {
	buyer: AccountId,
	inputs: Vec<BufferId>,
	verdict: Result<(), Refusal>,
	/// Whether the job is ours already.
	taken: bool,
	/// Whether the inputs were pinned since.
	pinned: bool,
}

/// Asks the chain whether an upload is wanted.
pub struct UploadGate<C> {
	shared: Arc<Shared<C>>,
	genesis: [u8; 32],
	verdicts: Arc<Verdicts>,
	wake: Arc<tokio::sync::Notify>,
	answers: Asking<Result<Answer, Refused>>,
}

impl<C: Chain + Send + Sync + 'static> UploadGate<C> {
	pub(super) fn new(
		shared: Arc<Shared<C>>,
		genesis: [u8; 32],
		verdicts: Arc<Verdicts>,
		wake: Arc<tokio::sync::Notify>,
	) -> Self {
		Self { shared, genesis, verdicts, wake, answers: Asking::default() }
	}

	/// What is known of a job; asks the chain at most once in two blocks.
	async fn answer(&self, job: JobId) -> Result<Answer, Refused> {
		let asking = || async {
			match self.ask(job).await {
				Ok(Err(unknown)) => (Err(unknown), UNKNOWN),
				Ok(Ok(answer)) => (Ok(answer), FRESH),
				Err(error) => {
					tracing::warn!(job, "an upload waits for the chain: {error}");
					let why = "the provider cannot reach the chain: try again in a minute";
					(Err(Refused::Busy(why.into())), UNKNOWN)
				}
			}
		};
		let is_known = self.verdicts.of(job).is_some();
		let answer = self.answers.answer(job, is_known, asking).await;
		answer.unwrap_or_else(|TooMany| {
			Err(Refused::Busy("too many ask about jobs: try again in some seconds".into()))
		})
	}

	async fn note_pinned(&self, job: JobId) {
		let note = |answer: &mut Result<Answer, Refused>| {
			if let Ok(answer) = answer {
				answer.pinned = true;
			}
		};
		self.answers.change(job, note).await;
	}

	async fn ask(&self, id: JobId) -> Result<Result<Answer, Refused>, Error> {
		let Some(job) = self.shared.parts.chain.job(id).await? else {
			let unknown = "no open job has this number; is it final yet?";
			return Ok(Err(Refused::NotFound(unknown.into())));
		};
		let verdict = self.verdict(id, &job).await?;
		Ok(Ok(Answer {
			buyer: job.buyer,
			inputs: job.request.inputs.to_vec(),
			taken: !matches!(job.state, JobState::Open { .. }),
			verdict,
			pinned: false,
		}))
	}

	/// Whether this worker wants the inputs of a job.
	async fn verdict(
		&self,
		id: JobId,
		job: &Job<AccountId, Balance>,
	) -> Result<Result<(), Refusal>, Error> {
		let shared = &self.shared;
		match &job.state {
			JobState::Open { .. } => {}
			// Ours, and its inputs were lost.
			state if state.deal().is_some_and(|deal| shared.serves(deal.offer)) => {
				return Ok(Ok(()));
			}
			_ => return Ok(Err(Refusal::Taken)),
		}
		let decided = self.verdicts.of(id).map(|(_, verdict)| verdict);
		if let Some(Ok(_) | Err(Refusal::InputsMissing | Refusal::BuyerWaits)) = decided {
			return Ok(Ok(()));
		}
		if !shared.is_for_us(job) {
			return Ok(Err(Refusal::ForAnother));
		}
		let planned = match shared.programs.plan(&shared.parts.chain, &job.request).await? {
			Ok(planned) => planned,
			Err(refusal) => return Ok(Err(refusal)),
		};
		let Some(standing) = shared.standing().await? else {
			return Ok(Err(Refusal::NotAccepting));
		};
		let moment = Moment::of(&shared.parts.chain).await?;
		let judged = shared.judge(job, &planned, &standing, moment, &shared.load());
		Ok(judged.map(drop))
	}

	/// Whether this token's buyer may upload to this job now.
	async fn check(&self, job: JobId, token: &UploadToken) -> Result<Answer, Refused> {
		let answer = self.answer(job).await?;
		if answer.buyer.0 != token.buyer {
			return Err(Refused::Forbidden("the token's signer is not the job's buyer".into()));
		}
		match &answer.verdict {
			Ok(()) => Ok(answer),
			Err(refusal @ (Refusal::Busy { .. } | Refusal::StoreFull { .. })) => {
				Err(Refused::Busy(refusal.to_string()))
			}
			Err(refusal) => Err(Refused::Forbidden(refusal.to_string())),
		}
	}

	async fn permit_upload(
		&self,
		job: JobId,
		token: &UploadToken,
	) -> Result<Vec<BufferId>, Refused> {
		let answer = self.check(job, token).await?;
		if answer.pinned {
			return Ok(answer.inputs);
		}
		// Whoever took the job answers for its inputs, and may have lost them.
		if !answer.taken && !self.shared.admits(job, answer.buyer, &answer.inputs) {
			return Err(Refused::Busy(Refusal::BuyerWaits.to_string()));
		}
		let (store, inputs) = (self.shared.parts.store.clone(), answer.inputs.clone());
		let pin = move || store.pin(&owner_of(job), &inputs);
		let pinned = tokio::task::spawn_blocking(pin).await;
		if let Ok(Err(error)) = &pinned {
			tracing::warn!(job, "inputs cannot be pinned: {error}");
			return Err(Refused::Busy("the provider's store has no room for this job".into()));
		}
		self.note_pinned(job).await;
		Ok(answer.inputs)
	}
}

impl<C: Chain + Send + Sync + 'static> Gate for UploadGate<C> {
	fn audience(&self) -> Audience {
		let provider = self.shared.parts.chain.account().0;
		Audience { genesis: self.genesis, provider }
	}

	fn inputs(&self, job: JobId) -> BoxFuture<'_, Result<Vec<BufferId>, Refused>> {
		Box::pin(async move { Ok(self.answer(job).await?.inputs) })
	}

	fn permit(
		&self,
		job: JobId,
		token: &UploadToken,
	) -> BoxFuture<'_, Result<Vec<BufferId>, Refused>> {
		let token = token.clone();
		Box::pin(async move { self.permit_upload(job, &token).await })
	}

	fn sources(
		&self,
		job: JobId,
		token: &UploadToken,
		urls: Vec<String>,
	) -> BoxFuture<'_, Result<(), Refused>> {
		let token = token.clone();
		Box::pin(async move {
			self.check(job, &token).await?;
			let named = self.shared.parts.sources.name(job, urls);
			named.map_err(|error| match error {
				SourcesError::Busy => Refused::Busy(error.to_string()),
				_ => Refused::Forbidden(error.to_string()),
			})?;
			self.wake.notify_one();
			Ok(())
		})
	}
}
