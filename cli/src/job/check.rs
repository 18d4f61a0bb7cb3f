//! Fetching what a provider committed to, and computing it again.

use clap::Args;
use mutirao_client::{keys, Chain};
use mutirao_data::store::{Store, Stored};
use mutirao_machine_core::bytecode::Role;

use super::{
	buyer::Buyer,
	kernel::Kernel,
	record::{Check, Record},
	verify::{Finding, VerifyError, Work},
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
	/// Do not prove a lie to the chain, nor demand results that are withheld. Either costs fees, and a
	/// demand that is answered 0.01 MUT; without them a liar is paid.
	#[arg(long = "no-challenge", action = clap::ArgAction::SetFalse)]
	pub(crate) challenge: bool,
}

impl<C: Chain> Buyer<'_, C> {
	/// Fetches every buffer that the provider committed to.
	pub(crate) async fn fetch(&self, record: &Record, store: &Store) -> anyhow::Result<()> {
		let Some(deal) = &record.deal else {
			return Err(failed(Failure::Unavailable, "nobody has accepted the job"));
		};
		let provider = show::parse_account(&deal.provider);
		let provider = provider.map_err(|error| failed(Failure::Other, error))?;
		// One's own inputs are here; others' are to be had where they were computed on.
		let all = record.transcript.iter().chain(&record.inputs);
		let ids: Vec<_> = all.filter_map(|buffer| buffer.id()).collect();
		store.pin("results", &ids)?;
		let mut endpoint = None;
		for id in &ids {
			if !store.contains(id) {
				if endpoint.is_none() {
					endpoint = Some(self.endpoint(&provider).await?);
				}
				self.plane.fetch(id, endpoint.as_deref().unwrap_or_default(), store).await?;
			}
		}
		Ok(())
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
		let parameters: Vec<u32> = record.parameters.iter().map(|one| one.value).collect();
		let (kernel, check) = (kernel.clone(), check.clone());
		let task = tokio::task::spawn_blocking(move || {
			let buffers = stored.iter().map(Stored::bytes).collect();
			let work = Work::new(&kernel.program, &parameters, buffers)
				.map_err(|error| failed(Failure::Wrong, error))?;
			compute(&work, &check)
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

/// Computes again what the arguments ask for.
fn compute(work: &Work<'_>, check: &CheckArgs) -> anyhow::Result<Check> {
	let (on, workgroups, finding) = if check.gpu {
		let (name, finding) = work.check_on_gpu(check.adapter.as_deref()).map_err(|error| {
			let failure = match &error {
				VerifyError::Differs(_) => Failure::Differs,
				_ => Failure::Device,
			};
			failed(failure, error)
		})?;
		(name, work.workgroups(), finding)
	} else {
		let drawn = match check.full {
			true => work.every(),
			false => work.draw(check.check, &seed()?),
		};
		let bar = progress(drawn.len() as u64, "workgroups");
		let finding = work.check_all(&drawn, &|done| bar.set_position(done));
		bar.finish_and_clear();
		("vm".into(), drawn.len() as u64, finding)
	};
	let wrong = match finding {
		Finding::Right => None,
		Finding::Wrong(workgroup) => Some((workgroup.pass, workgroup.number)),
		Finding::Fault(workgroup, reason) => {
			let message = format!(
				"the program is at fault in pass {}, workgroup {}: {reason}. Run it on the VM: \
				 `mutirao kernel run`",
				workgroup.pass, workgroup.number
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
