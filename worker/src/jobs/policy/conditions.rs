//! What must hold of a job, whatever it pays: it is open and meant for the offer, the buyer wants such a
//! device, and device and store can hold it.

use mutirao_types::{JobState, OfferState, ProviderState, Target};

use super::Facts;
use crate::jobs::Refusal;

/// Whether a job is open to this offer, and meant for it.
pub(super) fn is_for(facts: &Facts<'_>) -> Result<bool, Refusal> {
	let JobState::Open { until } = facts.job.state else { return Err(Refusal::Taken) };
	if facts.now >= until {
		return Err(Refusal::OpenTooShort);
	}
	match facts.job.request.target {
		Target::Anyone => Ok(false),
		Target::Offer(offer) if offer == facts.offer_id => Ok(true),
		Target::Offer(_) => Err(Refusal::ForAnother),
	}
}

pub(super) fn ensure_offer_takes_jobs(facts: &Facts<'_>) -> Result<(), Refusal> {
	let Facts { offer, provider, .. } = facts;
	if offer.state == OfferState::Paused {
		return Err(Refusal::OfferPaused);
	}
	if facts.now > offer.terms.expires {
		return Err(Refusal::OfferExpired);
	}
	if offer.running >= offer.terms.capacity {
		return Err(Refusal::Busy { capacity: offer.terms.capacity });
	}
	match provider.state {
		ProviderState::Active => Ok(()),
		ProviderState::Leaving { .. } => Err(Refusal::Leaving),
	}
}

pub(super) fn ensure_requirements(facts: &Facts<'_>) -> Result<(), Refusal> {
	let Facts { offer, .. } = facts;
	let wanted = &facts.job.request.requirements;
	let score = offer.score.filter(|score| facts.now <= score.expires);
	let found = score.map_or(0, |score| score.steps_per_second);
	if found < wanted.steps_per_second {
		return Err(Refusal::TooSlow { found, wanted: wanted.steps_per_second });
	}
	if offer.device.memory_mib < wanted.memory_mib {
		let (found, wanted) = (offer.device.memory_mib, wanted.memory_mib);
		return Err(Refusal::TooLittleMemory { found, wanted });
	}
	if !wanted.region.is_none_or(|region| region.contains(&offer.device.region)) {
		return Err(Refusal::ElsewhereWanted);
	}
	if facts.reputation < wanted.reputation {
		return Err(Refusal::ReputationTooLow);
	}
	Ok(())
}

/// Whether device and store can hold it.
pub(super) fn ensure_fits(facts: &Facts<'_>) -> Result<(), Refusal> {
	let Facts { device, needs, room, .. } = facts;
	if needs.longest_buffer > device.max_buffer_bytes {
		let (bytes, most) = (needs.longest_buffer, device.max_buffer_bytes);
		return Err(Refusal::BufferTooLong { bytes, most });
	}
	// 0: the device does not tell.
	let memory = u64::from(device.memory_mib) << 20;
	if memory > 0 && needs.memory > memory {
		return Err(Refusal::TooMuchMemory { bytes: needs.memory, most: memory });
	}
	if let Some(most) = device.loop_limit.filter(|most| needs.iterations > u64::from(*most)) {
		return Err(Refusal::LoopsTooLong { iterations: needs.iterations, most });
	}
	let needed = room.missing.saturating_add(needs.writes);
	if needed > room.free {
		return Err(Refusal::StoreFull { needed, room: room.free });
	}
	Ok(())
}
