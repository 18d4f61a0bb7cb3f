//! A market to start from: a program, a buyer, a provider whose hot key may act for it, and some work.

use crate::{account::HOT_KEY, chain::Chain, world};
use mutirao_machine_core::bytecode::Role;
use mutirao_runtime::{configs::ProxyType, Balance};
use mutirao_types::{JobRequest, Transcript};
use std::cell::RefCell;

pub(crate) use world::{BUYER, PROVIDER, STAKE};

/// Kernels with few workgroups, of one pass and of several.
const KERNELS: [(&str, &[u32]); 3] =
	[("nearest", &[1, 3, 4, 8]), ("sobel", &[4, 3]), ("gemm_i8", &[16, 16, 16])];
/// Different inputs for each.
const INPUTS: u64 = 2;

/// Something to compute, and what it must come to.
#[derive(Clone)]
pub(crate) struct Work {
	pub(crate) request: JobRequest<Balance>,
	pub(crate) inputs: Vec<Vec<u8>>,
	pub(crate) transcript: Transcript,
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
			markets.resize_with(KERNELS.len(), || None);
			let kind = kind % KERNELS.len();
			let market = markets[kind].get_or_insert_with(|| Self::build(KERNELS[kind]));
			Self { chain: market.chain.fork(), works: market.works.clone() }
		})
	}

	fn build((kernel, parameters): (&str, &[u32])) -> Self {
		let mut world = world::World::with(kernel, parameters);
		let (delegate, proxy_type) = (HOT_KEY.to_account_id().into(), ProxyType::Worker);
		let may_act = pallet_proxy::Call::add_proxy { delegate, proxy_type, delay: 0 };
		world.chain.ok(PROVIDER, may_act);
		let works = (0..INPUTS).map(|seed| {
			let work = world.work(seed);
			let buffers = world.program.definition().buffers.iter().enumerate();
			let inputs = buffers.filter(|(_, buffer)| buffer.role == Role::Input);
			Work {
				request: world.request(&work),
				inputs: inputs.map(|(index, _)| work.buffer(index).to_vec()).collect(),
				transcript: work.transcript(),
			}
		});
		Self { works: works.collect(), chain: world.chain }
	}
}
