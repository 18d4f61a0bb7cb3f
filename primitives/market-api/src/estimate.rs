//! What a job would cost.

use crate::{answer, OfferFilter};
use mutirao_types::{program::Parameters, OfferId, ProgramId, Quote};

answer! {
	/// The job in question.
	pub struct EstimateRequest<AccountId, Balance> {
		/// What is computed.
		pub program: ProgramId,
		/// With which numbers.
		pub parameters: Parameters,
		/// Workgroups that the chain draws and re-executes.
		pub samples: u8,
		/// At whose price.
		pub among: Among<AccountId, Balance>,
	}
}

answer! {
	/// At whose price.
	pub enum Among<AccountId, Balance> {
		/// This offer's, whether it takes jobs now or not. There is none if it would never take this one:
		/// see [`EstimateError::AboveMaximum`].
		#[codec(index = 0)]
		Offer(OfferId),
		/// That of the cheapest offer that the filter lets through and that could accept the job now.
		#[codec(index = 1)]
		Cheapest(OfferFilter<AccountId, Balance>),
	}
}

answer! {
	/// What a job would cost, the deposit for its place apart.
	pub struct Estimate<Balance> {
		/// What the program asks for.
		pub quote: Quote,
		/// What the chain asks for its own checking.
		pub audit_fee: Balance,
		/// The offer, and what the job costs on it. `None`: no offer could accept the job now.
		pub offer: Option<PricedOffer<Balance>>,
		/// Whether all offers were looked at. If not, there may be a cheaper one.
		pub all_scanned: bool,
	}
}

answer! {
	/// What a job costs on an offer.
	#[derive(Copy)]
	pub struct PricedOffer<Balance> {
		/// The offer.
		pub offer: OfferId,
		/// The price, in planck, the protocol's fee included.
		pub price: Balance,
	}
}

answer! {
	/// Why there is no estimate: such a job could not be posted.
	#[derive(Copy)]
	pub enum EstimateError {
		/// No program has this name.
		#[codec(index = 0)]
		NoSuchProgram,
		/// The parameters are too many, too few, out of their bounds, or make a size that is not
		/// allowed.
		#[codec(index = 1)]
		ParametersDoNotFit,
		/// Too few or too many workgroups to draw.
		#[codec(index = 2)]
		SamplesOutOfRange,
		/// A workgroup declares more steps than the chain can re-execute.
		#[codec(index = 3)]
		WorkgroupTooLarge,
		/// No offer has this number.
		#[codec(index = 4)]
		NoSuchOffer,
		/// It costs more than there can be money.
		#[codec(index = 5)]
		PriceTooHigh,
		/// The program declares no step for these parameters.
		#[codec(index = 6)]
		DeclaresNoStep,
		/// It costs more, or needs more collateral, than the maximum price of the offer allows.
		#[codec(index = 7)]
		AboveMaximum,
	}
}
