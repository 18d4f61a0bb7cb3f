//! What a buyer does.

use crate::{market::BUYER, network::Signed, schedule::Simulation};
use mutirao_client::{pallets::JobsEvent, Error, Event};
use mutirao_runtime::{AccountId, Jobs, RuntimeCall};
use mutirao_types::{JobBuffer, JobId, JobState, Times};

impl Simulation {
	/// Asks for something, sooner or later.
	pub(crate) fn post(&mut self) {
		if self.to_post == 0 || self.random.u8(0..8) > 0 {
			return;
		}
		self.to_post -= 1;
		let which = self.random.usize(..self.works.len());
		let mut request = self.works[which].request.clone();
		request.times = Times {
			accept_within: self.random.u32(40..120),
			attest_within: self.random.u32(200..300),
			contest_for: self.random.u32(10..50),
		};
		request.samples = self.random.u8(1..4);
		let events = self.buy("post", pallet_jobs::Call::post { request }).expect("it is posted");
		let posted = events.iter().find_map(|event| match event {
			Event::Jobs(JobsEvent::Posted { job, .. }) => Some(*job),
			_ => None,
		});
		let job = posted.expect("a job has a number");
		self.jobs.push((job, which));
		self.disk.sources.name(job, vec!["http://buyer".into()]).expect("it is a source");
	}

	/// Asks to see chunks of results and inputs, once each.
	pub(crate) fn demand(&mut self) {
		for (job, _) in self.jobs.clone() {
			let input = self.random.bool();
			if !self.is_at(job, |state| matches!(state, JobState::Contestable { .. }))
				|| self.random.u8(0..8) > 0
				|| !self.demanded.insert((job, input))
			{
				continue;
			}
			let buffer = if input { JobBuffer::Input(0) } else { JobBuffer::Written(0) };
			// Past the window it is refused.
			let call = pallet_attestations::Call::demand { job, buffer, chunk: 0 };
			let _refused = self.buy("demand", call);
		}
	}

	/// Ends what nobody took in time.
	pub(crate) fn expire(&mut self) {
		let now = self.network(|network| network.chain.run(Jobs::now));
		for (job, _) in self.jobs.clone() {
			if self.is_at(job, |state| matches!(state, JobState::Open { until } if *until < now)) {
				self.buy("settle", pallet_jobs::Call::settle { job }).expect("it is settled");
			}
		}
	}

	fn is_at(&self, job: JobId, is: impl Fn(&JobState<AccountId, u128>) -> bool) -> bool {
		let found = self.network(|network| network.chain.run(|| Jobs::job(job)));
		found.is_some_and(|job| is(&job.state))
	}

	/// A call of the buyer, whose line never breaks.
	fn buy(&self, name: &str, call: impl Into<RuntimeCall>) -> Result<Vec<Event>, Error> {
		let signed =
			Signed { signer: BUYER, call: call.into(), name: format!("{name}, by the buyer") };
		self.network(|network| network.include(signed)).map(|included| included.events)
	}
}
