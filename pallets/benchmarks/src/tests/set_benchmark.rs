//! What is measured.

use super::*;
use mutirao_types::ProgramId;

fn set(benchmark: Benchmark) -> Result<(), DispatchError> {
	frame_support::storage::with_storage_layer(|| {
		Benchmarks::set_benchmark(RuntimeOrigin::root(), Some(benchmark))
	})
}

fn uses(program: ProgramId) -> u32 {
	pallet_programs::Programs::<Test>::get(program).expect("it is registered").uses
}

#[test]
fn set_benchmark_by_governance_works() {
	run(|| {
		chosen();
		assert_eq!(Benchmarks::benchmark(), Some(benchmark()));
		assert_last_event(Event::BenchmarkSet { benchmark: Some(benchmark()) });
		assert_eq!(uses(program_id()), 1);
	});
}

#[test]
fn set_benchmark_by_others_fails() {
	run(|| {
		let origin = RuntimeOrigin::signed(ANA);
		assert_noop!(Benchmarks::set_benchmark(origin, None), DispatchError::BadOrigin);
	});
}

#[test]
fn set_benchmark_out_of_range_fails() {
	run(|| {
		chosen();
		let good = benchmark();
		let bad = [
			Benchmark { interval: 0, ..good.clone() },
			Benchmark { window_blocks: 0, ..good.clone() },
			Benchmark { prove_blocks: DRAW, ..good.clone() },
			Benchmark { window_blocks: RING - PROVE, ..good.clone() },
			Benchmark { window_blocks: u32::MAX, ..good.clone() },
			Benchmark { samples: 0, ..good.clone() },
			Benchmark { samples: 17, ..good.clone() },
		];
		for bad in bad {
			assert_eq!(set(bad), Err(error(Error::BenchmarkOutOfRange)));
		}
		assert_ok!(set(Benchmark { prove_blocks: DRAW + 1, ..good.clone() }));
		assert_ok!(set(Benchmark { window_blocks: RING - PROVE - 1, samples: 16, ..good }));
	});
}

#[test]
fn set_benchmark_of_what_is_no_benchmark_fails() {
	run(|| {
		chosen();
		let unknown = Benchmark { program: [7; 32], ..benchmark() };
		assert_eq!(set(unknown), Err(pallet_programs::Error::<Test>::NoSuchProgram.into()));
		let without_settings = Benchmark { settings: Default::default(), ..benchmark() };
		let does_not_fit = pallet_programs::Error::<Test>::ParametersDoNotFit;
		assert_eq!(set(without_settings), Err(does_not_fit.into()));
		// Rounds of which a workgroup takes more steps than can be computed again.
		let most = Benchmark { settings: vec![384].try_into().unwrap(), ..benchmark() };
		assert_eq!(set(most), Err(error(Error::NotABenchmark)));
	});
}

#[test]
fn set_benchmark_of_a_program_with_inputs_fails() {
	run(|| {
		let kernel = mutirao_kernels::by_name("sha256").unwrap();
		let manifest = mutirao_machine_wgsl::manifest::Manifest::parse(kernel.manifest).unwrap();
		let compiled = mutirao_machine_wgsl::compile::compile(&manifest, kernel.source).unwrap();
		let mut definition = compiled.definition;
		// With as many parameters as a benchmark.
		for number in 0..7 {
			definition.parameters.push(mutirao_machine_core::bytecode::Parameter {
				name: format!("more{number}"),
				min: 0,
				max: u32::MAX,
			});
		}
		let code = mutirao_machine_core::Program::new(definition).unwrap().encode();
		let program = mutirao_types::BufferId::of(&code).hash;
		assert_ok!(Programs::register(RuntimeOrigin::signed(ANA), code.try_into().unwrap()));
		let with_inputs = Benchmark { program, settings: Default::default(), ..benchmark() };
		assert_eq!(set(with_inputs), Err(error(Error::NotABenchmark)));
	});
}

#[test]
fn set_benchmark_of_a_program_that_does_not_grow_fails() {
	run(|| {
		use mutirao_machine_core::bytecode::Expression;
		let mut definition = program().definition().clone();
		definition.buffers[0].words = Expression::constant(4);
		definition.passes[0].workgroups[0] = Expression::constant(1);
		let code = mutirao_machine_core::Program::new(definition).unwrap().encode();
		let program = mutirao_types::BufferId::of(&code).hash;
		assert_ok!(Programs::register(RuntimeOrigin::signed(ANA), code.try_into().unwrap()));
		let idle = Benchmark { program, ..benchmark() };
		assert_eq!(set(idle), Err(error(Error::NotABenchmark)));
	});
}

#[test]
fn a_window_goes_on_as_it_began_when_governance_changes_its_mind_works() {
	run(|| {
		let (offer, _) = open();
		let other = Benchmark { settings: vec![2].try_into().unwrap(), ..benchmark() };
		assert_ok!(set(other.clone()));
		assert_eq!(window().benchmark, benchmark());
		measured(PIA, offer, WHOLE);
		assert_eq!(scored(offer), Some(speed_of(WHOLE)));
		end_window();
		next_window();
		assert_eq!(window().benchmark, other);
	});
}

#[test]
fn the_program_of_an_open_window_stays_when_governance_drops_it_works() {
	run(|| {
		let (offer, _) = open();
		assert_eq!(uses(program_id()), 2);
		assert_ok!(Benchmarks::set_benchmark(RuntimeOrigin::root(), None));
		assert_eq!(uses(program_id()), 1);
		let remove = || Programs::remove(RuntimeOrigin::signed(ANA), program_id());
		assert_noop!(remove(), pallet_programs::Error::<Test>::InUse);
		measured(PIA, offer, WHOLE);
		end_window();
		assert_ok!(remove());
		pass(20);
		assert_eq!(Benchmarks::window(), None);
		assert_eq!(scored(offer), Some(speed_of(WHOLE)));
	});
}
