//! What the journal remembers of a job.

use codec::{Decode, Encode};
use mutirao_client::{AccountId, Balance, BlockNumber};
use mutirao_types::{
	ActiveBlock, BufferId, FaultKind, Job, JobBuffer, JobId, JobRequest, OfferId, Steps,
	Transcript, Verdict, Workgroup,
};

/// All that the worker knows of a job and the chain does not, and what it needs of it when the chain
/// has forgotten the job.
#[derive(Clone, Debug, Eq, PartialEq, Encode, Decode)]
pub struct Record {
	/// The job.
	pub job: JobId,
	/// On which of our offers it was accepted, or is about to be.
	pub offer: OfferId,
	/// Who pays.
	pub buyer: AccountId,
	/// What is asked for.
	pub request: JobRequest<Balance>,
	/// Steps that the program declares.
	pub declared_steps: Steps,
	/// What it pays, in planck.
	pub price: Balance,
	/// Calls that were sent and whose effect has not been seen yet.
	pub sent: Vec<Sent>,
	/// The results, once there are any.
	pub computed: Option<Computed>,
	/// What the program does that it may not do.
	pub fault: Option<FoundFault>,
	/// Why it cannot be done.
	pub hopeless: Option<String>,
	/// Chunks that somebody wants to see.
	pub demands: Vec<(JobBuffer, u32)>,
	/// How it ended.
	pub ended: Option<Ended>,
	/// Times that computing it went wrong.
	pub failures: u8,
	/// Where the time went.
	pub times: Times,
}

/// A call on its way.
#[derive(Clone, Debug, Eq, PartialEq, Encode, Decode)]
pub struct Sent {
	/// Which.
	pub what: What,
	/// The last block in which it may take effect. Seen from a later block without its effect, it has none.
	pub until: BlockNumber,
}

/// Calls about a job, told apart by what they change.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Encode, Decode)]
pub enum What {
	/// Takes the job.
	Accept,
	/// Commits to the results.
	Attest,
	/// Opens this sample.
	Open(u8),
	/// Shows this chunk.
	Supply(JobBuffer, u32),
	/// Proves that the program is at fault.
	ProveFault,
	/// Draws the samples anew.
	Redraw,
	/// Hands the job back.
	GiveUp,
	/// Ends the job after a deadline.
	Settle,
}

/// Results of a job. Their bytes are in the store, pinned in the job's name.
#[derive(Clone, Debug, Eq, PartialEq, Encode, Decode)]
pub struct Computed {
	/// What the passes wrote, by pass, then by slot: index in the program, and name.
	pub written: Vec<(u16, BufferId)>,
	/// The device that computed it.
	pub device: String,
	/// Whether random workgroups were computed again, and were right.
	pub checked: bool,
}

impl Computed {
	/// What is attested.
	pub fn transcript(&self) -> Transcript {
		Transcript::truncate_from(self.written.iter().map(|(_, id)| *id).collect())
	}
}

/// A workgroup in which the program is at fault.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Encode, Decode)]
pub struct FoundFault {
	/// Which.
	pub workgroup: Workgroup,
	/// What it does.
	pub kind: FaultKind,
	/// Whether its pass reads nothing but inputs: only then it can be proven.
	pub provable: bool,
}

/// The end of a job.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Encode, Decode)]
pub struct Ended {
	/// How.
	pub verdict: Verdict,
	/// When.
	pub at: ActiveBlock,
}

/// Where the time of a job went, in milliseconds.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Encode, Decode)]
pub struct Times {
	/// Fetching what was not here.
	pub fetch: u64,
	/// Copying inputs to the device.
	pub upload: u64,
	/// The device's own time.
	pub gpu: u64,
	/// Reading back and hashing.
	pub read_back_and_hash: u64,
	/// Computing random workgroups again.
	pub check: u64,
	/// From sending the attestation to its being final.
	pub attest: u64,
}

impl Record {
	/// A job that is about to be accepted, or that the chain says is ours.
	pub fn new(id: JobId, offer: OfferId, price: Balance, job: &Job<AccountId, Balance>) -> Self {
		Self {
			job: id,
			offer,
			buyer: job.buyer,
			request: job.request.clone(),
			declared_steps: job.declared_steps,
			price,
			sent: Vec::new(),
			computed: None,
			fault: None,
			hopeless: None,
			demands: Vec::new(),
			ended: None,
			failures: 0,
			times: Times::default(),
		}
	}

	/// In whose name its buffers are pinned in the store.
	pub fn owner(&self) -> String {
		owner_of(self.job)
	}

	/// What must stay in the store for it: its inputs, and its results once there are any.
	pub fn buffers(&self) -> Vec<BufferId> {
		let written = self.computed.iter().flat_map(|computed| &computed.written);
		self.request.inputs.iter().copied().chain(written.map(|(_, id)| *id)).collect()
	}

	/// Whether this call was sent, and may still take effect that is not seen at `block`.
	pub fn awaits(&self, what: What, block: BlockNumber) -> bool {
		self.sent.iter().any(|sent| sent.what == what && block <= sent.until)
	}

	/// Remembers that a call is about to be sent.
	pub fn note_sent(&mut self, what: What, until: BlockNumber) {
		self.sent.retain(|sent| sent.what != what);
		self.sent.push(Sent { what, until });
	}

	/// Forgets that a call was sent: it had no effect.
	pub fn note_lost(&mut self, what: What) {
		self.sent.retain(|sent| sent.what != what);
	}
}

/// In whose name a job's buffers are pinned in the store.
pub fn owner_of(job: JobId) -> String {
	format!("job-{job}")
}
