//! Benchmark windows, claims and their proofs.

use super::answer;
use crate::{
	view::{View, ViewShape},
	AccountId, Balance, BlockNumber, Call, Error, Included, OnChain, Submit,
};
use codec::{Decode, Encode};
use mutirao_types::{
	benchmark::{Claim, Measurement, Window},
	program::Parameters,
	ActiveBlock, Benchmark, OfferId, Sample, Score, SlashReport, Steps, Transcript, WindowId,
	Witness, Workgroup,
};

const BENCHMARK: View<(), Option<Benchmark>> = View::new("Benchmarks", "benchmark");
const WINDOW: View<(), Option<Window<BlockNumber>>> = View::new("Benchmarks", "window");
const PARAMETERS: View<(OfferId, u32), Option<Parameters>> = View::new("Benchmarks", "parameters");
const CLAIM_OF: View<(OfferId,), Option<Claim<AccountId, BlockNumber>>> =
	View::new("Benchmarks", "claim_of");
const SAMPLES: View<(OfferId,), Option<Vec<Sample>>> = View::new("Benchmarks", "samples");
const MEASUREMENTS: View<(OfferId,), Vec<Measurement>> = View::new("Benchmarks", "measurements");
const CLAIM_FEE: View<(u32,), Option<Balance>> = View::new("Benchmarks", "claim_fee");
const SCORE: View<(OfferId,), Option<Score>> = View::new("Benchmarks", "score");

/// What the view functions that are asked here must be like.
pub(super) fn views() -> Vec<ViewShape> {
	vec![
		BENCHMARK.shape(),
		WINDOW.shape(),
		PARAMETERS.shape(),
		CLAIM_OF.shape(),
		SAMPLES.shape(),
		MEASUREMENTS.shape(),
		CLAIM_FEE.shape(),
		SCORE.shape(),
	]
}

/// Calls of the pallet Benchmarks. Its documentation is in the pallet.
#[derive(Clone, Debug, Eq, PartialEq, Encode)]
#[cfg_attr(test, derive(scale_info::TypeInfo))]
pub enum BenchmarksCall {
	/// Sets what is measured in windows to come. Governance's alone.
	#[codec(index = 0)]
	SetBenchmark {
		/// What is measured; `None`: nothing.
		benchmark: Option<Benchmark>,
	},
	/// Says how much an offer's device has computed in the window.
	#[codec(index = 1)]
	Claim {
		/// The offer.
		offer: OfferId,
		/// How much: the program's first parameter.
		size: u32,
		/// All buffers that its passes wrote.
		transcript: Transcript,
	},
	/// Proves a drawn workgroup of a claim.
	#[codec(index = 2)]
	Prove {
		/// The offer.
		offer: OfferId,
		/// Which sample, from 0.
		sample: u8,
		/// Steps that its pass declares for a workgroup.
		#[codec(compact)]
		steps: Steps,
		/// What it takes to compute it again.
		witness: Witness,
	},
	/// Draws the conclusions of windows that have ended for an offer.
	#[codec(index = 3)]
	Conclude {
		/// The offer.
		offer: OfferId,
	},
}

impl BenchmarksCall {
	/// The call's name on the chain.
	pub fn name(&self) -> &'static str {
		match self {
			Self::SetBenchmark { .. } => "set_benchmark",
			Self::Claim { .. } => "claim",
			Self::Prove { .. } => "prove",
			Self::Conclude { .. } => "conclude",
		}
	}
}

impl From<BenchmarksCall> for Call {
	fn from(call: BenchmarksCall) -> Self {
		Self::Benchmarks(call)
	}
}

/// Events of the pallet Benchmarks.
#[derive(Clone, Debug, Eq, PartialEq, Decode)]
#[cfg_attr(test, derive(scale_info::TypeInfo))]
#[allow(missing_docs)] // Each field is documented with the event, in the pallet.
pub enum BenchmarksEvent {
	/// Windows to come measure something else, or there will be none.
	#[codec(index = 0)]
	BenchmarkSet { benchmark: Option<Benchmark> },
	/// A window was opened. Devices can compute once its seed is known.
	#[codec(index = 1)]
	WindowOpened {
		window: WindowId,
		offers: OfferId,
		claim_until: ActiveBlock,
		prove_until: ActiveBlock,
	},
	/// A window has its seed.
	#[codec(index = 2)]
	WindowStarted { window: WindowId, seed: [u8; 32] },
	/// A window has ended: what was not proven, is not.
	#[codec(index = 3)]
	WindowEnded { window: WindowId },
	/// A window measures nothing: the chain stood still.
	#[codec(index = 4)]
	WindowVoided { window: WindowId },
	/// A provider says how much its device has computed.
	#[codec(index = 5)]
	Claimed {
		offer: OfferId,
		window: WindowId,
		size: u32,
		steps_per_second: u64,
		transcript: Transcript,
		anchor: BlockNumber,
		fee: Balance,
	},
	/// A drawn workgroup of a claim was computed again: it is right.
	#[codec(index = 6)]
	Proven { offer: OfferId, sample: u8, workgroup: Workgroup },
	/// A drawn workgroup of a claim was computed again: it is wrong.
	#[codec(index = 7)]
	Refuted { offer: OfferId, workgroup: Workgroup },
	/// All samples of a claim were proven.
	#[codec(index = 8)]
	Measured { offer: OfferId, window: WindowId, steps_per_second: u64 },
	/// A claim was not proven.
	#[codec(index = 9)]
	ClaimLost {
		offer: OfferId,
		window: WindowId,
		provider: AccountId,
		reporter: AccountId,
		penalty: SlashReport<Balance>,
	},
}

