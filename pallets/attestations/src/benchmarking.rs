//! Benchmarks. A re-execution is charged by its parts: see [`Pallet::reexecution_weight`].

mod execution;
mod programs;

use crate::{
	impls::attest::TERMS_OF_PASS, Attestations, BalanceOf, Call, Config, Demands, Pallet, Ring,
	RingEntry,
};
use alloc::{vec, vec::Vec};
use codec::{Decode, Encode};
use execution::{Class, Execution};
use frame_benchmarking::v2::*;
use frame_support::traits::Get;
use frame_system::{pallet_prelude::BlockNumberFor, RawOrigin};
use mutirao_commitment::{Opening, OpeningError, CHUNK_BYTES};
use mutirao_machine_core::{
	bytecode::limits::{MAX_PROGRAM_BYTES, MAX_WITNESS_CHUNKS},
	ChunkId, Outline, Program, Witness as Chunks,
};
use mutirao_traits::{Clock, Code, Contest, Jobs, Standing};
use mutirao_types::{
	Attestation, BufferId, Job, JobBuffer, JobId, ProgramId, Steps, Transcript, Witness, Workgroup,
};
use programs::{FUEL, MOST_PASSES};
use sp_runtime::traits::{One, Saturating};

/// What benchmarks need of the pallets around this one.
pub trait BenchmarkHelper<AccountId> {
	/// Gives an account more money than it needs.
	fn fund(who: &AccountId);

	/// Lets the last block have a VRF output.
	fn give_vrf_output();

	/// Registers a program.
	fn register(code: Vec<u8>);

	/// A worker key of the provider: no other costs more to find.
	fn worker_key(provider: &AccountId) -> AccountId;

	/// Makes a job that a provider has accepted, with as many samples as there may be. Returns its
	/// number and the provider.
	fn running_job(
		program: ProgramId,
		parameters: Vec<u32>,
		inputs: Vec<BufferId>,
	) -> (JobId, AccountId);
}

/// Shorter programs cost as much as one of this length.
const LEAST_BYTES: u32 = 1_024;
const MOST_BYTES: u32 = MAX_PROGRAM_BYTES as u32;
const MOST_CHUNKS: u32 = MAX_WITNESS_CHUNKS as u32;
/// Siblings of one chunk of the longest buffer that programs know, 2³² words.
const MOST_SIBLINGS: u32 = 24;
/// The same of the longest buffer whose words can be counted and are a power of two.
const MOST_SUPPLIED: u32 = MOST_SIBLINGS - 1;
/// A workgroup's first steps cost more than the others: memory is cleared.
const LEAST_KILOSTEPS: u32 = 10;
/// More steps take proportionally more.
const MOST_KILOSTEPS: u32 = 10_000;

/// What was committed for every workgroup of [`programs::passes`]: not what it computes.
const COMMITTED: [u8; 4] = [1, 0, 0, 0];

/// The first chunks of a buffer of so many chunks.
fn opening(chunks: u32, siblings: u32) -> Opening {
	Opening {
		chunks: (0..chunks).collect(),
		bytes: vec![7; CHUNK_BYTES * chunks as usize],
		siblings: vec![[9; 32]; siblings as usize],
	}
}

/// The buffer of so many bytes that an opening is of: whatever its root is, is the buffer's hash.
fn opened(opening: &Opening, bytes: u64) -> BufferId {
	match opening.verify(&BufferId { hash: [0; 32], bytes }) {
		Err(OpeningError::Root { found }) => BufferId { hash: found, bytes },
		other => panic!("the opening has the right form: {other:?}"),
	}
}

/// As a call takes it from bytes to what the VM reads.
fn read(opening: &[u8], name: &BufferId) -> Chunks {
	let opening = Opening::decode(&mut &opening[..]).expect("it was encoded");
	let mut chunks = Chunks::new();
	let verified = opening.verify(name).expect("it is of this buffer");
	for (chunk, bytes) in verified.iter() {
		chunks.push(ChunkId { slot: 0, chunk }, bytes).expect("chunks ascend");
	}
	chunks
}

