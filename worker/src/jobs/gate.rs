//! Who may upload what: the buyer of an open job that this worker would take, and its inputs.

use std::{
	collections::HashMap,
	sync::{Arc, Mutex, PoisonError},
	time::{Duration, Instant},
};

use futures::future::BoxFuture;
use mutirao_client::{AccountId, Balance, Chain, Error};
use mutirao_data::{
	serve::{Gate, Refusal as Refused},
	wire::{Audience, UploadToken},
};
use mutirao_types::{BufferId, Job, JobId, JobState};

use super::{
	acceptor::Verdicts, inputs::SourcesError, record::owner_of, shared::Shared, view::Moment,
	Refusal,
};

/// How long an answer is given again without asking the chain. Two blocks.
const FRESH: Duration = Duration::from_secs(6);
/// Answers that are kept.
const KEPT: usize = 256;

/// What is known of a job, for whoever uploads to it.
#[derive(Clone, Debug)]
struct Answer {
	buyer: [u8; 32],
	inputs: Vec<BufferId>,
	verdict: Result<(), Refusal>,
	/// Whether the inputs were pinned since.
	pinned: bool,
	asked: Instant,
}

/// Asks the chain whether an upload is wanted.
pub struct UploadGate<C> {
	shared: Arc<Shared<C>>,
	genesis: [u8; 32],
	verdicts: Arc<Verdicts>,
	wake: Arc<tokio::sync::Notify>,
	answers: Mutex<HashMap<JobId, Answer>>,
}

impl<C: Chain + Send + Sync + 'static> UploadGate<C> {
	pub(super) fn new(
		shared: Arc<Shared<C>>,
		genesis: [u8; 32],
		verdicts: Arc<Verdicts>,
		wake: Arc<tokio::sync::Notify>,
	) -> Self {
		Self { shared, genesis, verdicts, wake, answers: Mutex::default() }
	}

	/// What is known of a job; asks the chain at most once in two blocks.
	async fn answer(&self, job: JobId) -> Result<Answer, Refused> {
		let kept = self.kept(job);
		if let Some(answer) = kept {
			return Ok(answer);
		}
		let answer = self.ask(job).await.map_err(|error| {
			tracing::warn!(job, "an upload waits for the chain: {error}");
			Refused::Busy("the provider cannot reach the chain: try again in a minute".into())
		})??;
		let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
		if answers.len() >= KEPT {
			answers.retain(|_, answer| answer.asked.elapsed() < FRESH);
		}
		if answers.len() < KEPT {
			answers.insert(job, answer.clone());
		}
		Ok(answer)
	}

	fn kept(&self, job: JobId) -> Option<Answer> {
		let answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
		answers.get(&job).filter(|answer| answer.asked.elapsed() < FRESH).cloned()
	}

	fn note_pinned(&self, job: JobId) {
		let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
		if let Some(answer) = answers.get_mut(&job) {
			answer.pinned = true;
		}
	}

	async fn ask(&self, id: JobId) -> Result<Result<Answer, Refused>, Error> {
		let Some(job) = self.shared.parts.chain.job(id).await? else {
			let unknown = "no open job has this number; is it final yet?";
			return Ok(Err(Refused::NotFound(unknown.into())));
		};
		let verdict = self.verdict(id, &job).await?;
		Ok(Ok(Answer {
			buyer: job.buyer.0,
			inputs: job.request.inputs.to_vec(),
			verdict,
			pinned: false,
			asked: Instant::now(),
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
		if let Some((_, Ok(_) | Err(Refusal::InputsMissing))) = self.verdicts.of(id) {
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
		let judged = shared.judge(job, &planned, &standing, moment, &HashMap::new());
		Ok(judged.map(drop))
	}

	/// Whether this token's buyer may upload to this job now.
	async fn check(&self, job: JobId, token: &UploadToken) -> Result<Answer, Refused> {
		let answer = self.answer(job).await?;
		if answer.buyer != token.buyer {
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
		let (store, inputs) = (self.shared.parts.store.clone(), answer.inputs.clone());
		let pin = move || store.pin(&owner_of(job), &inputs);
		let pinned = tokio::task::spawn_blocking(pin).await;
		if let Ok(Err(error)) = &pinned {
			tracing::warn!(job, "inputs cannot be pinned: {error}");
			return Err(Refused::Busy("the provider's store has no room for this job".into()));
		}
		self.note_pinned(job);
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
