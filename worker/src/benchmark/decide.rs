//! What is to be done for an offer, as a pure function.

use mutirao_client::{AccountId, BlockNumber};
use mutirao_types::{
	benchmark::{Claim, Window},
	ActiveBlock, OfferId, Sample,
};

use super::Record;

/// An offer and the present window, as the chain has them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct View {
	/// The present window.
	pub window: Option<Window<BlockNumber>>,
	/// The offer's claim, unless all of it is proven.
	pub claim: Option<Claim<AccountId, BlockNumber>>,
	/// The workgroups that are drawn for it.
	pub samples: Option<Vec<Sample>>,
	/// Whether the present window's measurement of the offer is written.
	pub is_measured: bool,
	/// The moment.
	pub now: ActiveBlock,
}

/// What is to be done.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Step {
	/// Nothing now.
	Wait,
	/// Keep the device free: a window is open, and its seed will be known soon.
	Reserve,
	/// Compute as much as the time allows, and claim it.
	Compute,
	/// Compute what was claimed once more: its bytes are gone.
	Recompute {
		/// How much it was.
		size: u32,
	},
	/// Claim what is computed.
	Claim,
	/// Prove a drawn workgroup.
	Prove {
		/// Which sample.
		sample: u8,
	},
	/// Draw the conclusions of a claim that is lost: before that, no other one can be made.
	Conclude,
	/// Forget what was computed: nobody will ask for it any more.
	Forget,
}

/// What is to be done for an offer, with what is kept of its last claim.
pub fn decide(offer: OfferId, view: &View, record: Option<&Record>) -> Step {
	let over = if record.is_some() { Step::Forget } else { Step::Wait };
	let present = view.window.as_ref().map(|window| window.number);
	let is_lost =
		|claim: &Claim<_, _>| claim.refuted || present.is_none_or(|number| claim.window < number);
	if view.claim.as_ref().is_some_and(is_lost) {
		return Step::Conclude;
	}
	let Some(window) = view.window.as_ref().filter(|window| offer < window.offers) else {
		return over;
	};
	let record = match record {
		Some(record) if record.window != window.number => return Step::Forget,
		record => record,
	};
	if view.is_measured {
		return over;
	}
	match view.claim.as_ref().filter(|claim| claim.window == window.number) {
		Some(claim) => prove(view, claim, window.prove_until, record),
		None if view.now > window.claim_until => over,
		None if window.start.is_none() => Step::Reserve,
		None if record.is_some() => Step::Claim,
		None => Step::Compute,
	}
}

fn prove(
	view: &View,
	claim: &Claim<AccountId, BlockNumber>,
	until: ActiveBlock,
	record: Option<&Record>,
) -> Step {
	if view.now > until {
		return Step::Wait;
	}
	if record.map(|record| record.size) != Some(claim.size) {
		return Step::Recompute { size: claim.size };
	}
	let samples = view.samples.iter().flatten();
	let open = (0u8..).zip(samples).find(|(_, sample)| !sample.opened);
	open.map_or(Step::Wait, |(sample, _)| Step::Prove { sample })
}

#[cfg(test)]
mod tests {
	use super::*;
	use mutirao_types::{benchmark::WindowStart, Benchmark, BufferId, Transcript, Workgroup};

	const OFFER: OfferId = 3;

	fn window() -> Window<BlockNumber> {
		let benchmark = Benchmark {
			program: [1; 32],
			settings: Default::default(),
			interval: 1,
			window_blocks: 20,
			prove_blocks: 200,
			samples: 2,
		};
		Window {
			number: 5,
			benchmark,
			anchor: 90,
			opened_at: 90,
			claim_until: 120,
			prove_until: 320,
			offers: 4,
			start: Some(WindowStart { seed: [2; 32], at_ms: 0 }),
		}
	}

	fn view(now: ActiveBlock) -> View {
		View { window: Some(window()), now, ..Default::default() }
	}

