use super::*;
use mutirao_types::{transcript_root, BufferId};

#[test]
fn attest_stores_the_transcript_and_starts_the_audit() {
	run(|| {
		let work = running(&Rows::new(GROUPS), SAMPLES);
		assert_ok!(work.attest());
		let transcript = work.computed.transcript();
		let (y, z) = (work.computed.buffer(2), work.computed.buffer(3));
		assert_eq!(transcript[..], [BufferId::of(y), BufferId::of(z)]);
		let stored = Stored::<Test>::get(work.id).unwrap();
		assert_eq!((stored.transcript.clone(), stored.anchor), (transcript.clone(), 1));
		assert_eq!((stored.samples, stored.opened, stored.demands), (SAMPLES, 0, 0));
		assert_eq!(told(), Some(Told::Attested(work.id, OPEN)));
		let root = transcript_root(&transcript);
		assert_last_event(Event::Attested { job: work.id, root, transcript, anchor: 1 });
	});
}

#[test]
fn attest_is_for_the_provider_of_a_running_job_in_time() {
	run(|| {
		let work = running(&Rows::new(2), SAMPLES);
		let transcript = work.computed.transcript();
		let attest = |who, job| send(who, Call::attest { job, transcript: transcript.clone() });
		assert_eq!(attest(PIA, work.id + 1), Err(Error::<Test>::NoSuchJob.into()));
		assert_eq!(attest(BIA, work.id), Err("not provider".into()));
		pass_until(work.until() + 1);
		assert_eq!(attest(PIA, work.id), Err("too late".into()));

		let work = running(&Rows::new(2), SAMPLES);
		pass_until(work.until());
		assert_ok!(attest(PIA, work.id));
		assert_eq!(attest(PIA, work.id), Err(Error::<Test>::AlreadyAttested.into()));

		let mut open = job([0; 32], vec![], vec![], 1, PIA);
		open.request = TestJobs::job(work.id).unwrap().request;
		open.state = JobState::Open { until: 100 };
		put(500, open);
		assert_eq!(attest(PIA, 500), Err("not running".into()));
	});
}

/// Whoever may not attest learns it before the program is looked at.
#[test]
fn attest_by_another_fails_whatever_it_names() {
	run(|| {
		let work = running(&Rows::new(2), SAMPLES);
		let mut broken = TestJobs::job(work.id).unwrap();
		broken.request.program = [0; 32];
		put(work.id, broken);
		let attest = |who, job| send(who, Call::attest { job, transcript: Transcript::default() });
		assert_eq!(attest(BIA, work.id), Err("not provider".into()));
		assert_eq!(attest(PIA, work.id), Err(Error::<Test>::NoSuchJob.into()));
		pass_until(work.until() + 1);
		assert_eq!(attest(PIA, work.id), Err("too late".into()));
	});
}

#[test]
fn attest_names_as_many_buffers_as_the_passes_write_each_with_its_length() {
	run(|| {
		let work = running(&Rows::new(2), SAMPLES);
		let whole = work.computed.transcript();
		let attest = |buffers: Vec<BufferId>| {
			let transcript = buffers.try_into().unwrap();
			send(PIA, Call::attest { job: work.id, transcript })
		};
		for wrong in [vec![], whole[..1].to_vec(), [&whole[..], &whole[..1]].concat()] {
			assert_eq!(attest(wrong), Err(Error::<Test>::WrongTranscriptLength.into()));
		}
		for (place, bytes) in [(0, 0), (0, whole[0].bytes - 4), (1, whole[1].bytes + 1)] {
			let mut wrong = whole.to_vec();
			wrong[place].bytes = bytes;
			assert_eq!(attest(wrong), Err(Error::<Test>::WrongBufferLength.into()));
		}
		assert!(matches!(work.state(), JobState::Running { .. }), "nothing of these is left");
		assert_ok!(attest(whole.to_vec()));
	});
}

#[test]
fn attest_without_the_program_or_with_parameters_that_do_not_fit_changes_nothing() {
	run(|| {
		let work = running(&Rows::new(2), SAMPLES);
		let mut misfit = TestJobs::job(work.id).unwrap();
		misfit.request.parameters = vec![0, 1].try_into().unwrap();
		put(work.id, misfit.clone());
		assert_eq!(work.attest(), Err(Error::<Test>::NoSuchJob.into()));
		misfit.request.program = [0; 32];
		put(work.id, misfit);
		assert_eq!(work.attest(), Err(Error::<Test>::NoSuchJob.into()));
		assert!(!Stored::<Test>::contains_key(work.id));
	});
}
