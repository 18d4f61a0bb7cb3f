//! Why a job is not taken, in words for the provider and for the buyer.

use mutirao_client::Balance;
use mutirao_types::ActiveBlocks;

/// Why a job is not taken.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum Refusal {
	/// The chain did not let us take it.
	#[error("the chain did not let this provider take it: {0}")]
	ByTheChain(String),
	/// The device is in quarantine.
	#[error("the device is out of order")]
	OutOfOrder,
	/// The provider takes no jobs.
	#[error("this provider takes no new jobs now")]
	NotAccepting,
	/// The job is no longer open.
	#[error("the job is not open")]
	Taken,
	/// It would be too late when the call arrives.
	#[error("the job's time to be accepted is as good as over")]
	OpenTooShort,
	/// The buyer chose somebody else.
	#[error("the job is for another offer")]
	ForAnother,
	/// The offer is paused.
	#[error("the offer is paused")]
	OfferPaused,
	/// The offer has expired.
	#[error("the offer has expired: change its terms to renew it")]
	OfferExpired,
	/// The offer has as many jobs as it may.
	#[error("the offer already has its {capacity} jobs")]
	Busy {
		/// How many it may have.
		capacity: u16,
	},
	/// We are leaving.
	#[error("the provider is leaving")]
	Leaving,
	/// The device is too slow.
	#[error("the chain measured {found} steps per second; the buyer wants {wanted}")]
	TooSlow {
		/// What counts; 0 if nothing was measured.
		found: u64,
		/// What is wanted.
		wanted: u64,
	},
	/// The device has too little memory.
	#[error("the device has {found} MiB; the buyer wants {wanted}")]
	TooLittleMemory {
		/// What it has, in MiB.
		found: u32,
		/// What is wanted, in MiB.
		wanted: u32,
	},
	/// The device stands elsewhere.
	#[error("the buyer wants a device in another region")]
	ElsewhereWanted,
	/// Our reputation is too low.
	#[error("the buyer wants a better reputation")]
	ReputationTooLow,
	/// A buffer does not fit into the device.
	#[error("the longest buffer has {bytes} bytes; the device takes {most}")]
	BufferTooLong {
		/// Its length.
		bytes: u64,
		/// What the device takes.
		most: u64,
	},
	/// Its buffers do not fit into the device together.
	#[error("the job holds up to {bytes} bytes on the device at once; the device has {most}")]
	TooMuchMemory {
		/// What it holds.
		bytes: u64,
		/// What the device has.
		most: u64,
	},
	/// The device may stop its loops.
	#[error(
		"the job's loops may make {iterations} iterations; this device's driver stops them after {most}"
	)]
	LoopsTooLong {
		/// How many its fuel allows.
		iterations: u64,
		/// How many the device makes.
		most: u32,
	},
	/// The store has no room.
	#[error("the job's buffers need {needed} bytes; the store has room for {room}")]
	StoreFull {
		/// What they need.
		needed: u64,
		/// What is free.
		room: u64,
	},
	/// It costs more than the buyer pays.
	#[error("the job costs {price} planck here; the buyer pays at most {cap}")]
	PriceAboveCap {
		/// What it costs.
		price: Balance,
		/// What the buyer pays.
		cap: Balance,
	},
	/// It has more at stake than the offer allows.
	#[error("the job's collateral is more than twice the offer's maximum price, {maximum} planck")]
	PriceAboveMaximum {
		/// The offer's maximum price.
		maximum: Balance,
	},
	/// Too little stake is free.
	#[error("the job needs {needed} planck of collateral; {free} are free: add stake")]
	StakeTooSmall {
		/// What it needs.
		needed: Balance,
		/// What is free.
		free: Balance,
	},
	/// It computes for longer than the provider wants.
	#[error(
		"the job computes for about {seconds} s; this provider takes jobs of at most {most} s"
	)]
	TooLong {
		/// How long it computes.
		seconds: u64,
		/// How long it may.
		most: u64,
	},
	/// It cannot be done in time.
	#[error("the job needs about {needed} blocks to be attested; it gives {given}")]
	DeadlineTooClose {
		/// What it needs, the margin included.
		needed: ActiveBlocks,
		/// What it gives.
		given: ActiveBlocks,
	},
	/// Its window would hold the disk for too long.
	#[error("the contest window has {window} blocks; this provider takes at most {most}")]
	WindowTooLong {
		/// What it has.
		window: ActiveBlocks,
		/// What it may have.
		most: ActiveBlocks,
	},
	/// It earns too little.
	#[error("the job leaves {profit} planck; this provider wants {least}")]
	TooLittleProfit {
		/// What it leaves.
		profit: Balance,
		/// What is wanted.
		least: Balance,
	},
	/// The chain does not have the program.
	#[error("the chain does not have the program")]
	NoProgram,
	/// Program and chain disagree, or the program is not valid here.
	#[error("the program is not taken: {0}")]
	BadProgram(String),
	/// The buyer's other jobs have what inputs may take here.
	#[error(
		"inputs of too many of this buyer's jobs wait here: they are fetched one after the other"
	)]
	BuyerWaits,
	/// The hot key cannot pay for it.
	#[error(
		"the provider's hot key has {free} planck; what this job and those before it need of it comes to \
		 {needed}"
	)]
	HotKeyShort {
		/// What it has.
		free: Balance,
		/// What it should have.
		needed: Balance,
	},
	/// Its inputs are not here.
	#[error("inputs are missing: upload them, or name where they can be fetched")]
	InputsMissing,
}
