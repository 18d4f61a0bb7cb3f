//! What a device cannot run is refused, never wrong.

use mutirao_machine_core::{run_resolved, ByteBuffers, Program, ResolvedPass, RunError};
use mutirao_machine_gpu::{vm, Gpu, GpuError, Job, Outputs, Prepared};
use mutirao_machine_wgsl::{compile::compile, manifest::Manifest};

fn program(manifest: &str, source: &str) -> Program {
	let manifest = Manifest::parse(manifest).expect("the manifest is right");
	let compiled = compile(&manifest, source).unwrap_or_else(|error| panic!("{error}"));
	Program::new(compiled.definition).unwrap_or_else(|error| panic!("{error}"))
}

/// One workgroup whose invocations go through `loops`, which change `sum`.
fn turning(fuel: &str, loops: &str) -> Program {
	let manifest = format!(
		"[program]\nname = \"loops\"\n[parameters]\nturns = {{}}\n\
		 [buffers]\ny = {{ role = \"output\", words = \"64\" }}\n\
		 [[passes]]\nentry = \"main\"\nworkgroups = [\"1\"]\nslice = {{ y = \"64\" }}\nfuel = \"{fuel}\"\n"
	);
	let source = format!(
		"struct P {{ turns: u32 }}
		@group(0) @binding(0) var<uniform> p: P;
		@group(0) @binding(1) var<storage, read_write> y: array<u32>;
		@compute @workgroup_size(64)
		fn main(@builtin(local_invocation_index) i: u32) {{
			var sum = i;
			{loops}
			y[i] = sum;
		}}"
	);
	program(&manifest, &source)
}

/// `turns` iterations, in two nested loops.
fn looping(fuel: &str) -> Program {
	let inner = "for (var b = 0u; b < 100u; b++) { sum = sum * 3u + b; }";
	turning(fuel, &format!("for (var a = 0u; a < p.turns / 100u; a++) {{ {inner} }}"))
}

/// A loop of no iterations, or of one, `turns` times: neighbours go round in different turns.
fn short_loops(fuel: &str) -> Program {
	let inner = "for (var b = 0u; b < (p.turns ^ sum) % 2u; b++) { sum = sum * 3u + b; }";
	turning(fuel, &format!("for (var a = 0u; a < p.turns; a++) {{ {inner} sum += a; }}"))
}

#[test]
fn loops_beyond_the_measured_limit_are_refused() {
	let gpu = Gpu::open(None).expect("there is a Vulkan adapter, hardware or software");
	are_right_or_refused(&gpu, &looping("4000000000"), 1, &[0, 1_000, 60_000, 70_000, 200_000]);
	are_right_or_refused(
		&gpu,
		&short_loops("4000000000"),
		3,
		&[0, 1_000, 20_000, 25_000, 30_000, 40_000],
	);
}

/// A turn is so many iterations at most.
fn are_right_or_refused(gpu: &Gpu, program: &Program, most: u32, turns: &[u32]) {
	let prepared = Prepared::new(gpu, program).expect("the kernel is accepted");
	for turns in turns.iter().copied() {
		let job = Job::new(program, &[turns], Vec::new()).expect("fits");
		let expected = vm::run(&job, |_| {}).expect("runs on the VM").outputs;
		match (prepared.run(&job), gpu.loop_limit()) {
			(Ok((found, _)), _) => assert!(found == expected, "{turns} turns are wrong"),
			(Err(GpuError::DeviceLoopLimit { pass: 0, limit }), Some(measured)) => {
				assert_eq!(limit, measured);
				let about = format!("{turns} turns were refused; the limit is {measured}");
				assert!(turns * most >= measured, "{about}");
			}
			(other, limit) => panic!("{turns} turns, limit {limit:?}: {other:?}"),
		}
	}
}

