//! What metrics tell apart.

/// What happens to jobs.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum JobEvent {
	/// This worker took it.
	Accepted,
	/// Its results were committed to.
	Attested,
	/// One of its drawn workgroups was opened.
	Opened,
	/// A demanded chunk of it was shown.
	Supplied,
	/// It was paid.
	Settled,
	/// Its buyer had the money back.
	Refunded,
	/// Its program was at fault.
	Faulted,
	/// It was given up before its deadline.
	GivenUp,
}

impl JobEvent {
	/// All of them.
	pub const ALL: [Self; 8] = [
		Self::Accepted,
		Self::Attested,
		Self::Opened,
		Self::Supplied,
		Self::Settled,
		Self::Refunded,
		Self::Faulted,
		Self::GivenUp,
	];

	/// Its name as a label.
	pub fn name(self) -> &'static str {
		match self {
			Self::Accepted => "accepted",
			Self::Attested => "attested",
			Self::Opened => "opened",
			Self::Supplied => "supplied",
			Self::Settled => "settled",
			Self::Refunded => "refunded",
			Self::Faulted => "faulted",
			Self::GivenUp => "given_up",
		}
	}
}

/// What the watchtower makes of others' jobs.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum WatchEvent {
	/// Workgroups of it were computed again.
	Examined,
	/// It could not be examined.
	Skipped,
	/// A challenge of it was upheld.
	Upheld,
	/// A challenge of it failed.
	Failed,
	/// A challenge of it was not heard by the chain.
	Refused,
}

impl WatchEvent {
	/// All of them.
	pub const ALL: [Self; 5] =
		[Self::Examined, Self::Skipped, Self::Upheld, Self::Failed, Self::Refused];

	/// Its name as a label.
	pub fn name(self) -> &'static str {
		match self {
			Self::Examined => "examined",
			Self::Skipped => "skipped",
			Self::Upheld => "upheld",
			Self::Failed => "failed",
			Self::Refused => "refused",
		}
	}
}

/// What the time of a job goes to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Step {
	/// Inputs travel to this machine.
	Fetch,
	/// Inputs travel to the device.
	Upload,
	/// The device computes.
	Gpu,
	/// Results travel from the device, and are hashed and written on their way.
	ReadBackAndHash,
	/// Random workgroups are computed again, on the VM.
	SelfCheck,
	/// Calls are signed and sent, until a block has them.
	Sign,
}

impl Step {
	/// All of them.
	pub const ALL: [Self; 6] =
		[Self::Fetch, Self::Upload, Self::Gpu, Self::ReadBackAndHash, Self::SelfCheck, Self::Sign];

	/// Its name as a label.
	pub fn name(self) -> &'static str {
		match self {
			Self::Fetch => "fetch",
			Self::Upload => "upload",
			Self::Gpu => "gpu",
			Self::ReadBackAndHash => "read_back_and_hash",
			Self::SelfCheck => "self_check",
			Self::Sign => "sign",
		}
	}
}

/// The stages in which open jobs are counted.
pub const JOB_STAGES: [&str; 4] = ["preparing", "running", "attested", "contestable"];
/// The states of a device.
pub const DEVICE_STATES: [&str; 3] = ["idle", "busy", "quarantined"];