/// Benchmark windows of a chain.
pub trait BenchmarksExt: Sync {
	/// What will be measured in windows to come.
	fn benchmark(&self) -> answer!(Option<Benchmark>);

	/// The window that is open, or in which claims are being proven.
	fn benchmark_window(&self) -> answer!(Option<Window<BlockNumber>>);

	/// The parameters with which an offer computes so much in the present window; `None` before it has
	/// a seed.
	fn benchmark_parameters(&self, offer: OfferId, size: u32) -> answer!(Option<Parameters>);

	/// An offer's claim, if it was not proven.
	fn claim_of(&self, offer: OfferId) -> answer!(Option<Claim<AccountId, BlockNumber>>);

	/// The workgroups that are drawn for an offer's claim; `None` until they are.
	fn claim_samples(&self, offer: OfferId) -> answer!(Option<Vec<Sample>>);

	/// What was proven of an offer in recent windows, oldest first.
	fn measurements(&self, offer: OfferId) -> answer!(Vec<Measurement>);

	/// The score that an offer has, or would have if it were concluded now.
	fn score(&self, offer: OfferId) -> answer!(Option<Score>);

	/// What a claim of so much costs in the present window, besides its transaction; `None` without a
	/// window.
	fn claim_fee(&self, size: u32) -> answer!(Option<Balance>);

	/// Says how much the device of one of the account's offers has computed. The account pays for its
	/// proofs: [`Self::claim_fee`].
	fn claim(&self, offer: OfferId, size: u32, transcript: Transcript) -> answer!(Included)
	where
		Self: Submit,
	{
		self.submit(BenchmarksCall::Claim { offer, size, transcript }.into())
	}

	/// Proves a drawn workgroup of one of the account's claims. Whether it was right, the events tell.
	fn prove(&self, offer: OfferId, sample: u8, steps: Steps, witness: Witness) -> answer!(Included)
	where
		Self: Submit,
	{
		self.submit(BenchmarksCall::Prove { offer, sample, steps, witness }.into())
	}

	/// Draws the conclusions of windows that have ended for an offer.
	fn conclude(&self, offer: OfferId) -> answer!(Included)
	where
		Self: Submit,
	{
		self.submit(BenchmarksCall::Conclude { offer }.into())
	}
}

impl<T: OnChain + Sync> BenchmarksExt for T {
	async fn benchmark(&self) -> Result<Option<Benchmark>, Error> {
		self.client().view(&BENCHMARK, ()).await
	}

	async fn benchmark_window(&self) -> Result<Option<Window<BlockNumber>>, Error> {
		self.client().view(&WINDOW, ()).await
	}

	async fn benchmark_parameters(
		&self,
		offer: OfferId,
		size: u32,
	) -> Result<Option<Parameters>, Error> {
		self.client().view(&PARAMETERS, (offer, size)).await
	}

	async fn claim_of(
		&self,
		offer: OfferId,
	) -> Result<Option<Claim<AccountId, BlockNumber>>, Error> {
		self.client().view(&CLAIM_OF, (offer,)).await
	}

	async fn claim_samples(&self, offer: OfferId) -> Result<Option<Vec<Sample>>, Error> {
		self.client().view(&SAMPLES, (offer,)).await
	}

	async fn claim_fee(&self, size: u32) -> Result<Option<Balance>, Error> {
		self.client().view(&CLAIM_FEE, (size,)).await
	}

	async fn measurements(&self, offer: OfferId) -> Result<Vec<Measurement>, Error> {
		self.client().view(&MEASUREMENTS, (offer,)).await
	}

	async fn score(&self, offer: OfferId) -> Result<Option<Score>, Error> {
		self.client().view(&SCORE, (offer,)).await
	}
}
