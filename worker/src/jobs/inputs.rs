//! Where the inputs of jobs come from.

use std::{
	collections::{BTreeMap, HashMap},
	sync::{Mutex, MutexGuard, PoisonError},
	time::{Duration, Instant},
};

use futures::future::BoxFuture;
use mutirao_client::Chain;
use mutirao_data::{
	fetch::Fetcher,
	store::{Store, Stored},
};
use mutirao_types::{BufferId, JobId};

use super::{error::ActError, shared::Shared};

/// Jobs for which buyers may name sources.
const MOST_JOBS: usize = 1_024;
/// Sources that a buyer may name for a job.
const MOST_SOURCES: usize = 8;
/// How long sources are kept of a job that nobody knows.
const LATELY: Duration = Duration::from_secs(300);
/// The longest address, in bytes.
const MOST_BYTES: usize = 256;

/// Whatever can get a buffer.
pub trait Inputs: Send + Sync {
	/// Gets a buffer into the store, from one of these data planes. Its bytes are checked against its
	/// name while they arrive.
	///
	/// # Errors
	///
	/// Why no source gave it, in words.
	fn fetch<'a>(
		&'a self,
		buffer: &'a BufferId,
		sources: &'a [String],
		store: &'a Store,
	) -> BoxFuture<'a, Result<Stored, String>>;
}

impl Inputs for Fetcher {
	fn fetch<'a>(
		&'a self,
		buffer: &'a BufferId,
		sources: &'a [String],
		store: &'a Store,
	) -> BoxFuture<'a, Result<Stored, String>> {
		Box::pin(async move {
			let fetched = Self::fetch(self, buffer, sources, store, &|_| {}).await;
			fetched.map_err(|error| error.to_string())
		})
	}
}

/// Where buyers said that the inputs of their jobs are.
#[derive(Debug, Default)]
pub struct Sources {
	/// From the configuration; tried after a buyer's own.
	always: Vec<String>,
	named: Mutex<HashMap<JobId, (Instant, Vec<String>)>>,
}

/// Sources that are not taken.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum SourcesError {
	/// Too many.
	#[error("{0} sources are named; name at most {MOST_SOURCES}")]
	TooMany(usize),
	/// One is too long or of another kind.
	#[error("`{0}` is no source: give http:// or https:// and at most {MOST_BYTES} bytes")]
	NotASource(String),
	/// Too many jobs wait already.
	#[error("sources of too many jobs are waiting here: try again later")]
	Busy,
}

impl Sources {
	/// These are tried for every job.
	pub fn new(always: Vec<String>) -> Self {
		Self { always, named: Mutex::default() }
	}

	/// Remembers a job's sources, in place of former ones.
	///
	/// # Errors
	///
	/// If they are too many, too long, or of another kind.
	pub fn name(&self, job: JobId, urls: Vec<String>) -> Result<(), SourcesError> {
		if urls.len() > MOST_SOURCES {
			return Err(SourcesError::TooMany(urls.len()));
		}
		let fits = |url: &String| {
			let web = url.starts_with("http://") || url.starts_with("https://");
			web && url.len() <= MOST_BYTES
		};
		if let Some(bad) = urls.iter().find(|url| !fits(url)) {
			return Err(SourcesError::NotASource(bad.chars().take(MOST_BYTES).collect()));
		}
		let mut named = self.named();
		if named.len() >= MOST_JOBS && !named.contains_key(&job) {
			return Err(SourcesError::Busy);
		}
		named.insert(job, (Instant::now(), urls));
		Ok(())
	}

	/// Where a job's inputs may be.
	pub fn of(&self, job: JobId) -> Vec<String> {
		let named = self.named().get(&job).map(|(_, urls)| urls.clone());
		named.unwrap_or_default().into_iter().chain(self.always.iter().cloned()).collect()
	}

	/// Keeps the sources of these jobs, and those that were named lately: their jobs may not have been
	/// looked at yet.
	pub fn retain(&self, keep: impl Fn(JobId) -> bool) {
		self.named().retain(|job, (at, _)| at.elapsed() < LATELY || keep(*job));
	}

	fn named(&self) -> MutexGuard<'_, HashMap<JobId, (Instant, Vec<String>)>> {
		self.named.lock().unwrap_or_else(PoisonError::into_inner)
	}
}

impl<C: Chain> Shared<C> {
	/// Gets all inputs of a job that are not here yet. They must be pinned before.
	pub(super) async fn fetch_inputs(
		&self,
		job: JobId,
		inputs: &[BufferId],
	) -> Result<(), ActError> {
		let sources = self.parts.sources.of(job);
		// The same buffer may be named twice.
		let missing: BTreeMap<BufferId, ()> = inputs
			.iter()
			.filter(|input| !self.parts.store.contains(input))
			.map(|input| (*input, ()))
			.collect();
		if !missing.is_empty() && sources.is_empty() {
			return Err(ActError::Inputs("nobody said where they are".into()));
		}
		for input in missing.keys() {
			let fetched = self.parts.inputs.fetch(input, &sources, &self.parts.store).await;
			fetched.map_err(|why| ActError::Inputs(format!("{input}: {why}")))?;
		}
		Ok(())
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn sources_are_bounded_and_a_buyers_own_come_first() {
		let sources = Sources::new(vec!["http://always".into()]);
		sources.name(1, vec!["https://mine".into()]).unwrap();
		assert_eq!(sources.of(1), ["https://mine", "http://always"]);
		assert_eq!(sources.of(2), ["http://always"]);
		let named = |urls: Vec<String>| sources.name(3, urls).unwrap_err();
		assert_eq!(named(vec!["http://x".into(); 9]), SourcesError::TooMany(9));
		for bad in
			["ftp://x".to_owned(), "file:///etc".into(), format!("http://{}", "x".repeat(300))]
		{
			assert!(matches!(named(vec![bad]), SourcesError::NotASource(_)));
		}
		for job in 0..MOST_JOBS as u64 + 10 {
			let _ = sources.name(job, Vec::new());
		}
		assert_eq!(sources.name(5_000, Vec::new()), Err(SourcesError::Busy));
		sources.retain(|_| false);
		assert_eq!(sources.name(5_000, Vec::new()), Err(SourcesError::Busy), "they are new");
		assert_eq!(sources.of(1), ["http://always"], "named anew, without any");
	}
}
