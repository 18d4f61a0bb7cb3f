//! Computing a job, and checking what a device made of it.

use std::{
	collections::BTreeMap,
	time::{Duration, Instant},
};

use mutirao_client::Chain;
use mutirao_data::store::{Store, Stored};
use mutirao_machine_prover::{self as prover, Bytes, Check};
use mutirao_types::{ActiveBlocks, FaultKind, Workgroup};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::{
	fault,
	gpu::{self, DeviceError, DeviceInfo, Finished, Progress, Task},
};

use super::{
	faults::{find_fault, kind_of},
	policy::{seconds, BLOCK_SECONDS},
	program::Planned,
	record::{Computed, FoundFault, Record},
	shared::{blocking, Shared},
	ActError,
};

/// The least time that a device is given.
const LEAST: Duration = Duration::from_secs(30);

impl<C: Chain> Shared<C> {
	/// A job's program, which the worker took before.
	pub(super) async fn plan(&self, record: &Record) -> Result<Planned, ActError> {
		let planned = self.programs.plan(&self.parts.chain, &record.request).await?;
		Ok(planned?)
	}

	/// Computes a job on the best device for it, within so many blocks.
	pub(super) async fn compute(
		&self,
		record: &Record,
		left: ActiveBlocks,
		progress: watch::Sender<Progress>,
		cancel: CancellationToken,
	) -> Result<(), ActError> {
		let planned = self.plan(record).await?;
		let time = f64::from(left) * BLOCK_SECONDS;
		let devices = self.devices_for(record);
		let takes = |device: &DeviceInfo| seconds(record.declared_steps, device);
		let fitting = devices.iter().find(|device| takes(device) <= time);
		let fastest = || devices.iter().min_by(|a, b| takes(a).total_cmp(&takes(b)));
		let Some(device) = fitting.or_else(fastest) else {
			self.parts.journal.change(record.job, |record| {
				record.hopeless = Some("no device here can compute it".into());
			})?;
			return Ok(());
		};
		let inputs: Result<Vec<_>, _> =
			record.request.inputs.iter().map(|input| self.stored(input)).collect();
		let task = Task {
			code: planned.checked.code.clone(),
			parameters: record.request.parameters.to_vec(),
			inputs: inputs?,
			folder: self.parts.folder.join(record.owner()),
			name: format!("job {}", record.job),
			limit: Duration::from_secs_f64(time).max(LEAST),
		};
		fault::point("before-compute");
		let lease = self.parts.pool.acquire(&device.name).await?;
		let outcome = lease.run(task, progress, cancel).await;
		drop(lease);
		match outcome {
			Ok(finished) => self.keep(record, &planned, device, finished).await,
			Err(error) => self.failed(record, planned, device, error).await,
		}
	}

	/// Takes results into the store, and remembers them.
	async fn keep(
		&self,
		record: &Record,
		planned: &Planned,
		device: &DeviceInfo,
		mut finished: Finished,
	) -> Result<(), ActError> {
		let mut written = Vec::new();
		for index in planned.written() {
			let buffer = finished.buffers.remove(&usize::from(index));
			let buffer = buffer
				.ok_or_else(|| DeviceError::Malformed(format!("buffer {index} was not written")))?;
			written.push((index, buffer));
		}
		let ids: Vec<_> = written.iter().map(|(index, one)| (*index, one.outboard.id())).collect();
		let (store, owner) = (self.parts.store.clone(), record.owner());
		let pinned: Vec<_> = ids.iter().map(|(_, id)| *id).collect();
		blocking(move || {
			store.pin(&owner, &pinned)?;
			for (_, one) in written {
				store.adopt(&one.path, one.outboard)?;
			}
			Ok(())
		})
		.await?;
		let times = finished.times;
		self.parts.journal.change(record.job, |record| {
			record.computed =
				Some(Computed { written: ids, device: device.name.clone(), checked: false });
			record.times.upload = millis(times.upload);
			record.times.gpu = millis(times.gpu);
			record.times.read_back_and_hash = millis(times.read_back_and_hash);
		})?;
		fault::point("after-compute");
		Ok(())
	}

	/// What follows from a device's failure.
	async fn failed(
		&self,
		record: &Record,
		planned: Planned,
		device: &DeviceInfo,
		error: DeviceError,
	) -> Result<(), ActError> {
		let job = record.job;
		match error {
			DeviceError::Cancelled => return Ok(()),
			DeviceError::Local { .. } => return Err(error.into()),
			DeviceError::Malformed(why) => {
				self.parts.journal.change(job, |record| record.hopeless = Some(why))?;
				return Ok(());
			}
			DeviceError::Program { pass, workgroup, ref reason } => {
				tracing::warn!(job, pass, workgroup, "the program is at fault: {reason}");
				return self.confirm_fault(record, planned, pass, workgroup, device).await;
			}
			DeviceError::Unfit { .. }
			| DeviceError::Suspect { .. }
			| DeviceError::Quarantined { .. } => {}
		}
		tracing::error!(job, device = device.name, "{error}");
		self.note_failure(record, &device.name, &error.to_string())?;
		Ok(())
	}

	/// Counts a failure, and gives up hope after the last one.
	fn note_failure(&self, record: &Record, device: &str, why: &str) -> Result<(), ActError> {
		self.note_failed(record.job, device);
		// Wrong results must not take the room of right ones.
		self.parts.store.repin(&record.owner(), &record.request.inputs)?;
		let attempts = self.parts.limits.attempts;
		self.parts.journal.change(record.job, |record| {
			record.computed = None;
			record.failures = record.failures.saturating_add(1);
			if record.failures >= attempts {
				record.hopeless =
					Some(format!("it failed {} times, at last: {why}", record.failures));
			}
		})?;
		Ok(())
	}