fn register<T: Config>(program: &Program) -> ProgramId {
	let code = program.encode();
	let id = blake3::hash(&code).into();
	T::BenchmarkHelper::register(code);
	id
}

/// A job, and who computes it.
struct Work<T: Config> {
	id: JobId,
	provider: T::AccountId,
}

impl<T: Config> Work<T> {
	/// A running job of a program of so many passes. Its input has 2^`depth` chunks.
	fn running(passes: u32, depth: u32) -> Self {
		let program = register::<T>(&programs::passes(passes));
		let bytes = (CHUNK_BYTES as u64) << depth;
		let input = opened(&opening(1, depth), bytes);
		let words = (bytes / 4) as u32;
		let (id, provider) = T::BenchmarkHelper::running_job(program, vec![words], vec![input]);
		Self { id, provider }
	}

	fn attested(passes: u32, depth: u32) -> Self {
		let work = Self::running(passes, depth);
		Pallet::<T>::do_attest(work.provider.clone(), work.id, transcript(passes))
			.expect("the provider may attest");
		work
	}

	/// So many of the blocks whose randomness draws workgroups have left it, and all have passed.
	fn with_randomness(self, blocks: u32) -> Self {
		let anchor = Attestations::<T>::get(self.id).expect("it is attested").anchor;
		for after in 1..=blocks {
			let block = anchor.saturating_add(after.into());
			let entry = RingEntry { block, output: [after as u8; 32] };
			Ring::<T>::insert(Pallet::<T>::place(block), entry);
		}
		let after: BlockNumberFor<T> = T::DrawBlocks::get().saturating_add(1).into();
		frame_system::Pallet::<T>::set_block_number(anchor.saturating_add(after));
		self
	}

	/// All that was drawn is opened.
	fn contestable(passes: u32, depth: u32) -> Self {
		let work = Self::attested(passes, depth);
		T::Jobs::audited(work.id).expect("it is attested");
		Attestations::<T>::mutate(work.id, |attestation| {
			let attestation = attestation.as_mut().expect("it is attested");
			attestation.opened = ((1u32 << attestation.samples) - 1) as u16;
			attestation.demand_until = T::Clock::now().saturating_add(1);
		});
		work
	}

	fn job(&self) -> Option<Job<T::AccountId, BalanceOf<T>>> {
		T::Jobs::job(self.id)
	}

	/// As many demands wait for an answer as may.
	fn with_all_demands(self) -> Self {
		let buyer = self.job().expect("it is live").buyer;
		let most = T::MaxDemands::get();
		for number in 0..most {
			self.demand(account("demands", number.into(), 0), JobBuffer::Written(number));
		}
		for number in most..most.saturating_mul(2) {
			self.demand(buyer.clone(), JobBuffer::Written(number));
		}
		self
	}

	fn demand(&self, by: T::AccountId, buffer: JobBuffer) {
		T::BenchmarkHelper::fund(&by);
		Pallet::<T>::do_demand(by, self.id, buffer, 0).expect("it may be demanded");
	}
}

fn transcript(passes: u32) -> Transcript {
	Transcript::truncate_from(vec![BufferId::of(&COMMITTED); passes as usize])
}

/// A job's largest attestation, of which one sample was opened.
pub(crate) fn opened_once<T: Config>(job: JobId) {
	let attestation = Attestation {
		transcript: transcript(MOST_PASSES),
		anchor: One::one(),
		samples: 2,
		opened: 1,
		fault: None,
		demand_until: 0,
		demands: 0,
	};
	Attestations::<T>::insert(job, attestation);
}

/// Of any workgroup.
fn witness() -> Witness {
	let slice = Opening { chunks: vec![0], bytes: COMMITTED.to_vec(), siblings: vec![] };
	Witness { reads: vec![], slices: vec![slice] }
}

