//! Sending calls that must take effect once.

use std::{fmt::Display, future::Future, time::Duration};

use mutirao_client::{BlockNumber, Call, Chain, DispatchError, Error, Included};
use tokio::time::sleep;

use super::{may_recover, Backoff};

/// What became of a call.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Outcome {
	/// It took effect.
	Done(Included),
	/// It was not sent: the chain says that it took effect before, or that it is too late for it.
	NotDue,
}

/// Why a call did not take effect.
#[derive(Debug, thiserror::Error)]
pub enum SubmitError {
	/// The chain refused it, and still asks for it.
	#[error("the chain refused {call}: {error}")]
	Refused {
		/// Which call.
		call: String,
		/// What the runtime said.
		error: DispatchError,
	},
	/// That it would be sent could not be remembered, so it was not.
	#[error("{call} is not sent, because that could not be noted: {reason}")]
	NotNoted {
		/// Which call.
		call: String,
		/// Why.
		reason: String,
	},
	/// Nobody answered for long, or nobody took it. It may have been sent: look before the next attempt.
	#[error("{call} was not taken: {source}")]
	GaveUp {
		/// Which call.
		call: String,
		/// The last error.
		source: Error,
	},
}

impl SubmitError {
	/// What the client said, if it did.
	pub fn chain_error(&self) -> Option<&Error> {
		match self {
			Self::GaveUp { source, .. } => Some(source),
			Self::Refused { .. } | Self::NotNoted { .. } => None,
		}
	}

	/// Whether it is certain that what was sent has no effect.
	pub fn is_certain(&self) -> bool {
		match self {
			Self::Refused { .. } | Self::NotNoted { .. } => true,
			Self::GaveUp { source, .. } => !matches!(source, Error::Unclear { .. }),
		}
	}
}

/// Sends calls, again where that makes sense.
#[derive(Clone, Debug)]
pub struct Submitter {
	/// Times that a call is sent.
	pub attempts: u32,
	/// Pauses between attempts.
	pub backoff: Backoff,
}

impl Default for Submitter {
	fn default() -> Self {
		Self { attempts: 5, backoff: Backoff::new(Duration::from_secs(1), Duration::from_secs(10)) }
	}
}

impl Submitter {
	/// Sends a call. Before each attempt, the first too, `is_due` asks the chain whether the call is
	/// still to be made, so that it is not sent again after it took effect; `sending` is told the last
	/// finalised block, and must note that the call is on its way: if it fails, nothing is sent.
	///
	/// # Errors
	///
	/// [`SubmitError`]; errors of `is_due` count as failed attempts.
	pub async fn send<C, D, E>(
		&self,
		chain: &C,
		call: Call,
		is_due: impl Fn() -> D + Send + Sync,
		sending: impl Fn(BlockNumber) -> Result<(), E> + Send + Sync,
	) -> Result<Outcome, SubmitError>
	where
		C: Chain,
		D: Future<Output = Result<bool, Error>> + Send,
		E: Display,
	{
		let name = name_of(&call);
		let mut backoff = self.backoff.clone();
		let mut attempt = 0;
		loop {
			attempt += 1;
			let error = match prepare(chain, &is_due).await {
				Ok(None) => return Ok(Outcome::NotDue),
				Ok(Some(block)) => {
					sending(block).map_err(|reason| SubmitError::NotNoted {
						call: name.clone(),
						reason: reason.to_string(),
					})?;
					match chain.submit(call.clone()).await {
						Ok(included) => return Ok(Outcome::Done(included)),
						Err(error) => error,
					}
				}
				Err(error) => error,
			};
			match error {
				Error::Failed { error, .. } => {
					// Two may have crossed: what matters is whether the chain still asks for it.
					if matches!(is_due().await, Ok(false)) {
						return Ok(Outcome::NotDue);
					}
					return Err(SubmitError::Refused { call: name, error });
				}
				error if may_be_repeated(&error) && attempt < self.attempts => {
					tracing::warn!("{name} was not taken, and is tried again: {error}");
					sleep(backoff.pause()).await;
				}
				source => return Err(SubmitError::GaveUp { call: name, source }),
			}
		}
	}
}