#[test]
fn loops_beyond_the_fuel_are_a_fuel_fault_on_the_gpu_too() {
	let gpu = Gpu::open(None).expect("there is a Vulkan adapter, hardware or software");
	let program = looping("100000");
	let prepared = Prepared::new(&gpu, &program).expect("the kernel is accepted");
	let job = Job::new(&program, &[50_000], Vec::new()).expect("fits");
	assert!(vm::run(&job, |_| {}).is_err());
	assert_eq!(prepared.run(&job).map(|_| ()), Err(GpuError::Fuel { pass: 0, workgroup: 0 }));
}

/// Of 300 workgroups, one runs out of fuel.
#[test]
fn the_workgroup_that_runs_out_of_fuel_is_named() {
	let gpu = Gpu::open(None).expect("there is a Vulkan adapter, hardware or software");
	let manifest = "[program]\nname = \"one\"\n[parameters]\nguilty = {}\n\
		[buffers]\ny = { role = \"output\", words = \"300 * 64\" }\n\
		[[passes]]\nentry = \"main\"\nworkgroups = [\"300\"]\nslice = { y = \"64\" }\n\
		fuel = \"100000\"\n";
	// The word that counts turns starts at zero, in whatever order workgroups run again.
	let source = "struct P { guilty: u32 }
		@group(0) @binding(0) var<uniform> p: P;
		@group(0) @binding(1) var<storage, read_write> y: array<u32>;
		@compute @workgroup_size(64)
		fn main(@builtin(workgroup_id) g: vec3<u32>, @builtin(local_invocation_index) i: u32) {
			let at = g.x * 64u + i;
			let turns = select(10u, 50000u, g.x == p.guilty) + y[at] * 50000u;
			while y[at] < turns { y[at] = y[at] + 1u; }
		}";
	let program = program(manifest, source);
	let prepared = Prepared::new(&gpu, &program).expect("the kernel is accepted");
	for guilty in [0, 1, 149, 150, 299] {
		let job = Job::new(&program, &[guilty], Vec::new()).expect("fits");
		let expected = Err(GpuError::Fuel { pass: 0, workgroup: guilty });
		assert_eq!(prepared.run(&job).map(|_| ()), expected);
		let fault = vm::run(&job, |_| {}).expect_err("faults on the VM too");
		assert_eq!(fault.workgroup, guilty);
	}
	let job = Job::new(&program, &[300], Vec::new()).expect("fits");
	assert!(prepared.run(&job).is_ok());
}

/// Whether what a workgroup wrote is what the VM makes of what it read; nothing if it faults there.
fn is_right(job: &Job<'_>, pass: &ResolvedPass, number: u32, outputs: &Outputs) -> Option<bool> {
	let bytes = |buffer| job.input(buffer).unwrap_or_else(|| &outputs[&buffer]);
	let given: Vec<&[u8]> = pass.slots.iter().map(|slot| bytes(slot.buffer)).collect();
	let run = match run_resolved(job.program, pass, number, &ByteBuffers::new(&given)) {
		Ok(run) => run,
		Err(RunError::Fault(_)) => return None,
		Err(other) => panic!("workgroup {number}: {other}"),
	};
	let written = pass.slots.iter().filter(|slot| slot.slice_words.is_some());
	Some(written.zip(&run.slices).all(|(slot, slice)| {
		let right: Vec<u8> = slice.iter().flat_map(|word| word.to_le_bytes()).collect();
		let start = number as usize * right.len();
		outputs[&slot.buffer][start..start + right.len()] == right
	}))
}

