//! The market with everything real: a node, workers, the buyers' command line, and cheats.
//!
//! All scenarios but those about outages share one development chain. Most of their time is waiting for
//! blocks, so that more of them run at once than there are cores: `--test-threads` says how many.
//!
//! `MUTIRAO_FAULT_POINTS=all` kills workers at all points that a job comes by, not only at five.

mod challengers;
mod cheats;
mod crashes;
mod griefers;
mod happy;
mod ledger;
mod outages;
mod work;
mod world;

use anyhow::Result;
use griefers::Grief;
use libtest_mimic::{Arguments, Failed, Trial};
use std::{future::Future, pin::Pin, process::ExitCode, sync::Arc};
use tokio::{runtime::Runtime, sync::OnceCell};
use work::Work;
use world::World;

/// Scenarios that run at once, if nobody says.
const THREADS: usize = 8;

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

/// Those that wait longest come first.
fn trials(suite: &Arc<Suite>) -> Vec<Trial> {
	[
		withholders(suite),
		outages(suite),
		griefers(suite),
		happy(suite),
		cheats(suite),
		crashes(suite),
	]
	.into_iter()
	.flatten()
	.collect()
}

fn withholders(suite: &Arc<Suite>) -> Vec<Trial> {
	let trial = |name: &str, shows| {
		suite.trial(format!("cheats::{name}"), move |world| {
			Box::pin(async move { cheats::a_withholder(&world, shows).await })
		})
	};
	vec![
		trial("a_withholder_that_ignores_a_demand_pays", false),
		trial("a_withholder_that_answers_a_demand_is_paid", true),
	]
}

fn outages(suite: &Arc<Suite>) -> Vec<Trial> {
	vec![
		suite.trial(
			"outages::one_of_four_validators_dies_and_a_job_settles",
			scenario!(_world => outages::one_of_four_validators_dies()),
		),
		suite.trial(
			"outages::the_only_node_restarts_and_a_job_settles",
			scenario!(_world => outages::the_only_node_restarts()),
		),
	]
}

fn griefers(suite: &Arc<Suite>) -> Vec<Trial> {
	let mut trials = vec![
		suite.trial(
			"griefers::without_the_right_input_nothing_is_accepted",
			scenario!(world => griefers::no_right_input(&world)),
		),
		suite.trial(
			"challengers::who_challenges_honest_work_pays",
			scenario!(world => challengers::of_honest_work(&world)),
		),
	];
	for (name, grief) in [
		("a_race", Grief::Race),
		("too_little_fuel", Grief::Fuel),
		("too_little_fuel_in_the_second_pass", Grief::LateFuel),
	] {
		let name = format!("griefers::a_program_with_{name}_costs_the_buyer");
		trials.push(suite.trial(name, move |world| {
			Box::pin(async move { griefers::a_faulty_program(&world, grief).await })
		}));
	}
	trials
}

fn happy(suite: &Arc<Suite>) -> Vec<Trial> {
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
	trials
}

fn cheats(suite: &Arc<Suite>) -> Vec<Trial> {
	let mut trials = vec![
		suite.trial(
			"cheats::a_watchtower_catches_a_lie_that_the_buyer_lets_pass",
			scenario!(world => cheats::a_liar_under_a_watchtower(&world)),
		),
		suite.trial(
			"cheats::a_sleeper_never_attests_and_pays",
			scenario!(world => cheats::a_sleeper(&world)),
		),
		suite.trial(
			"cheats::a_mute_never_opens_and_pays",
			scenario!(world => cheats::a_mute(&world)),
		),
	];
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
	trials
}

fn crashes(suite: &Arc<Suite>) -> Vec<Trial> {
	let all = std::env::var(crashes::ALL_VARIABLE).is_ok_and(|which| which == "all");
	let if_all = |points: &'static [&'static str]| if all { points } else { &[] };
	let trial = |point: &str, run: fn(Arc<World>, String) -> Scenario| {
		let (name, point) =
			(format!("crashes::killed_{point}_the_worker_goes_on"), point.to_owned());
		suite.trial(name, move |world| run(world, point))
	};
	let points = crashes::SOME.iter().chain(if_all(crashes::OTHERS));
	let settled = points.map(|point| {
		trial(point, |world, point| Box::pin(async move { crashes::at(&world, &point).await }))
	});
	let at_faults = if_all(crashes::AT_FAULTS).iter().map(|point| {
		trial(point, |world, point| {
			Box::pin(async move { crashes::at_a_fault(&world, &point).await })
		})
	});
	let at_demands = if_all(crashes::AT_DEMANDS).iter().map(|point| {
		trial(point, |world, point| {
			Box::pin(async move { crashes::at_a_demand(&world, &point).await })
		})
	});
	at_demands.chain(settled).chain(at_faults).collect()
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
	if let Some(world) = suite.world.get() {
		if let Err(error) = suite.runtime.block_on(world.is_tidy()) {
			eprintln!("after all scenarios: {error:?}");
			return ExitCode::FAILURE;
		}
	}
	conclusion.exit_code()
}
