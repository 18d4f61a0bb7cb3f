//! A market to start from: a program, a buyer, a provider whose hot key may act for it, and some work.

use crate::{account::HOT_KEY, chain::Chain, world};
use mutirao_machine_core::{bytecode::Role, Program};
use mutirao_machine_prover::Computed;
use mutirao_machine_testgen::LateFault;
use mutirao_machine_wgsl::{compile::compile, manifest::Manifest};
use mutirao_runtime::{configs::ProxyType, Balance};
use mutirao_types::{JobRequest, Transcript};
use std::cell::RefCell;

pub(crate) use world::{BUYER, PROVIDER, STAKE};

/// Kernels with few workgroups, of one pass and of several.
const KERNELS: [(&str, &[u32]); 3] =
	[("nearest", &[1, 3, 4, 8]), ("sobel", &[4, 3]), ("gemm_i8", &[16, 16, 16])];
/// Different inputs for each.
const INPUTS: u64 = 2;
/// Kinds of markets. In the last one, the program is at fault.
pub(crate) const KINDS: usize = 8;

/// Words of each buffer of the program that is at fault: two workgroups.
const WORDS: u32 = 128;

/// Something to compute, and what it must come to.
#[derive(Clone)]
pub(crate) struct Work {
	pub(crate) request: JobRequest<Balance>,
	pub(crate) inputs: Vec<Vec<u8>>,
	pub(crate) transcript: Transcript,
	/// Whether the program is at fault, in a workgroup that reads what a pass wrote.
	pub(crate) is_faulty: bool,
}

/// A market in which nothing has been asked for yet.
pub(crate) struct Market {
	pub(crate) chain: Chain,
	pub(crate) works: Vec<Work>,
}

impl Market {
	/// One of these. What takes long is done once for each thread.
	pub(crate) fn new(kind: usize) -> Self {
		thread_local! {
			static MARKETS: RefCell<Vec<Option<Market>>> = const { RefCell::new(Vec::new()) };
		}
		MARKETS.with_borrow_mut(|markets| {
			markets.resize_with(KINDS, || None);
			let market = markets[kind % KINDS].get_or_insert_with(|| Self::build(kind % KINDS));
			Self { chain: market.chain.fork(), works: market.works.clone() }
		})
	}

	fn build(kind: usize) -> Self {
		let is_faulty = kind == KINDS - 1;
		let mut world = match is_faulty {
			true => world::World::with_program(faulty_program(), &[WORDS]),
			false => {
				let (kernel, parameters) = KERNELS[kind % KERNELS.len()];
				world::World::with(kernel, parameters)
			}
		};
		let (delegate, proxy_type) = (HOT_KEY.to_account_id().into(), ProxyType::Worker);
		let may_act = pallet_proxy::Call::add_proxy { delegate, proxy_type, delay: 0 };
		world.chain.ok(PROVIDER, may_act);
		let works = (0..INPUTS).map(|seed| {
			let work = match is_faulty {
				true => faulty_work(&world.program, seed),
				false => world.work(seed),
			};
			let buffers = world.program.definition().buffers.iter().enumerate();
			let inputs = buffers.filter(|(_, buffer)| buffer.role == Role::Input);
			Work {
				request: world.request(&work),
				inputs: inputs.map(|(index, _)| work.buffer(index).to_vec()).collect(),
				transcript: work.transcript(),
				is_faulty,
			}
		});
		Self { works: works.collect(), chain: world.chain }
	}
}

fn faulty_program() -> Program {
	let manifest = Manifest::parse(LateFault::MANIFEST).expect("the manifest is right");
	let compiled = compile(&manifest, LateFault::SOURCE).expect("it compiles");
	Program::new(compiled.definition).expect("it is a program")
}

/// What the worker's device makes of it: zeros where the program is at fault.
fn faulty_work(program: &Program, seed: u64) -> Computed {
	let job = LateFault { words: WORDS, at_fault: &[1], seed: seed as u32 };
	let buffers = job.buffers(0).to_vec();
	Computed::from_buffers(program.clone(), &[WORDS], buffers).expect("the buffers fit")
}
