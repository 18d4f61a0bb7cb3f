//! A claim's bytes: computed on a device, checked on the VM, kept until they are proven.

use std::{path::Path, sync::Arc, time::Duration};

use mutirao_commitment::BufferId;
use mutirao_data::store::{Store, Stored};
use mutirao_machine_core::Program;
use mutirao_machine_prover::{Bytes, Computed};
use mutirao_types::WindowId;
use tokio::{sync::watch, task::spawn_blocking};
use tokio_util::sync::CancellationToken;

use super::{BenchmarkError, Record};
use crate::gpu::{self_check, Finished, Lease, Progress, SelfCheck, Task};

/// Workgroups that are computed again before anything is claimed, and the time that may take.
const CHECK: SelfCheck = SelfCheck { samples: 2, budget: Duration::from_secs(3) };

/// What is computed in a window.
pub struct Plan<'a> {
	/// The benchmark's program.
	pub program: &'a Program,
	/// In which window.
	pub window: WindowId,
	/// The program's parameters; the first is the size.
	pub parameters: Vec<u32>,
	/// The most time that it may take.
	pub limit: Duration,
}

/// A claim whose bytes are at hand.
pub struct Claimable {
	/// What is kept of it.
	pub record: Record,
	/// What witnesses are built from.
	pub computed: Arc<Computed>,
}

impl Claimable {
	/// Takes up a claim from the store; `None` if bytes of it are missing.
	///
	/// # Errors
	///
	/// If the store cannot be read.
	pub fn restore(
		store: &Store,
		program: &Program,
		record: Record,
	) -> Result<Option<Self>, BenchmarkError> {
		let mut written = Vec::new();
		for (_, id) in &record.written {
			match store.get(id)? {
				Some(stored) => written.push(stored),
				None => return Ok(None),
			}
		}
		Self::of(program, record, written).map(Some)
	}

	/// A benchmark has no inputs: all of its buffers are written.
	fn of(program: &Program, record: Record, written: Vec<Stored>) -> Result<Self, BenchmarkError> {
		let mut buffers: Vec<Bytes> = Vec::new();
		let mut outboards = Vec::new();
		for stored in written {
			outboards.push(stored.outboard()?.clone());
			buffers.push(Box::new(stored));
		}
		let computed =
			Computed::from_parts(program.clone(), &record.parameters, buffers, outboards)?;
		Ok(Self { record, computed: Arc::new(computed) })
	}
}

/// Computes a claim and checks it.
///
/// # Errors
///
/// If the device fails or computes something wrong, or its results cannot be kept.
pub async fn claim_of_size(
	lease: &Lease,
	store: &Store,
	folder: &Path,
	owner: &str,
	plan: Plan<'_>,
	cancel: &CancellationToken,
) -> Result<Claimable, BenchmarkError> {
	let Plan { program, window, parameters, limit } = plan;
	let task = Task {
		code: program.encode(),
		parameters: parameters.clone(),
		inputs: Vec::new(),
		folder: folder.to_owned(),
		name: format!("benchmark window {window}"),
		limit,
	};
	let progress = watch::Sender::new(Progress::default());
	let finished = lease.run(task, progress, cancel.clone()).await?;
	let (store, owner, program) = (store.clone(), owner.to_owned(), program.clone());
	let keeping = spawn_blocking(move || {
		let written = keep(&store, &owner, finished)?;
		let names = written.iter().map(|(index, stored)| (*index, stored.id())).collect();
		let size = parameters.first().copied().unwrap_or_default();
		let record = Record { window, size, parameters, written: names };
		let written = written.into_iter().map(|(_, stored)| stored).collect();
		let claimable = Claimable::of(&program, record, written)?;
		check(&claimable.computed)?;
		Ok(claimable)
	});
	keeping.await.map_err(|_| BenchmarkError::Interrupted)?
}

/// Moves what a device wrote into the store, by the program's buffers.
fn keep(
	store: &Store,
	owner: &str,
	finished: Finished,
) -> Result<Vec<(u32, Stored)>, BenchmarkError> {
	let ids: Vec<BufferId> =
		finished.buffers.values().map(|written| written.outboard.id()).collect();
	// First, or they might be collected before they are pinned.
	store.pin(owner, &ids)?;
	let mut kept = Vec::new();
	for (index, written) in finished.buffers {
		let stored = store.adopt(&written.path, written.outboard)?;
		kept.push((u32::try_from(index).unwrap_or(u32::MAX), stored));
	}
	Ok(kept)
}

fn check(computed: &Computed) -> Result<(), BenchmarkError> {
	let checked = self_check(computed, &CHECK, fastrand::u64(..))?;
	match checked.wrong() {
		Some(wrong) => Err(BenchmarkError::Wrong(wrong)),
		None => Ok(()),
	}
}
