//! What to do next about a job: a pure function of what we know, what the chain says, and what is here.
//!
//! It remembers nothing. Whatever happened in between - a crash, a lost or a doubled message, blocks that
//! nobody looked at - the next look says what is to be done. Each step is safe to take twice.

use mutirao_client::BlockNumber;
use mutirao_types::{ActiveBlock, ActiveBlocks, JobBuffer, Verdict};

use super::{
	view::{Stage, View},
	Record, What,
};

/// With less time left than this, a call is sent again although the first one may still take effect. The
/// chain refuses the second one, for a fee; to be late costs stake.
pub const PRESSING: ActiveBlocks = 20;
/// For so many blocks in a row the chain must not know a job before it is forgotten here.
pub(super) const UNKNOWN: BlockNumber = 200;
/// Blocks whose randomness the chain remembers.
pub const RING_BLOCKS: BlockNumber = 512;

/// What is at hand for a job.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Means {
	/// All its inputs are in the store.
	pub inputs: bool,
	/// All that its passes wrote is in the store.
	pub outputs: bool,
	/// How long the best device that can take it would need; `None` if none can.
	pub compute: Option<ActiveBlocks>,
	/// How long its buffers are kept after its end.
	pub keep: ActiveBlocks,
	/// For how many blocks the chain has not known the job.
	pub unknown_for: BlockNumber,
}

/// The next thing to do.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Step {
	/// Nothing, until something changes.
	Wait(Wait),
	/// Get the inputs, which are not here any more.
	Fetch,
	/// Compute it.
	Compute,
	/// Compute random workgroups again, and compare.
	Check,
	/// Commit to the results.
	Attest,
	/// Prove that the program is at fault.
	ProveFault,
	/// Hand it back.
	GiveUp {
		/// Why.
		reason: String,
	},
	/// Draw the samples anew.
	Redraw,
	/// Open these samples.
	Open(Vec<u8>),
	/// Show these chunks.
	Supply(Vec<(JobBuffer, u32)>),
	/// Look for demands that we have not seen.
	FindDemands,
	/// End it.
	Settle,
	/// Remember how it ended.
	Conclude {
		/// How.
		verdict: Verdict,
		/// When.
		at: ActiveBlock,
	},
	/// Throw away all that is kept for it.
	Forget,
}

impl Step {
	/// Whether it is a call, which a chain that stands still does not take.
	pub fn is_call(&self) -> bool {
		matches!(
			self,
			Self::Attest
				| Self::ProveFault
				| Self::GiveUp { .. }
				| Self::Redraw
				| Self::Open(_)
				| Self::Supply(_)
				| Self::Settle
		)
	}

	/// Whether stake is lost if it is not done in time.
	pub fn is_duty(&self) -> bool {
		matches!(
			self,
			Self::Attest
				| Self::ProveFault
				| Self::Redraw
				| Self::Open(_)
				| Self::Supply(_)
				| Self::FindDemands
		)
	}
}

/// What is waited for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Wait {
	/// A call that was sent takes effect, or is known to be lost.
	Call,
	/// The samples are drawn.
	Draw,
	/// The last opening is seen to have ended the audit.
	Audit,
	/// The window for challenges passes.
	Window,
	/// Buyers may fetch the results of a job that is over.
	Keeping,
	/// The chain forgot the job; let it say so for a while.
	Unknown,
	/// What we computed is not what is attested, and nothing can be done.
	Mismatch,
}

/// What to do next about a job.
pub fn decide(record: &Record, view: &View, means: &Means) -> Step {
	match view.stage {
		Stage::Unknown => match &record.ended {
			Some(ended) if view.now <= ended.at.saturating_add(means.keep) => {
				Step::Wait(Wait::Keeping)
			}
			Some(_) => Step::Forget,
			// One node may lag; the chain itself remembers a job for weeks after its end.
			None if means.unknown_for > UNKNOWN => Step::Forget,
			None => Step::Wait(Wait::Unknown),
		},
		Stage::Open { .. } if record.awaits(What::Accept, view.block) => Step::Wait(Wait::Call),
		Stage::Open { .. } | Stage::Foreign => Step::Forget,
		Stage::Ended { ours: false, .. } => Step::Forget,
		Stage::Ended { verdict, at, .. } if record.ended.is_none() => {
			Step::Conclude { verdict, at }
		}
		Stage::Ended { at, .. } if view.now > at.saturating_add(means.keep) => Step::Forget,
		Stage::Ended { .. } => Step::Wait(Wait::Keeping),
		Stage::Running { until } if view.now > until => {
			once(record, view, What::Settle, Step::Settle)
		}
		Stage::Running { until } => running(record, view, means, until),
		Stage::Attested { until } if view.now > until => {
			once(record, view, What::Settle, Step::Settle)
		}
		Stage::Attested { until } => attested(record, view, means, until),
		Stage::Contestable { until } => contestable(record, view, means, until),
	}
}

