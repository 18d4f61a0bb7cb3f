//! What can go wrong, each with a code of its own between 11000 and 11099 (docs/rpc.md).

use jsonrpsee::types::ErrorObjectOwned;
use mutirao_market_api::EstimateError;
use mutirao_runtime::Hash;
use mutirao_types::{JobId, OfferId};
use std::fmt::{self, Display, Formatter};

/// Why a question has no answer.
#[derive(Debug)]
pub(crate) enum Error {
	/// This node has no such block.
	UnknownBlock(Hash),
	/// This node no longer has the block's state.
	StateDiscarded(Hash),
	/// The block's runtime has no market API that this node can ask.
	NoMarket(Hash),
	/// The runtime did not answer.
	Runtime(String),
	/// A text is no region.
	BadRegion(String),
	/// A text is no amount.
	BadAmount(String),
	/// A share is more than one.
	BadShare(u32),
	/// A page without items was asked for.
	EmptyPage,
	/// Not exactly one of the ways to list jobs was chosen.
	BadJobFilter,
	/// Both one offer and a filter were given.
	BadEstimateOptions,
	/// No job has this number.
	NoSuchJob(JobId),
	/// No program has this name.
	NoSuchProgram(Hash),
	/// The parameters do not fit the program.
	ParametersDoNotFit,
	/// Too few or too many workgroups to draw.
	SamplesOutOfRange(u8),
	/// A workgroup declares more steps than the chain can re-execute.
	WorkgroupTooLarge,
	/// No offer has this number.
	NoSuchOffer(OfferId),
	/// It costs more than there can be money.
	PriceTooHigh,
	/// The program declares no step.
	DeclaresNoStep,
	/// The offer takes no job that is so dear.
	AboveMaximum(OfferId),
	/// As many subscriptions are open as this node serves.
	TooManySubscriptions(usize),
	/// The block was made by a runtime whose events this node cannot decode.
	OtherRuntime { block: Hash, made_by: u32, known: u32 },
	/// The block's events are not what its runtime's version says.
	MalformedEvents(Hash),
	/// Too many blocks came at once to send them one by one.
	TooManyBlocks(usize),
	/// The client reads too slowly.
	SlowClient,
	/// As many subscriptions are open on the connection as one may have.
	TooManyOnConnection(usize),
}

impl Error {
	/// The code. Codes never change their meaning.
	pub(crate) fn code(&self) -> i32 {
		match self {
			Self::UnknownBlock(_) => 11001,
			Self::StateDiscarded(_) => 11002,
			Self::NoMarket(_) => 11003,
			Self::Runtime(_) => 11004,
			Self::BadRegion(_) => 11010,
			Self::BadAmount(_) => 11011,
			Self::BadShare(_) => 11012,
			Self::EmptyPage => 11013,
			Self::BadJobFilter => 11014,
			Self::BadEstimateOptions => 11015,
			Self::NoSuchJob(_) => 11020,
			Self::NoSuchProgram(_) => 11021,
			Self::ParametersDoNotFit => 11022,
			Self::SamplesOutOfRange(_) => 11023,
			Self::WorkgroupTooLarge => 11024,
			Self::NoSuchOffer(_) => 11025,
			Self::PriceTooHigh => 11026,
			Self::DeclaresNoStep => 11027,
			Self::AboveMaximum(_) => 11028,
			Self::TooManySubscriptions(_) => 11030,
			Self::OtherRuntime { .. } => 11031,
			Self::MalformedEvents(_) => 11032,
			Self::TooManyBlocks(_) => 11033,
			Self::SlowClient => 11034,
			Self::TooManyOnConnection(_) => 11035,
		}
	}