/// How many steps an execution of so many kilosteps took.
fn is_about(steps: Steps, kilosteps: u32) -> bool {
	let wanted = Steps::from(kilosteps) * 1_000;
	// One iteration more or less, and what comes before the first.
	steps.abs_diff(wanted) < 20_000
}

#[benchmarks]
mod benches {
	use super::*;

	#[benchmark]
	fn remember_last_vrf() {
		T::BenchmarkHelper::give_vrf_output();
		let now: BlockNumberFor<T> = T::RingBlocks::get().saturating_add(2).into();
		frame_system::Pallet::<T>::set_block_number(now);
		let last = now.saturating_sub(One::one());
		let place = Pallet::<T>::place(last);
		Ring::<T>::insert(place, RingEntry { block: One::one(), output: [1; 32] });

		#[block]
		{
			Pallet::<T>::remember_last_vrf(now);
		}

		assert_eq!(Ring::<T>::get(place).map(|entry| entry.block), Some(last));
	}

	#[benchmark]
	fn attest(b: Linear<1, MOST_PASSES>) {
		let work = Work::<T>::running(b, 0);

		#[extrinsic_call]
		_(RawOrigin::Signed(work.provider), work.id, transcript(b));

		assert!(Attestations::<T>::contains_key(work.id));
		// What the weight calls a pass.
		let terms = Outline::of(&programs::passes(b)).terms();
		assert!(terms >= TERMS_OF_PASS * b as usize);
	}

	/// All of the randomness but the last block's is still there.
	#[benchmark]
	fn redraw() {
		let work = Work::<T>::attested(MOST_PASSES, 0);
		let work = work.with_randomness(T::DrawBlocks::get() - 1);
		let now = frame_system::Pallet::<T>::block_number();

		#[extrinsic_call]
		_(RawOrigin::Signed(whitelisted_caller()), work.id);

		assert_eq!(Attestations::<T>::get(work.id).map(|one| one.anchor), Some(now));
	}

	/// The slice is wrong, and the provider slashed. What was opened before is the treasury's.
	#[benchmark]
	fn open() {
		let work = Work::<T>::attested(MOST_PASSES, 0).with_randomness(T::DrawBlocks::get());
		Attestations::<T>::mutate(work.id, |attestation| {
			attestation.as_mut().expect("it is attested").opened = 0b10;
		});
		let key = T::BenchmarkHelper::worker_key(&work.provider);

		#[extrinsic_call]
		_(RawOrigin::Signed(key), work.id, 0, FUEL, witness());

		assert!(work.job().is_none());
	}

	/// The same, and as many demands end as there may be.
	#[benchmark]
	fn challenge() {
		let work = Work::<T>::contestable(MOST_PASSES, 0).with_all_demands();
		let workgroup = Workgroup { pass: 0, number: 0 };

		#[extrinsic_call]
		_(RawOrigin::Signed(whitelisted_caller()), work.id, workgroup, FUEL, witness());

		assert!(work.job().is_none() && Demands::<T>::iter().next().is_none());
	}

	#[benchmark]
	fn decode_program(b: Linear<LEAST_BYTES, MOST_BYTES>) {
		let id = register::<T>(&programs::long(b as usize));
		let program;

		#[block]
		{
			let code = T::Programs::code(&id).expect("it was registered");
			program = Program::decode_known(&code);
		}

		assert!(program.is_ok());
	}

	#[benchmark]
	fn verify_chunks(c: Linear<1, MOST_CHUNKS>) {
		let opening = opening(c, 0);
		let name = opened(&opening, u64::from(c) * CHUNK_BYTES as u64);
		let bytes = opening.encode();
		let chunks;

		#[block]
		{
			chunks = read(&bytes, &name);
		}

		drop(chunks);
	}