/// The last finalised block, if the call is still to be made.
async fn prepare<D>(
	chain: &impl Chain,
	is_due: &(impl Fn() -> D + Send + Sync),
) -> Result<Option<BlockNumber>, Error>
where
	D: Future<Output = Result<bool, Error>> + Send,
{
	match is_due().await? {
		true => chain.finalized_number().await.map(Some),
		false => Ok(None),
	}
}

/// Whether it is certain that nothing is on its way, and another attempt may go better.
fn may_be_repeated(error: &Error) -> bool {
	may_recover(error) && !matches!(error, Error::Unclear { .. })
}

fn name_of(call: &Call) -> String {
	let (pallet, call) = call.name();
	format!("{pallet}.{call}")
}

#[cfg(test)]
mod tests {
	use super::*;
	use mutirao_client::{fake::FakeChain, pallets::ProvidersCall, pallets::ProvidersExt, Submit};
	use std::sync::atomic::{AtomicU32, Ordering};

	fn submitter() -> Submitter {
		let pause = Duration::from_millis(1);
		Submitter { attempts: 3, backoff: Backoff::new(pause, pause) }
	}

	fn register() -> Call {
		ProvidersCall::Register { stake: 5, endpoint: Default::default() }.into()
	}

	async fn send_register(chain: &FakeChain, sent: &AtomicU32) -> Result<Outcome, SubmitError> {
		let pia = chain.account([1; 32]);
		let due = || async { Ok(pia.provider(pia.account()).await?.is_none()) };
		let sending = |_| {
			sent.fetch_add(1, Ordering::Relaxed);
			Ok::<_, String>(())
		};
		submitter().send(&pia, register(), due, sending).await
	}

	#[tokio::test]
	async fn what_may_recover_is_sent_again_and_what_took_effect_is_not() {
		let (chain, sent) = (FakeChain::new().unwrap(), AtomicU32::new(0));
		chain.fail_next_call(Error::Rejected("the pool is full".into()));
		let outcome = send_register(&chain, &sent).await.unwrap();
		assert!(matches!(outcome, Outcome::Done(_)));
		assert_eq!(sent.load(Ordering::Relaxed), 2);
		assert_eq!(send_register(&chain, &sent).await.unwrap(), Outcome::NotDue);
		assert_eq!(sent.load(Ordering::Relaxed), 2, "nothing was sent");
	}

	#[tokio::test]
	async fn what_nobody_knows_is_not_sent_again_here() {
		let (chain, sent) = (FakeChain::new().unwrap(), AtomicU32::new(0));
		chain.fail_next_call(Error::Unclear { transaction: Default::default() });
		let error = send_register(&chain, &sent).await.unwrap_err();
		assert!(!error.is_certain(), "{error}");
		assert_eq!(sent.load(Ordering::Relaxed), 1);
	}

	/// Somebody else may have made the same call in the same block, or a lost one of ours took effect.
	#[tokio::test]
	async fn what_was_refused_and_is_not_due_any_more_is_no_failure() {
		let chain = FakeChain::new().unwrap();
		let pia = chain.account([1; 32]);
		let asked = AtomicU32::new(0);
		let due = || async { Ok(asked.fetch_add(1, Ordering::Relaxed) == 0) };
		// The fake refuses it: the account is not registered.
		let call = ProvidersCall::AddStake { amount: 5 };
		let outcome = submitter().send(&pia, call.into(), due, |_| Ok::<_, String>(())).await;
		assert_eq!(outcome.unwrap(), Outcome::NotDue);
		assert_eq!(asked.load(Ordering::Relaxed), 2);
	}

	#[tokio::test]
	async fn a_refusal_is_told_in_the_pallets_words() {
		let chain = FakeChain::new().unwrap();
		let pia = chain.account([1; 32]);
		let due = || async { Ok(true) };
		let call = ProvidersCall::AddStake { amount: 5 };
		let error =
			submitter().send(&pia, call.into(), due, |_| Ok::<_, String>(())).await.unwrap_err();
		let text = error.to_string();
		assert!(text.starts_with("the chain refused Providers.add_stake: Providers.NotRegistered"));
	}
}
