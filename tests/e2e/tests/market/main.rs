//! The market with everything real: a node, workers, the buyers' command line, and cheats.
//!
//! All scenarios share one development chain. Most of their time is waiting for blocks, so that more of
//! them run at once than there are cores: `--test-threads` says how many.

mod cheats;
mod crashes;
mod happy;
mod world;

use anyhow::Result;
use libtest_mimic::{Arguments, Failed, Trial};
use std::{future::Future, pin::Pin, process::ExitCode, sync::Arc};
use tokio::{runtime::Runtime, sync::OnceCell};
use world::{Work, World};

/// Scenarios that run at once, if nobody says.
const THREADS: usize = 6;

type Scenario = Pin<Box<dyn Future<Output = Result<()>> + Send>>;

struct Suite {
	runtime: Runtime,
	world: OnceCell<Arc<World>>,
}

impl Suite {
	/// A scenario by its name. The chain starts with the first one.
	fn trial(
		self: &Arc<Self>,
		name: impl Into<String>,
		scenario: impl FnOnce(Arc<World>) -> Scenario + Send + 'static,
	) -> Trial {
		let suite = self.clone();
		Trial::test(name, move || {
			let run = async {
				let start = || async { World::start().await.map(Arc::new) };
				let world = suite.world.get_or_try_init(start).await?.clone();
				scenario(world).await
			};
			suite.runtime.block_on(run).map_err(|error| Failed::from(format!("{error:?}")))
		})
	}
}

macro_rules! scenario {
	($world:ident => $run:expr) => {
		|$world: Arc<World>| Box::pin(async move { $run.await }) as Scenario
	};
}

fn trials(suite: &Arc<Suite>) -> Vec<Trial> {
	let mut trials = Vec::new();
	for (kernel, parameters) in [
		("gemm_i8", &[32, 48, 64][..]),
		("mlp_i8", &[70, 16, 12, 10, 7]),
		("sobel", &[64, 40]),
		("sha256", &[65, 52]),
		("nearest", &[3, 300, 16, 5]),
		("mandelbrot", &[32, 16, 0, 0, 0, 100]),
	] {
		let name = format!("happy::{kernel}_settles_with_the_references_outputs");
		trials.push(suite.trial(name, move |world| {
			Box::pin(async move { happy::settles(&world, kernel, parameters).await })
		}));
	}
	trials.push(suite.trial(
		"happy::the_cheaper_of_two_providers_is_chosen",
		scenario!(world => happy::the_cheaper_of_two(&world)),
	));
	for (fault, kernel, parameters) in [
		("one-workgroup", "sobel", &[64, 40][..]),
		("whole-job", "sobel", &[64, 40]),
		("early-pass", "mlp_i8", &[70, 16, 12, 10, 7]),
	] {
		let name = format!("cheats::a_lie_about_{fault}_is_caught_and_pays");
		trials.push(suite.trial(name, move |world| {
			Box::pin(
				async move { cheats::a_liar(&world, fault, Work::of(kernel, parameters)?).await },
			)
		}));
	}
	trials.push(suite.trial(
		"cheats::a_sleeper_never_attests_and_pays",
		scenario!(world => cheats::a_sleeper(&world)),
	));
	trials.push(
		suite.trial(
			"cheats::a_mute_never_opens_and_pays",
			scenario!(world => cheats::a_mute(&world)),
		),
	);
	for point in ["before-accept", "after-accept", "after-compute", "after-attest", "after-open"] {
		let name = format!("crashes::killed_{point}_the_worker_goes_on");
		trials.push(
			suite.trial(name, move |world| {
				Box::pin(async move { crashes::at(&world, point).await })
			}),
		);
	}
	trials
}

fn main() -> ExitCode {
	let mut arguments = Arguments::from_args();
	arguments.test_threads.get_or_insert(THREADS);
	let runtime = match Runtime::new() {
		Ok(runtime) => runtime,
		Err(error) => {
			eprintln!("no threads: {error}");
			return ExitCode::FAILURE;
		}
	};
	let suite = Arc::new(Suite { runtime, world: OnceCell::new() });
	let conclusion = libtest_mimic::run(&arguments, trials(&suite));
	// Ends the chain.
	drop(suite);
	conclusion.exit_code()
}