/// Three passes of 300 workgroups; in the second, some do not end in time. Nobody else notices.
#[test]
fn a_run_may_go_on_where_workgroups_run_out_of_fuel() {
	let gpu = Gpu::open(None).expect("there is a Vulkan adapter, hardware or software");
	let words = "words = \"300 * 64\"";
	let pass = |entry: &str, from: &str, to: &str| {
		format!(
			"[[passes]]\nentry = \"{entry}\"\nbind = {{ x = \"{from}\", y = \"{to}\" }}\n\
			 workgroups = [\"300\"]\nslice = {{ {to} = \"64\" }}\nfuel = \"20000\"\n"
		)
	};
	let manifest = format!(
		"[program]\nname = \"late\"\n[buffers]\nx = {{ role = \"input\", {words} }}\n\
		 a = {{ {words} }}\nb = {{ {words} }}\nc = {{ role = \"output\", {words} }}\n{}{}{}",
		pass("copy", "x", "a"),
		pass("count", "a", "b"),
		pass("copy", "b", "c")
	);
	let source = "@group(0) @binding(0) var<storage, read> x: array<u32>;
		@group(0) @binding(1) var<storage, read_write> y: array<u32>;
		@compute @workgroup_size(64)
		fn copy(@builtin(global_invocation_id) id: vec3<u32>) { y[id.x] = x[id.x] * 3u; }
		@compute @workgroup_size(64)
		fn count(@builtin(global_invocation_id) id: vec3<u32>) {
			var sum = 1u;
			for (var i = 0u; i < x[id.x]; i++) { sum = sum * 5u + i; }
			y[id.x] = sum;
		}";
	let program = program(&manifest, source);
	let prepared = Prepared::new(&gpu, &program).expect("the kernels are accepted");
	let guilty = [7u32, 150, 299];
	let word = |at: u32| match guilty.contains(&(at / 64)) && at % 64 == 9 {
		true => 10_000,
		false => at % 5,
	};
	let input: Vec<u8> = (0..300 * 64).flat_map(|at: u32| word(at).to_le_bytes()).collect();
	let job = Job::new(&program, &[], vec![&input]).expect("fits");
	let stops = prepared.run(&job).map(|_| ());
	assert!(
		matches!(stops, Err(GpuError::Fuel { pass: 1, workgroup }) if guilty.contains(&workgroup))
	);
	let outputs = prepared.run_over_faults(&job).expect("goes on");
	for (index, pass) in job.summary.passes.iter().enumerate() {
		for number in 0..pass.workgroup_count {
			let expected = (index != 1 || !guilty.contains(&number)).then_some(true);
			let found = is_right(&job, pass, number, &outputs);
			assert_eq!(found, expected, "pass {index}, workgroup {number}");
		}
	}
}

#[test]
fn more_workgroups_than_one_dimension_takes_are_split() {
	let gpu = Gpu::open(None).expect("there is a Vulkan adapter, hardware or software");
	let manifest = "[program]\nname = \"many\"\n[parameters]\nnx = {}\nny = {}\n\
		[buffers]\ny = { role = \"output\", words = \"nx * ny * 3\" }\n\
		[[passes]]\nentry = \"main\"\nworkgroups = [\"nx\", \"ny\", \"3\"]\nslice = { y = \"1\" }\n\
		fuel = \"1000\"\n";
	let source = "@group(0) @binding(1) var<storage, read_write> y: array<u32>;
		@compute @workgroup_size(1)
		fn main(@builtin(workgroup_id) g: vec3<u32>, @builtin(num_workgroups) n: vec3<u32>) {
			y[g.x + n.x * (g.y + n.y * g.z)] = g.x * 7u + g.y * 11u + g.z * 13u + 1u;
		}";
	let program = program(manifest, source);
	let prepared = Prepared::new(&gpu, &program).expect("the kernel is accepted");
	for (nx, ny) in [(1, 1), (65_535, 1), (65_536, 1), (70_001, 1), (3, 30_000)] {
		let job = Job::new(&program, &[nx, ny], Vec::new()).expect("fits");
		let expected = vm::run(&job, |_| {}).expect("runs on the VM").outputs;
		let (found, _) = prepared.run(&job).expect("runs on the GPU");
		assert!(found == expected, "{nx} x {ny} x 3 workgroups");
	}
}
