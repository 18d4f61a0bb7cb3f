//! What happened in the market.

use crate::{
	pallets::{AttestationsEvent, BenchmarksEvent, JobsEvent, ProgramsEvent, ProvidersEvent},
	scale, Config, Error,
};

/// An event of one of the market's pallets.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Event {
	/// Of Programs.
	Programs(ProgramsEvent),
	/// Of Providers.
	Providers(ProvidersEvent),
	/// Of Jobs.
	Jobs(JobsEvent),
	/// Of Attestations.
	Attestations(AttestationsEvent),
	/// Of Benchmarks.
	Benchmarks(BenchmarksEvent),
}

impl Event {
	/// Reads an event; `None` if it is not the market's.
	///
	/// # Errors
	///
	/// [`Error::Decode`] when it has another form than we know.
	pub(crate) fn read(event: &subxt::events::Event<'_, Config>) -> Result<Option<Self>, Error> {
		let (pallet, name) = (event.pallet_name(), event.event_name());
		let bytes = || [&[event.event_index()], event.field_bytes()].concat();
		let what = format!("the event {pallet}.{name}");
		Ok(match pallet {
			"Programs" => Some(Self::Programs(scale::decode(&what, &bytes())?)),
			"Providers" => Some(Self::Providers(scale::decode(&what, &bytes())?)),
			"Jobs" => Some(Self::Jobs(scale::decode(&what, &bytes())?)),
			"Attestations" => Some(Self::Attestations(scale::decode(&what, &bytes())?)),
			"Benchmarks" => Some(Self::Benchmarks(scale::decode(&what, &bytes())?)),
			_ => None,
		})
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::test::{known_events, variants};
	use scale_info::TypeInfo;

	fn mirrors<E: TypeInfo + 'static>(pallet: &str) {
		let (ours, theirs) = (variants::<E>(), known_events(pallet));
		for (ours, theirs) in ours.iter().zip(&theirs) {
			assert_eq!(
				(ours.0, &ours.1, String::from_utf8_lossy(&ours.2)),
				(theirs.0, &theirs.1, String::from_utf8_lossy(&theirs.2)),
				"{pallet}"
			);
		}
		assert_eq!(ours.len(), theirs.len(), "{pallet}");
	}

	#[test]
	fn all_events_of_the_market_have_the_runtimes_form() {
		mirrors::<ProgramsEvent>("Programs");
		mirrors::<ProvidersEvent>("Providers");
		mirrors::<JobsEvent>("Jobs");
		mirrors::<AttestationsEvent>("Attestations");
		mirrors::<BenchmarksEvent>("Benchmarks");
	}
}
