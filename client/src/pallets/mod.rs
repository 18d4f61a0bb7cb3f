//! The market, pallet by pallet: what can be read, asked for, and seen to happen.
//!
//! Each pallet has a type of calls, a type of events, and an Ext trait: reads for whatever sees a chain,
//! calls for whatever may also submit ([`crate::Submit`]).

mod attestations;
mod benchmarks;
mod jobs;
mod programs;
mod providers;

pub use attestations::{AttestationsCall, AttestationsEvent, AttestationsExt};
pub use benchmarks::{BenchmarksCall, BenchmarksEvent, BenchmarksExt};
pub use jobs::{JobsCall, JobsEvent, JobsExt, Payout};
pub use programs::{ProgramRecord, ProgramsCall, ProgramsEvent, ProgramsExt};
pub use providers::{ProvidersCall, ProvidersEvent, ProvidersExt};

/// What the view functions that this client asks must be like.
pub(crate) fn views() -> Vec<crate::view::ViewShape> {
	let of_pallets = [
		programs::views(),
		providers::views(),
		jobs::views(),
		attestations::views(),
		benchmarks::views(),
	];
	of_pallets.into_iter().flatten().collect()
}

/// The future of an answer. It may be awaited on any thread.
macro_rules! answer {
	($value:ty) => { impl std::future::Future<Output = Result<$value, $crate::Error>> + Send };
}
pub(crate) use answer;