	/// Looks on the VM for the fault that a device stopped at. Only a fault that the VM finds, in a pass
	/// that reads nothing but inputs, can be proven; for any other a device does not stop.
	async fn confirm_fault(
		&self,
		record: &Record,
		planned: Planned,
		pass: usize,
		workgroup: Option<u32>,
		device: &DeviceInfo,
	) -> Result<(), ActError> {
		let inputs: Result<Vec<_>, _> =
			record.request.inputs.iter().map(|input| self.stored(input)).collect();
		let inputs = inputs?;
		let found = blocking(move || {
			let bytes: Vec<&[u8]> = inputs.iter().map(Stored::bytes).collect();
			Ok(find_fault(&planned, pass, workgroup, &bytes))
		});
		match found.await? {
			Some(fault) => {
				self.parts.journal.change(record.job, |record| record.fault = Some(fault))?;
			}
			// A device that blames the program wrongly is as bad as one that computes wrongly.
			None => {
				let why =
					"it says that the program is at fault, and the VM finds no fault to prove";
				self.parts.pool.quarantine(&device.name, why);
				self.note_failure(record, &device.name, why)?;
			}
		}
		Ok(())
	}

	/// The job with all its bytes.
	pub(super) async fn computed(&self, record: &Record) -> Result<prover::Computed, ActError> {
		let planned = self.plan(record).await?;
		let store = self.parts.store.clone();
		let record = record.clone();
		blocking(move || whole(&planned, &record, &store)).await
	}

	/// Computes random workgroups again, on the VM, and compares.
	pub(super) async fn check(&self, record: &Record) -> Result<(), ActError> {
		let Some(results) = &record.computed else { return Ok(()) };
		let device = results.device.clone();
		let planned = self.plan(record).await?;
		let computed = self.computed(record).await?;
		let (config, seed) = (self.parts.limits.check.clone(), fastrand::u64(..));
		let began = Instant::now();
		let checked =
			blocking(move || Ok(verdict_of(gpu::self_check(&computed, &config, seed))?)).await?;
		let took = millis(began.elapsed());
		let right = |record: &mut Record| {
			record.times.check = took;
			if let Some(computed) = &mut record.computed {
				computed.checked = true;
			}
		};
		match checked {
			SelfVerdict::Right => {
				self.parts.journal.change(record.job, right)?;
			}
			SelfVerdict::Wrong { why } => {
				let why = format!("job {}: {why}", record.job);
				tracing::error!(job = record.job, device, "the device computed it wrong: {why}");
				self.parts.pool.quarantine(&device, &why);
				self.note_failure(record, &device, &why)?;
			}
			SelfVerdict::Fault { workgroup, kind } => {
				let provable = planned.reads_inputs_only(usize::from(workgroup.pass));
				let fault = FoundFault { workgroup, kind, provable };
				tracing::warn!(job = record.job, "the program is at fault: {fault:?}");
				self.parts.journal.change(record.job, |record| {
					record.fault = Some(fault);
					// What cannot be proven is attested: a faulting workgroup can be neither right nor wrong.
					right(record);
				})?;
			}
		}
		fault::point("after-check");
		Ok(())
	}
}

/// What a self-check means for a job.
enum SelfVerdict {
	Right,
	Wrong { why: String },
	Fault { workgroup: Workgroup, kind: FaultKind },
}

/// Bytes that are not those that the device hashed are as wrong as bytes that it computed wrong.
fn verdict_of(
	checked: Result<prover::Checked, prover::Error>,
) -> Result<SelfVerdict, prover::Error> {
	let checked = match checked {
		Ok(checked) => checked,
		Err(error @ prover::Error::Open { .. }) => {
			return Ok(SelfVerdict::Wrong { why: error.to_string() });
		}
		Err(error) => return Err(error),
	};
	let Some((workgroup, found)) = checked.found else { return Ok(SelfVerdict::Right) };
	let Workgroup { pass, number } = workgroup;
	Ok(match found {
		Check::Right => SelfVerdict::Right,
		Check::Wrong { buffer, word } => SelfVerdict::Wrong {
			why: format!(
				"pass {pass}, workgroup {number}: word {word} of buffer {buffer} is wrong"
			),
		},
		Check::Fault(fault) => SelfVerdict::Fault { workgroup, kind: kind_of(fault.reason) },
	})
}

fn millis(time: Duration) -> u64 {
	u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

/// A job with all its bytes, mapped from the store.
fn whole(planned: &Planned, record: &Record, store: &Store) -> Result<prover::Computed, ActError> {
	let written = record.computed.iter().flat_map(|computed| &computed.written);
	let written: BTreeMap<u16, _> = written.copied().collect();
	let mut inputs = record.request.inputs.iter();
	let declared = planned.checked.program.definition().buffers.len();
	let mut buffers: Vec<Bytes> = Vec::with_capacity(declared);
	let mut outboards = Vec::with_capacity(declared);
	for (index, _) in (0u16..).zip(0..declared) {
		let id = written.get(&index).or_else(|| inputs.next());
		let id = *id.ok_or_else(|| {
			ActError::Died(format!("buffer {index} is neither an input nor written"))
		})?;
		let stored = store.get(&id)?.ok_or(ActError::BufferMissing(id))?;
		outboards.push(stored.outboard()?.clone());
		buffers.push(Box::new(stored));
	}
	let (program, parameters) = (planned.checked.program.clone(), &record.request.parameters);
	Ok(prover::Computed::from_parts(program, parameters, buffers, outboards)?)
}
