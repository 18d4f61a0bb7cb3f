//! What many subscribers need of the same block, made once for all of them.

use futures::lock::Mutex;
use std::{collections::VecDeque, future::Future};

/// Blocks that are remembered: subscribers are few blocks apart.
const REMEMBERED: usize = 8;

/// Values by key, the newest few. One is made at a time, and who needs it meanwhile waits.
pub(super) struct Once<Key, Value>(Mutex<VecDeque<(Key, Value)>>);

impl<Key: PartialEq, Value: Clone> Once<Key, Value> {
	pub(super) fn new() -> Self {
		Self(Mutex::new(VecDeque::new()))
	}

	/// The key's value, which is made unless it is remembered.
	///
	/// # Errors
	///
	/// Those of `make`. They are not remembered.
	pub(super) async fn get<Error>(
		&self,
		key: Key,
		make: impl Future<Output = Result<Value, Error>>,
	) -> Result<Value, Error> {
		let mut known = self.0.lock().await;
		if let Some((_, value)) = known.iter().find(|(one, _)| *one == key) {
			return Ok(value.clone());
		}
		let value = make.await?;
		if known.len() >= REMEMBERED {
			known.pop_front();
		}
		known.push_back((key, value.clone()));
		Ok(value)
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use futures::{executor::block_on, future::join_all};
	use std::{cell::Cell, future::poll_fn, task::Poll};

	/// Lets others go on, once.
	async fn pause() {
		let mut paused = false;
		poll_fn(|context| {
			context.waker().wake_by_ref();
			match std::mem::replace(&mut paused, true) {
				true => Poll::Ready(()),
				false => Poll::Pending,
			}
		})
		.await;
	}

	#[test]
	fn what_many_need_at_once_is_made_once() {
		let (once, made) = (Once::new(), Cell::new(0));
		let subscriber = |block: usize| {
			once.get(block, async {
				pause().await;
				made.set(made.get() + 1);
				Ok::<_, ()>(10 * made.get())
			})
		};
		assert_eq!(block_on(join_all([1, 1, 2, 1].map(subscriber))), [10, 10, 20, 10].map(Ok));
		assert_eq!(made.get(), 2);
	}

	#[test]
	fn the_newest_are_remembered_and_failures_are_not() {
		let once = Once::new();
		let get = |key: usize, value: Result<usize, &'static str>| {
			block_on(once.get(key, async move { value }))
		};
		assert_eq!(get(0, Err("not yet")), Err("not yet"));
		for key in 0..=REMEMBERED {
			assert_eq!(get(key, Ok(key)), Ok(key));
		}
		assert_eq!(get(1, Ok(99)), Ok(1));
		assert_eq!(get(0, Ok(99)), Ok(99), "the oldest made room");
		assert_eq!(block_on(once.0.lock()).len(), REMEMBERED);
	}
}
