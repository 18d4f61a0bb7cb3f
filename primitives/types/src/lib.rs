//! The market's vocabulary, shared by runtime, client, worker and command line.
//!
//! | module | words |
//! |---|---|
//! | [`units`] | steps, gigasteps, active blocks, prices |
//! | [`buffer`] | what a buffer is called on the chain |
//! | [`program`] | what a job is told about a program |
//! | [`provider`], [`offer`] | who computes, on what, for how much |
//! | [`job`] | what a buyer asks for, and how far it has come |
//! | [`attestation`] | what a provider commits to, and what is drawn and opened |
//! | [`benchmark`] | how devices are measured |
//! | [`verdict`] | how a job ended, and why |
//! | [`reputation`] | kept and broken obligations, forgotten over time |

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

pub mod attestation;
pub mod benchmark;
pub mod buffer;
pub mod job;
pub mod offer;
pub mod program;
pub mod provider;
pub mod reputation;
pub mod units;
pub mod verdict;

pub use attestation::{
	transcript_root, Attestation, Demand, JobBuffer, Sample, Transcript, Witness, Workgroup,
};
pub use benchmark::{Benchmark, WindowId};
pub use buffer::BufferId;
pub use job::{Deal, FinishedJob, Job, JobId, JobRequest, JobState, JobStateKind, Target, Times};
pub use offer::{Backend, Device, Offer, OfferId, OfferState, OfferTerms, Region, Requirements};
pub use program::{ProgramId, Quote};
pub use provider::{Endpoint, Provider, ProviderState};
pub use reputation::Reputation;
pub use units::{ActiveBlock, ActiveBlocks, Score, Steps, GIGASTEP};
pub use verdict::{FaultKind, RefundReason, SlashReport, Verdict};

pub use sp_arithmetic::Permill;

/// Derives what everything in a call, an event or storage needs.
macro_rules! wire {
	($(#[$meta:meta])* $vis:vis enum $($rest:tt)*) => {
		$crate::wire!(@ $(#[$meta])* $vis enum $($rest)*);
	};
	($(#[$meta:meta])* $vis:vis struct $($rest:tt)*) => {
		$crate::wire!(@ $(#[$meta])* $vis struct $($rest)*);
	};
	(@ $($item:tt)*) => {
		#[derive(
			Clone,
			Debug,
			Eq,
			PartialEq,
			codec::Encode,
			codec::Decode,
			codec::DecodeWithMemTracking,
			codec::MaxEncodedLen,
			scale_info::TypeInfo,
		)]
		$($item)*
	};
}
pub(crate) use wire;
