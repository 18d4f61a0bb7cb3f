mod attest;
mod challenge;
mod contest;
mod deadlines;
mod demand;
mod detection;
mod draw;
mod fault;
mod fees;
mod invariants;
mod open;
mod redraw;
mod ring;
mod supply;
mod witness;

use crate::{
	mock::{programs::*, *},
	Attestations as Stored, Call, Demands, Error, Event, Ring, RingEntry,
};
use frame_support::{assert_ok, dispatch::Pays};
use mutirao_commitment::Opening;
use mutirao_machine_prover::Computed;
use mutirao_traits::{Contest, Jobs as _, Standing};
use mutirao_types::{
	FaultKind, JobBuffer, JobId, JobState, RefundReason, Steps, Transcript, Verdict, Witness,
	Workgroup,
};
use sp_runtime::{traits::Dispatchable, DispatchError};

/// Workgroups of each pass, unless a test says otherwise: a buffer has four chunks, the last is short.
const GROUPS: u32 = 20;
const SAMPLES: u8 = 4;

/// A job's buffers as words. Changing them is lying.
#[derive(Clone)]
struct Rows {
	x: Vec<u32>,
	t: Vec<u32>,
	y: Vec<u32>,
	z: Vec<u32>,
}

/// What a GPU makes of a row: see [`relay`]. It does not notice faults.
fn next(row: &[u32]) -> Vec<u32> {
	let beyond = |at: usize| row.get(at + usize::from(LANES)).copied().unwrap_or(0);
	let word = |(at, here): (usize, &u32)| here.wrapping_mul(3).wrapping_add(beyond(at));
	row.iter().enumerate().map(word).collect()
}

/// The places of a workgroup's slice in a row.
fn slice(number: u32) -> std::ops::Range<usize> {
	let lanes = usize::from(LANES);
	let start = number as usize * lanes;
	start..start + lanes
}

impl Rows {
	fn new(groups: u32) -> Self {
		Self::of((0..groups * u32::from(LANES)).map(|at| at * 7 + 1).collect())
	}

	fn of(x: Vec<u32>) -> Self {
		let y = next(&x);
		Self { z: next(&y), t: (0..256).collect(), x, y }
	}

	/// The work was done, but for a word of a workgroup's slice in pass 0, from which pass 1 went on.
	fn with_early_lie(groups: u32, number: u32) -> Self {
		let mut rows = Self::new(groups);
		rows.y[slice(number).start + 3] ^= 1;
		Self { z: next(&rows.y), ..rows }
	}

	/// The same, in the last pass.
	fn with_late_lie(groups: u32, number: u32) -> Self {
		let mut rows = Self::new(groups);
		rows.z[slice(number).end - 1] ^= 1;
		rows
	}

	/// Inputs that make a workgroup of pass 0 do what it may not.
	fn with_fault(groups: u32, number: u32, trigger: u32) -> Self {
		let mut rows = Self::new(groups);
		rows.x[slice(number).start] = trigger;
		rows.x[slice(number).start + 1] = if trigger == RACE { RACE } else { 0 };
		Self { t: rows.t, ..Self::of(rows.x) }
	}

	/// Inputs that make a workgroup of pass 1 do it, but not the last.
	fn with_late_fault(groups: u32, number: u32, trigger: u32) -> Self {
		let mut x = Self::new(groups).x;
		let count = if trigger == RACE { 2 } else { 1 };
		for at in slice(number).take(count) {
			x[at + usize::from(LANES)] = trigger.wrapping_sub(x[at].wrapping_mul(3));
		}
		Self::of(x)
	}

	fn with_table(self, chunks: u32) -> Self {
		Self { t: (0..256 * chunks).collect(), ..self }
	}

	fn computed(&self) -> Computed {
		let parameters = [self.x.len() as u32 / u32::from(LANES), self.t.len() as u32 / 256];
		let bytes = |row: &Vec<u32>| row.iter().flat_map(|word| word.to_le_bytes()).collect();
		let buffers = [&self.x, &self.t, &self.y, &self.z].map(bytes).to_vec();
		Computed::from_buffers(relay(), &parameters, buffers).expect("the rows fit")
	}
}

#[test]
fn an_honest_provider_computes_what_the_machine_does() {
	let honest = Rows::new(5);
	let computed = honest.computed();
	let inputs = vec![computed.buffer(0).to_vec(), computed.buffer(1).to_vec()];
	let by_vm = Computed::by_vm(relay(), &[5, 1], inputs).unwrap();
	assert_eq!(computed.transcript(), by_vm.transcript());
}

/// A job and what Pia has computed for it, or says so.
struct Work {
	id: JobId,
	computed: Computed,
}

