//! What a provider committed to, and what it still has to show.

use crate::{configs::DrawBlocks, AccountId, Attestations, Balance, BlockNumber, Jobs, Runtime};
use frame_support::traits::Get;
use mutirao_market_api::{AttestationInfo, DemandInfo};
use mutirao_types::{transcript_root, JobId, JobState};

pub(crate) fn attestation(job: JobId) -> Option<AttestationInfo<AccountId, Balance, BlockNumber>> {
	let attestation = Attestations::attestation(job)?;
	let open_until = Jobs::job(job).and_then(|job| match job.state {
		JobState::Attested { until, .. } => Some(until),
		_ => None,
	});
	// At most twice `MAX_DEMANDS`: the pallet takes no more.
	let demands = pallet_attestations::Demands::<Runtime>::iter_prefix(job)
		.map(|((buffer, chunk), demand)| DemandInfo { buffer, chunk, demand })
		.collect();
	Some(AttestationInfo {
		root: transcript_root(&attestation.transcript),
		drawn_at: attestation.anchor.saturating_add(DrawBlocks::get()).saturating_add(1),
		samples: Attestations::samples(job),
		open_until,
		demands,
		attestation,
	})
}
