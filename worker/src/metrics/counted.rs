//! Counts calls that took effect, and how long that took.

use std::time::Instant;

use mutirao_client::{
	pallets::{AttestationsCall, JobsCall},
	AccountId, Call, Client, Error, Included, OnChain, Submit,
};

use super::{JobEvent, Metrics, Step};

/// An account whose calls are counted.
#[derive(Clone)]
pub struct Counted<A> {
	account: A,
	metrics: Metrics,
}

impl<A> Counted<A> {
	/// Counts this account's calls.
	pub fn new(account: A, metrics: Metrics) -> Self {
		Self { account, metrics }
	}
}

impl<A: OnChain> OnChain for Counted<A> {
	fn client(&self) -> &Client {
		self.account.client()
	}
}

impl<A: Submit> Submit for Counted<A> {
	fn account(&self) -> AccountId {
		self.account.account()
	}

	async fn submit(&self, call: Call) -> Result<Included, Error> {
		let (events, start) = (events(&call), Instant::now());
		let included = self.account.submit(call).await?;
		self.metrics.took(Step::Sign, start.elapsed());
		events.into_iter().for_each(|event| self.metrics.happened(event));
		Ok(included)
	}
}

/// What a call does to jobs if it takes effect.
fn events(call: &Call) -> Vec<JobEvent> {
	match call {
		Call::Jobs(JobsCall::Accept { .. }) => vec![JobEvent::Accepted],
		Call::Jobs(JobsCall::GiveUp { .. }) => vec![JobEvent::GivenUp],
		Call::Attestations(AttestationsCall::Attest { .. }) => vec![JobEvent::Attested],
		Call::Attestations(AttestationsCall::Open { .. }) => vec![JobEvent::Opened],
		Call::Attestations(AttestationsCall::Supply { .. }) => vec![JobEvent::Supplied],
		Call::Batch(calls) => calls.iter().flat_map(events).collect(),
		_ => Vec::new(),
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use mutirao_client::fake::FakeChain;

	fn counted(metrics: &Metrics, event: &str) -> bool {
		let line = format!("mutirao_worker_job_events_total{{event=\"{event}\"}} 1\n");
		metrics.text().unwrap().contains(&line)
	}

	#[tokio::test]
	async fn calls_count_once_they_took_effect_and_not_when_they_fail() {
		let chain = FakeChain::new().unwrap();
		let metrics = Metrics::new().unwrap();
		let account = Counted::new(chain.account([1; 32]), metrics.clone());
		// The fake refuses it: there is no such job.
		account.submit(JobsCall::Accept { job: 1, offer: 1 }.into()).await.unwrap_err();
		assert!(!counted(&metrics, "accepted"));
		account.submit(Call::Batch(Vec::new())).await.unwrap();
		let took = "mutirao_worker_step_seconds_count{step=\"sign\"} 1\n";
		assert!(metrics.text().unwrap().contains(took));
		let batch = Call::Batch(vec![
			JobsCall::Accept { job: 1, offer: 1 }.into(),
			JobsCall::Settle { job: 1 }.into(),
		]);
		assert_eq!(events(&batch), [JobEvent::Accepted]);
	}
}