	/// What the runtime says about an estimate that was asked for.
	pub(crate) fn of_estimate(
		error: EstimateError,
		program: Hash,
		samples: u8,
		offer: Option<OfferId>,
	) -> Self {
		match error {
			EstimateError::NoSuchProgram => Self::NoSuchProgram(program),
			EstimateError::ParametersDoNotFit => Self::ParametersDoNotFit,
			EstimateError::SamplesOutOfRange => Self::SamplesOutOfRange(samples),
			EstimateError::WorkgroupTooLarge => Self::WorkgroupTooLarge,
			EstimateError::NoSuchOffer => Self::NoSuchOffer(offer.unwrap_or_default()),
			EstimateError::PriceTooHigh => Self::PriceTooHigh,
			EstimateError::DeclaresNoStep => Self::DeclaresNoStep,
			EstimateError::AboveMaximum => Self::AboveMaximum(offer.unwrap_or_default()),
		}
	}
}

impl Display for Error {
	fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
		match self {
			Self::UnknownBlock(hash) => write!(f, "this node has no block {hash:?}"),
			Self::StateDiscarded(hash) => write!(
				f,
				"this node no longer has the state of block {hash:?}: ask one that keeps all states \
				 (--state-pruning archive)"
			),
			Self::NoMarket(hash) => write!(
				f,
				"the runtime of block {hash:?} has no market, or one of a version that this node does \
				 not know"
			),
			Self::Runtime(reason) => write!(f, "the runtime did not answer: {reason}"),
			Self::BadRegion(text) => write!(
				f,
				"{text:?} is no region: give two letters A to Z, and perhaps a dash and up to three of \
				 A to Z and 0 to 9, such as BR or BR-SP"
			),
			Self::BadAmount(text) => write!(
				f,
				"{text:?} is no amount: give a whole number in decimal digits, as a string"
			),
			Self::BadShare(share) => {
				write!(f, "{share} is no share: give parts in a million, 0 to 1000000")
			}
			Self::EmptyPage => write!(f, "a page has at least one item: give a limit of 1 or more"),
			Self::BadJobFilter => {
				write!(f, "give exactly one of `buyer`, `provider` and `state`")
			}
			Self::BadEstimateOptions => write!(f, "give `offer` or `filter`, not both"),
			Self::NoSuchJob(job) => write!(f, "there is no job {job}, or no longer"),
			Self::NoSuchProgram(program) => write!(f, "there is no program {program:?}"),
			Self::ParametersDoNotFit => write!(
				f,
				"the parameters are too many, too few, out of their bounds, or make a size that is not \
				 allowed: market_program tells the bounds"
			),
			Self::SamplesOutOfRange(samples) => {
				write!(f, "{samples} workgroups cannot be drawn: give 1 to 16")
			}
			Self::WorkgroupTooLarge => write!(
				f,
				"a workgroup declares more steps than the chain can re-execute: make workgroups smaller"
			),
			Self::NoSuchOffer(offer) => write!(f, "there is no offer {offer}"),
			Self::PriceTooHigh => write!(f, "the job would cost more than there can be money"),
			Self::DeclaresNoStep => write!(
				f,
				"the program declares no step for these parameters, so that no workgroup could be \
				 drawn: give others"
			),
			Self::AboveMaximum(offer) => write!(
				f,
				"the job costs more than one job on offer {offer} may: see its maximumPrice, and ask \
				 for another offer"
			),
			Self::TooManySubscriptions(most) => write!(
				f,
				"{most} market subscriptions are open, as many as this node serves: try another node"
			),
			Self::OtherRuntime { block, made_by, known } => write!(
				f,
				"block {block:?} was made by runtime version {made_by}, and this node decodes events of \
				 version {known} only: ask a node of that version, or decode them by the metadata"
			),
			Self::MalformedEvents(block) => write!(f, "block {block:?} has malformed events"),
			Self::TooManyBlocks(blocks) => write!(
				f,
				"{blocks} blocks came at once, more than are sent one by one: subscribe again, and read \
				 what was missed from the chain"
			),
			Self::SlowClient => {
				write!(f, "messages were not read in time: subscribe again")
			}
			Self::TooManyOnConnection(most) => write!(
				f,
				"{most} market subscriptions are open on this connection, as many as one may have: end \
				 one first, or follow all events by one subscription without a filter"
			),
		}
	}
}

impl From<Error> for ErrorObjectOwned {
	fn from(error: Error) -> Self {
		Self::owned(error.code(), error.to_string(), None::<()>)
	}
}
