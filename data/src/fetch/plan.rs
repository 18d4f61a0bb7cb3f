//! Who fetches which piece.

use std::{
	collections::BTreeMap,
	sync::{Mutex, MutexGuard, PoisonError},
	vec,
};

use tokio::sync::{futures::Notified, Notify};

use super::{address::check_source, FetchOptions, SourceError};

/// Sources that fetch the same piece at once, at most: when nothing else is left, a fast source
/// fetches what a slow one is still fetching.
const FETCHERS: usize = 2;

/// What is left to fetch, and from whom.
pub(super) struct Plan {
	urls: Vec<String>,
	attempts: u32,
	state: Mutex<State>,
	changed: Notify,
}

struct State {
	/// Pieces that nobody has asked for.
	fresh: vec::IntoIter<u32>,
	/// Pieces that were asked for in vain.
	again: Vec<u32>,
	/// Who is fetching each piece.
	running: BTreeMap<u32, Vec<usize>>,
	sources: Vec<Source>,
}

#[derive(Default)]
struct Source {
	/// Failures in a row.
	failures: u32,
	/// Why it is left out.
	out: Option<SourceError>,
}

/// What a lane does next.
pub(super) enum Next<'a> {
	/// Fetch a piece.
	Piece(u32),
	/// Wait until something changes.
	Wait(Notified<'a>),
	/// Nothing more.
	End,
}

impl Plan {
	pub(super) fn new(urls: &[String], options: &FetchOptions) -> Self {
		let check = |url: &String| Source {
			out: check_source(url, options.allow_private).err().map(SourceError::from),
			..Source::default()
		};
		let state = State {
			fresh: vec![].into_iter(),
			again: vec![],
			running: BTreeMap::new(),
			sources: urls.iter().map(check).collect(),
		};
		let attempts = options.attempts.max(1);
		Self { urls: urls.to_vec(), attempts, state: Mutex::new(state), changed: Notify::new() }
	}

	fn state(&self) -> MutexGuard<'_, State> {
		self.state.lock().unwrap_or_else(PoisonError::into_inner)
	}

	/// Starts on these pieces.
	pub(super) fn begin(&self, missing: Vec<u32>) {
		let mut state = self.state();
		state.fresh = missing.into_iter();
		state.again.clear();
		state.running.clear();
	}

	pub(super) fn url(&self, source: usize) -> &str {
		&self.urls[source]
	}

	/// Sources that are not left out.
	pub(super) fn usable(&self) -> Vec<usize> {
		let state = self.state();
		let usable = state.sources.iter().enumerate().filter(|(_, source)| source.out.is_none());
		usable.map(|(at, _)| at).collect()
	}

	pub(super) fn is_exhausted(&self) -> bool {
		self.usable().is_empty()
	}

	/// Which sources were left out, and why.
	pub(super) fn reasons(&self) -> Vec<(String, SourceError)> {
		let state = self.state();
		let all = self.urls.iter().zip(&state.sources);
		all.filter_map(|(url, source)| Some((url.clone(), source.out.clone()?))).collect()
	}

	pub(super) fn next(&self, source: usize) -> Next<'_> {
		let wait = self.changed.notified();
		let mut state = self.state();
		if state.sources[source].out.is_some() {
			return Next::End;
		}
		let piece = state.again.pop().or_else(|| state.fresh.next()).or_else(|| {
			let free =
				|fetchers: &Vec<usize>| fetchers.len() < FETCHERS && !fetchers.contains(&source);
			state.running.iter().find(|(_, fetchers)| free(fetchers)).map(|(piece, _)| *piece)
		});
		match piece {
			Some(piece) => {
				state.running.entry(piece).or_default().push(source);
				Next::Piece(piece)
			}
			None if state.running.is_empty() => Next::End,
			None => Next::Wait(wait),
		}
	}

	/// A piece is there. Whether it is the first time.
	pub(super) fn done(&self, source: usize, piece: u32) -> bool {
		let mut state = self.state();
		state.sources[source].failures = 0;
		let first = state.running.remove(&piece).is_some();
		drop(state);
		self.changed.notify_waiters();
		first
	}

	/// A source failed with a piece. Returns its failures in a row, or nothing if it is left out.
	pub(super) fn failed(&self, source: usize, piece: u32, error: SourceError) -> Option<u32> {
		let mut state = self.state();
		if let Some(fetchers) = state.running.get_mut(&piece) {
			fetchers.retain(|fetcher| *fetcher != source);
			if fetchers.is_empty() {
				state.running.remove(&piece);
				state.again.push(piece);
			}
		}
		let found = &mut state.sources[source];
		found.failures += 1;
		let failures = found.failures;
		let out = !error.may_pass() || failures >= self.attempts;
		if out {
			tracing::warn!(url = self.url(source), %error, "a source is left out");
			found.out.get_or_insert(error);
		}
		drop(state);
		self.changed.notify_waiters();
		(!out).then_some(failures)
	}
}

#[cfg(test)]
mod tests {
	use super::{Next, Plan};
	use crate::fetch::{FetchOptions, SourceError};

	fn plan(sources: usize) -> Plan {
		let urls: Vec<String> = (0..sources).map(|at| format!("http://s{at}")).collect();
		Plan::new(&urls, &FetchOptions::default())
	}

	fn piece(plan: &Plan, source: usize) -> Option<u32> {
		match plan.next(source) {
			Next::Piece(piece) => Some(piece),
			_ => None,
		}
	}

	#[test]
	fn a_failed_piece_is_fetched_by_another_source() {
		let plan = plan(2);
		plan.begin(vec![3, 5]);
		assert_eq!((piece(&plan, 0), piece(&plan, 1)), (Some(3), Some(5)));
		assert_eq!(plan.failed(0, 3, SourceError::Lie("a byte".into())), None);
		assert!(matches!(plan.next(0), Next::End));
		assert_eq!(piece(&plan, 1), Some(3));
		assert!(plan.done(1, 3) && plan.done(1, 5));
		assert!(matches!(plan.next(1), Next::End));
		assert_eq!(plan.reasons(), [("http://s0".into(), SourceError::Lie("a byte".into()))]);
	}

	#[test]
	fn what_may_pass_is_tried_again_and_not_without_end() {
		let plan = plan(1);
		plan.begin(vec![0]);
		let slow = SourceError::Connection("reset".into());
		for failures in [Some(1), Some(2), None] {
			assert_eq!(piece(&plan, 0), Some(0));
			assert_eq!(plan.failed(0, 0, slow.clone()), failures);
		}
		assert!(plan.is_exhausted());
	}

	#[test]
	fn an_idle_source_helps_with_the_last_pieces() {
		let plan = plan(3);
		plan.begin(vec![7]);
		assert_eq!(piece(&plan, 0), Some(7));
		assert_eq!(piece(&plan, 1), Some(7));
		assert!(matches!(plan.next(2), Next::Wait(_)));
		assert!(plan.done(1, 7));
		assert!(!plan.done(0, 7));
		assert!(matches!(plan.next(2), Next::End));
	}

	#[test]
	fn a_source_without_a_use_is_out_from_the_start() {
		let urls = ["ftp://host", "http://127.0.0.1", "http://host"].map(String::from);
		let plan = Plan::new(&urls, &FetchOptions::default());
		assert_eq!(plan.usable(), [2]);
	}
}