	fn claimed(now: ActiveBlock, opened: [bool; 2]) -> View {
		let claim = Claim {
			window: 5,
			provider: AccountId::from([0; 32]),
			size: 100,
			steps: 1,
			steps_per_second: 1,
			transcript: Transcript::default(),
			anchor: 110,
			proven: 0,
			refuted: false,
		};
		let workgroup = Workgroup { pass: 0, number: 0 };
		let samples = opened.map(|opened| Sample { workgroup, opened });
		View { claim: Some(claim), samples: Some(samples.to_vec()), ..view(now) }
	}

	fn record(window: u32) -> Record {
		Record { window, size: 100, parameters: vec![100], written: vec![(0, BufferId::of(b""))] }
	}

	#[test]
	fn without_a_window_nothing_is_done_and_nothing_kept() {
		assert_eq!(decide(OFFER, &View::default(), None), Step::Wait);
		assert_eq!(decide(OFFER, &View::default(), Some(&record(5))), Step::Forget);
		assert_eq!(decide(OFFER, &view(100), Some(&record(4))), Step::Forget);
	}

	#[test]
	fn an_offer_that_is_newer_than_the_window_takes_no_part() {
		assert_eq!(decide(4, &view(100), None), Step::Wait);
		assert_eq!(decide(3, &view(100), None), Step::Compute);
	}

	#[test]
	fn the_device_is_kept_free_until_there_is_a_seed() {
		let mut view = view(100);
		view.window.as_mut().unwrap().start = None;
		assert_eq!(decide(OFFER, &view, None), Step::Reserve);
	}

	#[test]
	fn a_claim_is_made_until_the_last_moment_and_never_after_it() {
		assert_eq!(decide(OFFER, &view(120), None), Step::Compute);
		assert_eq!(decide(OFFER, &view(120), Some(&record(5))), Step::Claim);
		assert_eq!(decide(OFFER, &view(121), None), Step::Wait);
		assert_eq!(decide(OFFER, &view(121), Some(&record(5))), Step::Forget);
	}

	#[test]
	fn samples_are_proven_one_by_one_until_the_last_moment() {
		let record = record(5);
		let step = |view: View| decide(OFFER, &view, Some(&record));
		assert_eq!(step(claimed(130, [false, false])), Step::Prove { sample: 0 });
		assert_eq!(step(claimed(320, [true, false])), Step::Prove { sample: 1 });
		assert_eq!(step(claimed(321, [true, false])), Step::Wait);
		let mut undrawn = claimed(130, [false, false]);
		undrawn.samples = None;
		assert_eq!(step(undrawn), Step::Wait);
		let mut refuted = claimed(130, [false, false]);
		refuted.claim.as_mut().unwrap().refuted = true;
		assert_eq!(step(refuted), Step::Conclude);
	}

	#[test]
	fn a_claim_that_was_not_proven_in_its_window_is_concluded_before_another_is_made() {
		let mut next = claimed(130, [true, false]);
		next.window.as_mut().unwrap().number = 6;
		assert_eq!(decide(OFFER, &next, Some(&record(6))), Step::Conclude);
		let ended = View { window: None, ..claimed(330, [true, false]) };
		assert_eq!(decide(OFFER, &ended, Some(&record(5))), Step::Conclude);
		assert_eq!(decide(OFFER, &View { claim: None, ..ended }, None), Step::Wait);
	}

	#[test]
	fn what_was_claimed_and_lost_is_computed_again() {
		let view = claimed(130, [false, false]);
		assert_eq!(decide(OFFER, &view, None), Step::Recompute { size: 100 });
		let other = Record { size: 99, ..record(5) };
		assert_eq!(decide(OFFER, &view, Some(&other)), Step::Recompute { size: 100 });
	}

	#[test]
	fn what_is_measured_is_not_claimed_twice() {
		let measured = View { is_measured: true, ..view(110) };
		assert_eq!(decide(OFFER, &measured, Some(&record(5))), Step::Forget);
		assert_eq!(decide(OFFER, &measured, None), Step::Wait);
	}
}