/// The step, unless its call is on its way.
fn once(record: &Record, view: &View, what: What, step: Step) -> Step {
	if record.awaits(what, view.block) {
		return Step::Wait(Wait::Call);
	}
	step
}

/// The same for a call that must not be late.
fn in_time(record: &Record, view: &View, until: ActiveBlock, what: What, step: Step) -> Step {
	match is_due(record, view, until, what) {
		true => step,
		false => Step::Wait(Wait::Call),
	}
}

fn is_due(record: &Record, view: &View, until: ActiveBlock, what: What) -> bool {
	let pressing = until.saturating_sub(view.now) < PRESSING;
	pressing || !record.awaits(what, view.block)
}

fn provable(record: &Record) -> bool {
	record.fault.is_some_and(|fault| fault.provable)
}

fn running(record: &Record, view: &View, means: &Means, until: ActiveBlock) -> Step {
	let give_up = |reason: String| once(record, view, What::GiveUp, Step::GiveUp { reason });
	let left = until.saturating_sub(view.now);
	match (&record.computed, means.compute) {
		_ if provable(record) && means.inputs => {
			in_time(record, view, until, What::ProveFault, Step::ProveFault)
		}
		// On its way, it may still arrive.
		_ if record.awaits(What::Attest, view.block) && left >= PRESSING => Step::Wait(Wait::Call),
		_ if record.hopeless.is_some() => give_up(record.hopeless.clone().unwrap_or_default()),
		(Some(computed), _) if means.outputs && computed.checked => {
			in_time(record, view, until, What::Attest, Step::Attest)
		}
		(Some(_), _) if means.outputs => Step::Check,
		_ if !means.inputs => Step::Fetch,
		(_, None) => give_up("no device here can compute it".into()),
		(_, Some(needed)) if needed > left => give_up(format!(
			"computing it takes about {needed} blocks, and {left} are left until its deadline"
		)),
		_ => Step::Compute,
	}
}

fn attested(record: &Record, view: &View, means: &Means, until: ActiveBlock) -> Step {
	if provable(record) && means.inputs {
		return in_time(record, view, until, What::ProveFault, Step::ProveFault);
	}
	let Some(samples) = &view.samples else {
		let forgotten = |anchor: BlockNumber| view.block > anchor.saturating_add(RING_BLOCKS);
		return match &view.attested {
			Some(attested) if forgotten(attested.anchor) => {
				in_time(record, view, until, What::Redraw, Step::Redraw)
			}
			_ => results(record, view, means).unwrap_or(Step::Wait(Wait::Draw)),
		};
	};
	let closed: Vec<u8> =
		(0u8..).zip(samples).filter(|(_, sample)| !sample.opened).map(|(at, _)| at).collect();
	if closed.is_empty() {
		return Step::Wait(Wait::Audit);
	}
	if let Some(step) = results(record, view, means) {
		return step;
	}
	let due = closed.into_iter().filter(|at| is_due(record, view, until, What::Open(*at)));
	let due: Vec<u8> = due.collect();
	if due.is_empty() {
		return Step::Wait(Wait::Call);
	}
	Step::Open(due)
}

fn contestable(record: &Record, view: &View, means: &Means, until: ActiveBlock) -> Step {
	let waiting = view.attested.as_ref().map_or(0, |attested| usize::from(attested.demands));
	let over = view.demands.iter().any(|demand| view.now > demand.until);
	if over || (view.now > until && waiting == 0 && view.demands.is_empty()) {
		return once(record, view, What::Settle, Step::Settle);
	}
	let due = view.demands.iter().filter(|demand| {
		is_due(record, view, demand.until, What::Supply(demand.buffer, demand.chunk))
	});
	let due: Vec<_> = due.map(|demand| (demand.buffer, demand.chunk)).collect();
	if !due.is_empty() {
		return results(record, view, means).unwrap_or(Step::Supply(due));
	}
	if waiting > view.demands.len() {
		return Step::FindDemands;
	}
	match view.demands.is_empty() {
		true => Step::Wait(Wait::Window),
		false => Step::Wait(Wait::Call),
	}
}

/// What it takes to have the attested results again, if they are not here: a disk may be lost.
fn results(record: &Record, view: &View, means: &Means) -> Option<Step> {
	let attested = view.attested.as_ref()?;
	match &record.computed {
		Some(computed) if means.outputs => {
			let same = computed.transcript() == attested.transcript;
			(!same).then_some(Step::Wait(Wait::Mismatch))
		}
		_ if record.hopeless.is_some() => Some(Step::Wait(Wait::Mismatch)),
		_ if !means.inputs => Some(Step::Fetch),
		_ => Some(Step::Compute),
	}
}
