//! Fetching what a provider committed to, and computing it again.

use clap::Args;
use futures::future::{BoxFuture, FutureExt as _};
use mutirao_client::{keys, types::Workgroup, Chain};
use mutirao_data::store::{Store, Stored};
use mutirao_machine_core::{bytecode::Role, Program};
use mutirao_machine_prover::{self as prover, Bytes, Computed};

use super::{
	buyer::Buyer,
	kernel::Kernel,
	record::{Check, Record},
	verify::{VerifyError, Work},
};
use crate::{
	exit::{failed, Failure},
	output::progress,
	show,
};

/// How results are checked here.
#[derive(Args, Clone, Debug)]
pub(crate) struct CheckArgs {
	/// Compute all workgroups again, not only some that are drawn.
	#[arg(long)]
	pub(crate) full: bool,
	/// Workgroups that are drawn and computed again; 0: none.
	#[arg(long, value_name = "WORKGROUPS", default_value_t = 16)]
	pub(crate) check: u64,
	/// Compute the whole job again on a GPU.
	#[arg(long)]
	pub(crate) gpu: bool,
	/// Part of the adapter's name; without it, the first, hardware before software.
	#[arg(long, env = "MUTIRAO_ADAPTER")]
	pub(crate) adapter: Option<String>,
}

impl<C: Chain> Buyer<'_, C> {
	/// Fetches every buffer that the provider committed to.
	pub(crate) async fn fetch(&self, record: &Record, store: &Store) -> anyhow::Result<()> {
		self.fetching(record, store).await?.await
	}

	/// What does that, beside other things: whoever serves slowly must not keep a buyer from its
	/// deadlines.
	pub(crate) async fn fetching(
		&self,
		record: &Record,
		store: &Store,
	) -> anyhow::Result<BoxFuture<'static, anyhow::Result<()>>> {
		let Some(deal) = &record.deal else {
			return Err(failed(Failure::Unavailable, "nobody has accepted the job"));
		};
		let provider = show::parse_account(&deal.provider);
		let provider = provider.map_err(|error| failed(Failure::Other, error))?;
		// One's own inputs are here; others' are to be had where they were computed on.
		let all = record.transcript.iter().chain(&record.inputs);
		let mut ids: Vec<_> = all.filter_map(|buffer| buffer.id()).collect();
		store.pin("results", &ids)?;
		ids.retain(|id| !store.contains(id));
		let endpoint = match ids.is_empty() {
			true => String::new(),
			false => self.endpoint(&provider).await?,
		};
		let (plane, store) = (self.plane.clone(), store.clone());
		let fetching = async move {
			for id in &ids {
				plane.fetch(id, &endpoint, &store).await?;
			}
			Ok(())
		};
		Ok(fetching.boxed())
	}

	/// All of the program's buffers, as they were committed to.
	pub(crate) fn buffers(
		&self,
		record: &Record,
		kernel: &Kernel,
		store: &Store,
	) -> anyhow::Result<Vec<Stored>> {
		let named = |name: &str, role: Role| {
			let list = if role == Role::Input { &record.inputs } else { &record.transcript };
			let id = list.iter().find(|buffer| buffer.name == name).and_then(|buffer| buffer.id());
			let missing = || {
				let message = format!("buffer {name} of job {} is not here", record.job);
				failed(Failure::Unavailable, message)
			};
			store.get(&id.ok_or_else(missing)?)?.ok_or_else(missing)
		};
		let buffers = kernel.program.definition().buffers.iter();
		buffers.map(|buffer| named(&buffer.name, buffer.role)).collect()
	}

	/// Computes again what the arguments ask for.
	pub(crate) async fn verify(
		&self,
		record: &Record,
		kernel: &Kernel,
		store: &Store,
		check: &CheckArgs,
	) -> anyhow::Result<Check> {
		let stored = self.buffers(record, kernel, store)?;
		let (program, parameters) = (kernel.program.clone(), record.values());
		let check = check.clone();
		let task = tokio::task::spawn_blocking(move || {
			compute(&Work::new(whole(program, &parameters, stored)?, parameters), &check)
		});
		let result = task.await??;
		let text = match result.right {
			true => format!(
				"{} of {} workgroups were computed again: right",
				result.workgroups, result.of
			),
			false => format!("wrong: pass and workgroup {:?}", result.wrong.unwrap_or_default()),
		};
		self.say("checked", format!("{text} ({})", result.on));
		Ok(result)
	}
}

/// A job with its buffers, which must be as long as the program says.
fn whole(program: Program, parameters: &[u32], stored: Vec<Stored>) -> anyhow::Result<Computed> {
	let outboards: Result<Vec<_>, _> = stored.iter().map(|one| one.outboard().cloned()).collect();
	let buffers = stored.into_iter().map(|one| Box::new(one) as Bytes).collect();
	let computed = Computed::from_parts(program, parameters, buffers, outboards?);
	computed.map_err(|error| failed(Failure::Wrong, error))
}

/// Computes again what the arguments ask for.
fn compute(work: &Work, check: &CheckArgs) -> anyhow::Result<Check> {
	let (on, workgroups, checked) = if check.gpu {
		let (name, checked) = work.check_on_gpu(check.adapter.as_deref()).map_err(|error| {
			let failure = match &error {
				VerifyError::Differs(_) => Failure::Differs,
				VerifyError::Buffers(_) => Failure::Other,
				VerifyError::Device(_) => Failure::Device,
			};
			failed(failure, error)
		})?;
		(name, work.workgroups(), checked)
	} else {
		let drawn = match check.full {
			true => work.every(),
			false => work.draw(check.check, &seed()?),
		};
		let bar = progress(drawn.len() as u64, "workgroups");
		let checked = work.check_all(&drawn, &|begun| bar.set_position(begun));
		bar.finish_and_clear();
		let checked = checked.map_err(|error| failed(Failure::Other, error))?;
		("vm".into(), drawn.len() as u64, checked)
	};
	let wrong = match checked.found {
		None | Some((_, prover::Check::Right)) => None,
		Some((Workgroup { pass, number }, prover::Check::Wrong { .. })) => Some((pass, number)),
		Some((Workgroup { pass, number }, prover::Check::Fault(fault))) => {
			let message = format!(
				"the program is at fault in pass {pass}, workgroup {number}: {fault}. Run it on the \
				 VM: `mutirao kernel run`"
			);
			return Err(failed(Failure::Fault, message));
		}
	};
	Ok(Check { on, workgroups, of: work.workgroups(), right: wrong.is_none(), wrong })
}

/// What nobody knows beforehand: which workgroups are computed again.
fn seed() -> anyhow::Result<[u8; 32]> {
	let phrase = keys::new_phrase().map_err(|error| failed(Failure::Other, error))?;
	Ok(*blake3::hash(phrase.as_bytes()).as_bytes())
}
