//! What was attested, what is drawn, what is due, what is demanded.

use super::{fault, BufferView, Decimal};
use mutirao_market_api::{AttestationInfo, DemandInfo};
use mutirao_runtime::{AccountId, Balance, BlockNumber, Hash};
use mutirao_types::{ActiveBlock, JobBuffer, JobId, Sample};
use serde::Serialize;

/// An attestation.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AttestationView {
	job: JobId,
	root: Hash,
	transcript: Vec<BufferView>,
	anchor: BlockNumber,
	/// The first block at which the samples are known.
	drawn_at: BlockNumber,
	/// How many workgroups are drawn.
	sample_count: u8,
	/// Those that were opened and right, by their number, from 0.
	opened: Vec<u8>,
	/// Those that are still to be opened.
	due: Vec<u8>,
	/// The last moment to open them; null: nothing is due.
	open_until: Option<ActiveBlock>,
	/// The drawn workgroups; null: not known yet, or no longer.
	samples: Option<Vec<SampleView>>,
	fault: Option<&'static str>,
	/// The last moment to demand a chunk; null: the contest window is not open yet.
	demand_until: Option<ActiveBlock>,
	demands: Vec<DemandView>,
}

impl AttestationView {
	pub(crate) fn new(job: JobId, info: AttestationInfo<AccountId, Balance, BlockNumber>) -> Self {
		let AttestationInfo { attestation, root, drawn_at, samples, open_until, demands } = info;
		let (opened, missing) = opened_and_missing(attestation.opened, attestation.samples);
		Self {
			job,
			root: root.into(),
			transcript: attestation.transcript.into_iter().map(Into::into).collect(),
			anchor: attestation.anchor,
			drawn_at,
			sample_count: attestation.samples,
			opened,
			due: open_until.map(|_| missing).unwrap_or_default(),
			open_until,
			samples: samples.map(|samples| samples.into_iter().map(Into::into).collect()),
			fault: attestation.fault.map(fault),
			demand_until: Some(attestation.demand_until).filter(|until| *until > 0),
			demands: demands.into_iter().map(Into::into).collect(),
		}
	}
}

/// Samples by their numbers, from 0: those whose bits are set, and the others.
pub(super) fn opened_and_missing(bits: u16, samples: u8) -> (Vec<u8>, Vec<u8>) {
	(0..samples).partition(|sample| bits.checked_shr((*sample).into()).unwrap_or(0) & 1 == 1)
}

/// A drawn workgroup.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SampleView {
	pass: u16,
	workgroup: u32,
	opened: bool,
}

impl From<Sample> for SampleView {
	fn from(Sample { workgroup, opened }: Sample) -> Self {
		Self { pass: workgroup.pass, workgroup: workgroup.number, opened }
	}
}

/// A buffer of a job.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct JobBufferView {
	kind: &'static str,
	place: u8,
}

/// An input, or a buffer that a pass wrote, by its place in the transcript.
pub(crate) fn buffer_view(buffer: JobBuffer) -> JobBufferView {
	match buffer {
		JobBuffer::Input(place) => JobBufferView { kind: "input", place },
		JobBuffer::Written(place) => JobBufferView { kind: "written", place },
	}
}

/// A demand that waits for an answer.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct DemandView {
	buffer: JobBufferView,
	chunk: u32,
	by: AccountId,
	deposit: Decimal,
	until: ActiveBlock,
}

impl From<DemandInfo<AccountId, Balance>> for DemandView {
	fn from(info: DemandInfo<AccountId, Balance>) -> Self {
		Self {
			buffer: buffer_view(info.buffer),
			chunk: info.chunk,
			by: info.demand.by,
			deposit: info.demand.deposit.into(),
			until: info.demand.until,
		}
	}
}