/// Pia has accepted it.
fn running(rows: &Rows, samples: u8) -> Work {
	let computed = rows.computed();
	let id = Live::get().last_key_value().map_or(10, |(id, _)| id + 1);
	let parameters = vec![rows.x.len() as u32 / u32::from(LANES), rows.t.len() as u32 / 256];
	let program = register(relay().encode());
	put(id, job(program, parameters, computed.inputs(), samples, PIA));
	Work { id, computed }
}

/// She has attested it.
fn attested(rows: &Rows, samples: u8) -> Work {
	let work = running(rows, samples);
	assert_ok!(work.attest());
	work
}

/// Its workgroups are drawn.
fn drawn(rows: &Rows, samples: u8) -> Work {
	let work = attested(rows, samples);
	pass(DRAW + 1);
	work
}

/// A certain workgroup is the only one that is drawn.
fn drawn_as(rows: &Rows, workgroup: Workgroup) -> Work {
	let work = drawn(rows, 1);
	work.rig(|drawn| drawn == [workgroup]);
	work
}

/// All that were drawn are opened: none of them is the one that is wrong.
fn contestable(rows: &Rows, wrong: Option<Workgroup>) -> Work {
	let work = drawn(rows, SAMPLES);
	work.rig(|drawn| wrong.is_none_or(|wrong| !drawn.contains(&wrong)));
	(0..SAMPLES).for_each(|sample| assert_eq!(work.open(sample), Ok(Pays::No)));
	assert!(matches!(work.state(), JobState::Contestable { .. }));
	work
}

const fn workgroup(pass: u16, number: u32) -> Workgroup {
	Workgroup { pass, number }
}

impl Work {
	fn attest(&self) -> Result<Pays, DispatchError> {
		send(PIA, Call::attest { job: self.id, transcript: self.computed.transcript() })
	}

	fn state(&self) -> JobState<AccountId, u64> {
		TestJobs::job(self.id).expect("it is live").state
	}

	fn until(&self) -> u32 {
		self.state().until()
	}

	/// What is drawn.
	fn samples(&self) -> Vec<Workgroup> {
		let samples = Attestations::do_samples(self.id).expect("they are drawn");
		samples.into_iter().map(|sample| sample.workgroup).collect()
	}

	/// Replaces the randomness until the draw is as a test needs it.
	fn rig(&self, wanted: impl Fn(&[Workgroup]) -> bool) {
		let anchor = Stored::<Test>::get(self.id).expect("it is attested").anchor;
		for salt in 0..100_000 {
			for block in anchor + 1..=anchor + u64::from(DRAW) {
				let entry = RingEntry { block, output: vrf(salt, block) };
				Ring::<Test>::insert((block % u64::from(RING)) as u32, entry);
			}
			if wanted(&self.samples()) {
				return;
			}
		}
		panic!("no randomness draws that");
	}

	fn witness(&self, workgroup: Workgroup) -> (Witness, Steps) {
		self.computed.witness(workgroup).expect("there is such a workgroup")
	}

	fn open(&self, sample: u8) -> Result<Pays, DispatchError> {
		let drawn = self.samples();
		let (witness, steps) = self.witness(drawn[usize::from(sample)]);
		send(PIA, Call::open { job: self.id, sample, steps, witness })
	}

	fn challenge(&self, workgroup: Workgroup) -> Result<Pays, DispatchError> {
		let (witness, steps) = self.witness(workgroup);
		send(CAIO, Call::challenge { job: self.id, workgroup, steps, witness })
	}

	fn prove_fault(&self, workgroup: Workgroup) -> Result<Pays, DispatchError> {
		let (witness, steps) = self.computed.fault_witness(workgroup).expect("there is one");
		send(CAIO, Call::prove_fault { job: self.id, workgroup, steps, witness })
	}

	fn demand(&self, by: AccountId, buffer: JobBuffer, chunk: u32) -> Result<Pays, DispatchError> {
		send(by, Call::demand { job: self.id, buffer, chunk })
	}

	fn supply(&self, buffer: JobBuffer, chunk: u32) -> Result<Pays, DispatchError> {
		let index = match buffer {
			JobBuffer::Input(place) => place,
			JobBuffer::Written(place) => 2 + place,
		};
		let opening = self.computed.open(index.into(), &[chunk]).expect("there is one");
		send(PIA, Call::supply { job: self.id, buffer, opening })
	}
}

/// Sends a call as a transaction does: all of it or nothing. Returns whether the fee is kept.
fn send(who: AccountId, call: Call<Test>) -> Result<Pays, DispatchError> {
	let sent = RuntimeCall::from(call).dispatch(RuntimeOrigin::signed(who));
	sent.map(|info| info.pays_fee).map_err(|error| error.error)
}

/// What jobs were told last.
fn told() -> Option<Told> {
	Log::get().pop()
}

#[track_caller]
fn assert_last_event(event: Event<Test>) {
	System::assert_last_event(event.into());
}
