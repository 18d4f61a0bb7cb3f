//! How a job ended, and why.

use crate::wire;

wire! {
	/// The end of a job. There is no other.
	#[derive(Copy)]
	pub enum Verdict {
		/// The work was done; the provider was paid.
		#[codec(index = 0)]
		Settled,
		/// The buyer has its money back, but for what the chain has checked.
		#[codec(index = 1)]
		Refunded(RefundReason),
		/// The program is at fault; the provider got its small part, the chain what it has checked, the
		/// buyer the rest.
		#[codec(index = 2)]
		Faulted(FaultKind),
	}
}

wire! {
	/// Why a buyer was refunded.
	#[derive(Copy)]
	pub enum RefundReason {
		/// The buyer withdrew the job before anyone accepted it.
		#[codec(index = 0)]
		Cancelled,
		/// Nobody accepted it in time.
		#[codec(index = 1)]
		Expired,
		/// The provider gave it up.
		#[codec(index = 2)]
		GivenUp,
		/// The provider attested nothing in time.
		#[codec(index = 3)]
		Late,
		/// A drawn workgroup was not opened in time.
		#[codec(index = 4)]
		OpeningMissed,
		/// A drawn workgroup's slice was wrong.
		#[codec(index = 5)]
		OpeningWrong,
		/// A challenger proved a slice wrong.
		#[codec(index = 6)]
		ChallengeUpheld,
		/// A chunk that was demanded was not shown in time.
		#[codec(index = 7)]
		DemandUnanswered,
	}
}

impl RefundReason {
	/// Whose doing it was, and how bad.
	pub fn blame(self) -> Blame {
		match self {
			Self::Cancelled | Self::Expired => Blame::Nobody,
			Self::GivenUp | Self::Late => Blame::ProviderFailed,
			Self::OpeningMissed
			| Self::OpeningWrong
			| Self::ChallengeUpheld
			| Self::DemandUnanswered => Blame::ProviderLied,
		}
	}
}

/// What a provider is answerable for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Blame {
	/// No provider was involved, or it did nothing wrong.
	Nobody,
	/// It did not do what it had accepted to do.
	ProviderFailed,
	/// It committed to bytes that are wrong, or that it will not show.
	ProviderLied,
}

wire! {
	/// What a program did that it may not do.
	#[derive(Copy)]
	pub enum FaultKind {
		/// Two invocations touched one word, and the result depends on which came first.
		#[codec(index = 0)]
		Race,
		/// A workgroup takes more steps than the program declares.
		#[codec(index = 1)]
		Fuel,
		/// A barrier that not all invocations reach.
		#[codec(index = 2)]
		DivergentBarrier,
		/// A workgroup reads more chunks than a witness may hold.
		#[codec(index = 3)]
		Reads,
	}
}

wire! {
	/// Where a slash went. `burned + to_buyer + to_challenger` was taken; with `shortfall` it is what
	/// was due.
	#[derive(Copy, Default)]
	pub struct SlashReport<Balance> {
		/// Destroyed.
		pub burned: Balance,
		/// Given to the buyer.
		pub to_buyer: Balance,
		/// Given to whoever proved the lie.
		pub to_challenger: Balance,
		/// Due, but not there to take.
		pub shortfall: Balance,
	}
}
