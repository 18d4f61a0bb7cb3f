//! Providers and what their devices compute, and say.

use super::*;
use crate::Call;
use frame_support::{assert_ok, dispatch::Pays};
use mutirao_machine_core::Program;
use mutirao_machine_prover::Computed;
use mutirao_machine_wgsl::{compile::compile, manifest::Manifest};
use mutirao_types::{
	offer::Label, Backend, Benchmark, Device as Description, OfferId, OfferTerms, ProgramId,
	Region, Score, Steps, Workgroup,
};
use sp_runtime::{traits::Dispatchable, DispatchError};
use std::sync::OnceLock;

/// Chains that a whole device computes in a window.
pub(crate) const WHOLE: u32 = 8;
/// Blocks of a window, and of its proofs.
pub(crate) const WINDOW: u32 = 10;
pub(crate) const PROVE: u32 = 12;
pub(crate) const SAMPLES: u8 = 4;

/// The catalogue's benchmark.
pub(crate) fn program() -> Program {
	static PROGRAM: OnceLock<Program> = OnceLock::new();
	let compiled = || {
		let kernel = mutirao_kernels::by_name("benchmark_i8").expect("it is in the catalogue");
		let manifest = Manifest::parse(kernel.manifest).expect("it is a manifest");
		let compiled = compile(&manifest, kernel.source).expect("it compiles");
		Program::new(compiled.definition).expect("it is valid")
	};
	PROGRAM.get_or_init(compiled).clone()
}

pub(crate) fn program_id() -> ProgramId {
	blake3_of(&program().encode())
}

fn blake3_of(bytes: &[u8]) -> [u8; 32] {
	mutirao_types::BufferId::of(bytes).hash
}

/// A window as soon as there is none; chains of one round.
pub(crate) fn benchmark() -> Benchmark {
	Benchmark {
		program: program_id(),
		settings: vec![1].try_into().expect("there is room for one"),
		interval: 1,
		window_blocks: WINDOW,
		prove_blocks: PROVE,
		samples: SAMPLES,
	}
}

/// Steps that the benchmark declares for so many chains.
pub(crate) fn steps_of(chains: u32) -> Steps {
	let parameters = benchmark().parameters(chains, &[0; 32]);
	program().summary(&parameters).expect("the parameters fit").declared_steps
}

/// The speed of a device that computes so many chains in a window.
pub(crate) fn speed_of(chains: u32) -> u64 {
	steps_of(chains) * 1_000 / (u64::from(WINDOW) * BLOCK_MS)
}

fn text(text: &[u8]) -> Label {
	text.to_vec().try_into().expect("it is short")
}

/// A provider offers one more device.
pub(crate) fn offered(who: AccountId) -> OfferId {
	if pallet_providers::Providers::<Test>::get(who).is_none() {
		let endpoint = b"https://here.example".to_vec().try_into().expect("it is short");
		assert_ok!(Providers::register(RuntimeOrigin::signed(who), STAKE, endpoint));
	}
	let offer = pallet_providers::NextOffer::<Test>::get();
	let device = Description {
		adapter: text(b"llvmpipe"),
		driver: text(b"Mesa"),
		backend: Backend::Vulkan,
		memory_mib: 1_024,
		region: Region { country: *b"BR", subdivision: *b"SP\0" },
		watts: 0,
	};
	let terms = OfferTerms {
		price_per_gigastep: 1,
		minimum_price: 1,
		maximum_price: STAKE,
		capacity: 1,
		expires: Active::get() + 100_000,
	};
	assert_ok!(Providers::post_offer(RuntimeOrigin::signed(who), device, terms));
	offer
}

/// Registers the program and lets governance choose it.
pub(crate) fn chosen() {
	let code = program().encode().try_into().expect("it is a program");
	assert_ok!(Programs::register(RuntimeOrigin::signed(ANA), code));
	assert_ok!(Benchmarks::set_benchmark(RuntimeOrigin::root(), Some(benchmark())));
}

/// Lets blocks pass until devices can compute in a window that was not there before.
pub(crate) fn next_window() {
	let next = crate::NextWindow::<Test>::get();
	for _ in 0..1_000 {
		let window = Benchmarks::window();
		if window.is_some_and(|window| window.number >= next && window.start.is_some()) {
			return;
		}
		pass(1);
	}
	panic!("no window is opened");
}

/// Lets blocks pass until the present window has ended.
pub(crate) fn end_window() {
	pass_until(Benchmarks::window().expect("there is one").prove_until + 1);
}