	#[benchmark]
	fn verify_siblings(s: Linear<0, MOST_SIBLINGS>) {
		let opening = opening(1, s);
		let name = opened(&opening, (CHUNK_BYTES as u64) << s);
		let bytes = opening.encode();
		let chunks;

		#[block]
		{
			chunks = read(&bytes, &name);
		}

		drop(chunks);
	}

	/// The slowest of the classes below: `scripts/weights --compare attestations` measures all.
	#[benchmark]
	fn execute_kilosteps(k: Linear<LEAST_KILOSTEPS, MOST_KILOSTEPS>) {
		let execution = Execution::new(Class::ScatteredLoads, Steps::from(k) * 1_000);
		let steps;

		#[block]
		{
			steps = execution.run();
		}

		assert!(is_about(steps, k));
	}

	#[benchmark(extra)]
	fn execute_shared_rows(k: Linear<LEAST_KILOSTEPS, MOST_KILOSTEPS>) {
		let execution = Execution::new(Class::SharedRows, Steps::from(k) * 1_000);
		let steps;

		#[block]
		{
			steps = execution.run();
		}

		assert!(is_about(steps, k));
	}

	#[benchmark(extra)]
	fn execute_uniform_rows(k: Linear<LEAST_KILOSTEPS, MOST_KILOSTEPS>) {
		let execution = Execution::new(Class::UniformRows, Steps::from(k) * 1_000);
		let steps;

		#[block]
		{
			steps = execution.run();
		}

		assert!(is_about(steps, k));
	}

	#[benchmark(extra)]
	fn execute_branches(k: Linear<LEAST_KILOSTEPS, MOST_KILOSTEPS>) {
		let execution = Execution::new(Class::Branches, Steps::from(k) * 1_000);
		let steps;

		#[block]
		{
			steps = execution.run();
		}

		assert!(is_about(steps, k));
	}

	#[benchmark(extra)]
	fn execute_bit_fields(k: Linear<LEAST_KILOSTEPS, MOST_KILOSTEPS>) {
		let execution = Execution::new(Class::BitFields, Steps::from(k) * 1_000);
		let steps;

		#[block]
		{
			steps = execution.run();
		}

		assert!(is_about(steps, k));
	}

	#[benchmark(extra)]
	fn execute_atomics(k: Linear<LEAST_KILOSTEPS, MOST_KILOSTEPS>) {
		let execution = Execution::new(Class::Atomics, Steps::from(k) * 1_000);
		let steps;

		#[block]
		{
			steps = execution.run();
		}

		assert!(is_about(steps, k));
	}

	#[benchmark]
	fn demand() {
		let work = Work::<T>::contestable(MOST_PASSES, 0);
		let caller: T::AccountId = whitelisted_caller();
		T::BenchmarkHelper::fund(&caller);
		let buffer = JobBuffer::Input(0);

		#[extrinsic_call]
		_(RawOrigin::Signed(caller), work.id, buffer, 0);

		assert!(Demands::<T>::contains_key(work.id, (buffer, 0)));
	}

	#[benchmark]
	fn supply(s: Linear<0, MOST_SUPPLIED>) {
		let work = Work::<T>::contestable(MOST_PASSES, s);
		let buffer = JobBuffer::Input(0);
		work.demand(account("demands", 0, 0), buffer);

		#[extrinsic_call]
		_(RawOrigin::Signed(whitelisted_caller()), work.id, buffer, opening(1, s));

		assert!(!Demands::<T>::contains_key(work.id, (buffer, 0)));
	}

	#[benchmark]
	fn close() {
		let work = Work::<T>::contestable(MOST_PASSES, 0).with_all_demands();
		let (standing, opened);

		#[block]
		{
			standing = Pallet::<T>::standing(work.id);
			opened = Pallet::<T>::opened(work.id);
			Pallet::<T>::closed(work.id);
		}

		assert_eq!(standing, Standing::Pending);
		assert!(opened > 0);
		assert!(Demands::<T>::iter().next().is_none());
	}

	impl_benchmark_test_suite!(Pallet, crate::mock::externalities(), crate::mock::Test);
}
