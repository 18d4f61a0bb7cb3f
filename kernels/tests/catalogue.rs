//! Every kernel of the catalogue: VM = reference = GPU.

use mutirao_kernels::{bytes, Kernel, KERNELS};
use mutirao_machine_core::{bytecode::Role, Program};
use mutirao_machine_gpu::{vm, Gpu, Job, Outputs, Prepared};
use mutirao_machine_wgsl::{compile::compile, manifest::Manifest};
use serde::{Deserialize, Serialize};

fn program(kernel: &Kernel) -> Program {
	let manifest = Manifest::parse(kernel.manifest).unwrap_or_else(|error| panic!("{error}"));
	let compiled = compile(&manifest, kernel.source)
		.unwrap_or_else(|error| panic!("{}: {error}", kernel.name));
	Program::new(compiled.definition).unwrap_or_else(|error| panic!("{}: {error}", kernel.name))
}

/// Bytes that look random and depend on the seed alone (SplitMix64).
fn noise(seed: u64, bytes: usize) -> Vec<u8> {
	let mut state = seed;
	let word = |_| {
		state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
		let mut z = state;
		z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
		z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
		(z ^ (z >> 31)) as u8
	};
	(0..bytes).map(word).collect()
}

/// The inputs of a job, in order: random, or at their extremes.
fn inputs(program: &Program, parameters: &[u32], seed: u64) -> Vec<Vec<u8>> {
	let summary = program.summary(parameters).expect("the example's parameters are in bounds");
	let buffers = program.definition().buffers.iter().zip(&summary.buffer_words).enumerate();
	buffers
		.filter(|(_, (buffer, _))| buffer.role == Role::Input)
		.map(|(number, (_, words))| match seed {
			0 => vec![0x80; 4 * *words as usize],
			_ => noise(seed * 31 + number as u64, 4 * *words as usize),
		})
		.collect()
}

/// A vector: see kernels/README.md.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Vector {
	parameters: Vec<u32>,
	seed: u64,
	outputs: Vec<String>,
}

/// What the reference makes of every example.
fn vectors(kernel: &Kernel, program: &Program) -> Vec<Vector> {
	let mut vectors = Vec::new();
	for parameters in kernel.examples {
		for seed in 0..2 {
			let inputs = inputs(program, parameters, seed);
			let inputs: Vec<Vec<u32>> = inputs.iter().map(|input| words(input)).collect();
			let outputs = (kernel.reference)(parameters, &inputs);
			let hash = |words: &Vec<u32>| blake3::hash(&bytes::bytes(words)).to_string();
			vectors.push(Vector {
				parameters: parameters.to_vec(),
				seed,
				outputs: outputs.iter().map(hash).collect(),
			});
		}
	}
	vectors
}

/// The reference gives the checked-in vectors; with the other tests, so do the VM and the GPU.
/// `MUTIRAO_BLESS=1` writes the files, for a kernel whose meaning changes.
#[test]
fn the_reference_gives_the_vectors() {
	for kernel in &KERNELS {
		let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/");
		let path = format!("{folder}{}/vectors.json", kernel.name);
		let vectors = vectors(kernel, &program(kernel));
		if std::env::var_os("MUTIRAO_BLESS").is_some() {
			let text = serde_json::to_string_pretty(&vectors).expect("vectors are plain data");
			std::fs::write(&path, text + "\n").expect("the folder is writable");
		}
		let text = std::fs::read_to_string(&path).expect("the vectors are checked in");
		let known: Vec<Vector> = serde_json::from_str(&text).expect("the vectors are vectors");
		assert_eq!(vectors, known, "{}", kernel.name);
	}
}

fn words(bytes: &[u8]) -> Vec<u32> {
	mutirao_kernels::bytes::words(bytes)
}

/// The buffers that the buyer gets.
fn results(program: &Program, outputs: &Outputs) -> Vec<Vec<u32>> {
	let buffers = program.definition().buffers.iter().enumerate();
	buffers
		.filter(|(_, buffer)| buffer.role == Role::Output)
		.map(|(index, _)| words(&outputs[&index]))
		.collect()
}

fn for_each_example(mut check: impl FnMut(&Kernel, &Program, &[u32], &[Vec<u8>])) {
	for kernel in &KERNELS {
		let program = program(kernel);
		for parameters in kernel.examples {
			for seed in 0..3 {
				let inputs = inputs(&program, parameters, seed);
				check(kernel, &program, parameters, &inputs);
			}
		}
	}
}

#[test]
fn the_vm_computes_what_the_reference_computes() {
	for_each_example(|kernel, program, parameters, inputs| {
		let job = Job::new(program, parameters, inputs.iter().map(Vec::as_slice).collect())
			.expect("the inputs fit");
		let run = vm::run(&job, |_| {})
			.unwrap_or_else(|error| panic!("{} {parameters:?}: {error}", kernel.name));
		let inputs: Vec<Vec<u32>> = inputs.iter().map(|input| words(input)).collect();
		let expected = (kernel.reference)(parameters, &inputs);
		assert_eq!(results(program, &run.outputs), expected, "{} {parameters:?}", kernel.name);
		for (pass, most) in job.summary.passes.iter().zip(&run.most_steps) {
			println!("{} {parameters:?} pass {}: {most} of {}", kernel.name, pass.pass, pass.fuel);
		}
	});
}

#[test]
fn the_gpu_computes_what_the_vm_computes() {
	let gpu = Gpu::open(None).expect("there is a Vulkan adapter, hardware or software");
	for kernel in &KERNELS {
		let program = program(kernel);
		let prepared = Prepared::new(&gpu, &program)
			.unwrap_or_else(|error| panic!("{}: {error}", kernel.name));
		for parameters in kernel.examples {
			for seed in 0..2 {
				let inputs = inputs(&program, parameters, seed);
				let slices = inputs.iter().map(Vec::as_slice).collect();
				let job = Job::new(&program, parameters, slices).expect("the inputs fit");
				let on_vm = vm::run(&job, |_| {}).expect("runs on the VM");
				let (on_gpu, _) = prepared
					.run(&job)
					.unwrap_or_else(|error| panic!("{} {parameters:?}: {error}", kernel.name));
				// Every buffer, the intermediate ones too.
				assert!(on_gpu == on_vm.outputs, "{} {parameters:?} seed {seed}", kernel.name);
			}
		}
	}
}