/// What a device computes for an offer in the present window.
pub(crate) fn compute(offer: OfferId, chains: u32) -> Computed {
	let parameters = Benchmarks::parameters(offer, chains).expect("the window has a seed");
	Computed::by_vm(program(), &parameters, Vec::new()).expect("it has no faults")
}

/// A claim of more chains than were computed: the others' digests are made up.
pub(crate) fn inflate(offer: OfferId, honest: &Computed, chains: u32) -> Computed {
	let mut digests = honest.buffer(0).to_vec();
	digests.resize(16 * chains as usize, 0x55);
	present(offer, digests)
}

/// Shows digests as if they had been computed for this offer in the present window.
pub(crate) fn present(offer: OfferId, digests: Vec<u8>) -> Computed {
	let chains = digests.len() as u32 / 16;
	let parameters = Benchmarks::parameters(offer, chains).expect("the window has a seed");
	Computed::from_buffers(program(), &parameters, vec![digests]).expect("they fit")
}

/// Sends a call as a transaction does: all of it or nothing. Returns whether the fee is kept.
pub(crate) fn send(who: AccountId, call: Call<Test>) -> Result<Pays, DispatchError> {
	let sent = RuntimeCall::from(call).dispatch(RuntimeOrigin::signed(who));
	sent.map(|info| info.pays_fee).map_err(|error| error.error)
}

pub(crate) fn claim(
	who: AccountId,
	offer: OfferId,
	computed: &Computed,
) -> Result<Pays, DispatchError> {
	let size = computed.buffer(0).len() as u32 / 16;
	send(who, Call::claim { offer, size, transcript: computed.transcript() })
}

/// The workgroups that are drawn for a claim.
pub(crate) fn drawn(offer: OfferId) -> Vec<Workgroup> {
	let samples = Benchmarks::samples(offer).expect("they are drawn");
	samples.into_iter().map(|sample| sample.workgroup).collect()
}

pub(crate) fn prove(
	who: AccountId,
	offer: OfferId,
	sample: u8,
	computed: &Computed,
) -> Result<Pays, DispatchError> {
	let workgroup = drawn(offer)[usize::from(sample)];
	let (witness, steps) = computed.witness(workgroup).expect("there is such a workgroup");
	send(who, Call::prove { offer, sample, steps, witness })
}

/// Claims, waits for the draw, and proves until one is refused or shown to be wrong. Returns how many
/// were proven.
pub(crate) fn claim_and_prove(who: AccountId, offer: OfferId, computed: &Computed) -> u8 {
	assert_eq!(claim(who, offer, computed), Ok(Pays::Yes));
	pass(DRAW + 1);
	prove_all(who, offer, computed)
}

pub(crate) fn prove_all(who: AccountId, offer: OfferId, computed: &Computed) -> u8 {
	let right = |sample: &u8| prove(who, offer, *sample, computed) == Ok(Pays::No);
	(0..SAMPLES).take_while(right).count() as u8
}

/// The whole honest way in the present window.
pub(crate) fn measured(who: AccountId, offer: OfferId, chains: u32) {
	let computed = compute(offer, chains);
	assert_eq!(claim_and_prove(who, offer, &computed), SAMPLES);
}

pub(crate) fn conclude(who: AccountId, offer: OfferId) -> Result<Pays, DispatchError> {
	send(who, Call::conclude { offer })
}

/// The offer's score, as jobs see it.
pub(crate) fn score(offer: OfferId) -> Option<Score> {
	pallet_providers::Offers::<Test>::get(offer).and_then(|record| record.offer.score)
}

/// Its speed.
pub(crate) fn scored(offer: OfferId) -> Option<u64> {
	score(offer).map(|score| score.steps_per_second)
}

/// Replaces the randomness that draws a claim until the draw is as a test needs it.
pub(crate) fn rig(offer: OfferId, wanted: impl Fn(&[Workgroup]) -> bool) {
	let anchor = Benchmarks::claim_of(offer).expect("there is a claim").anchor;
	for salt in 0..100_000 {
		for block in anchor + 1..=anchor + u64::from(DRAW) {
			let entry = pallet_attestations::RingEntry { block, output: vrf(salt, block) };
			let place = (block % u64::from(RING)) as u32;
			pallet_attestations::Ring::<Test>::insert(place, entry);
		}
		if wanted(&drawn(offer)) {
			return;
		}
	}
	panic!("no randomness draws that");
}
