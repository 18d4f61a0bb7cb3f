//! Where inputs come from.

use std::sync::{
	atomic::{AtomicBool, Ordering},
	Mutex,
};

use futures::future::BoxFuture;
use mutirao_data::store::{Store, Stored};
use mutirao_types::BufferId;

use crate::jobs::Inputs;

/// Gives what a test put there, or fails.
#[derive(Default)]
pub(crate) struct Somewhere {
	/// Whether it never answers.
	pub(crate) hangs: AtomicBool,
	pub(crate) buffers: Mutex<Vec<Vec<u8>>>,
}

impl Inputs for Somewhere {
	fn fetch<'a>(
		&'a self,
		buffer: &'a BufferId,
		_: &'a [String],
		store: &'a Store,
	) -> BoxFuture<'a, Result<Stored, String>> {
		Box::pin(async move {
			if self.hangs.load(Ordering::Relaxed) {
				std::future::pending::<()>().await;
			}
			let found = self.buffers.lock().unwrap();
			let found = found.iter().find(|bytes| BufferId::of(bytes) == *buffer);
			let bytes = found.ok_or("no source has these bytes")?;
			store.put(bytes).map_err(|error| error.to_string())?;
			store.get(buffer).map_err(|error| error.to_string())?.ok_or_else(|| "gone".into())
		})
	}
}
