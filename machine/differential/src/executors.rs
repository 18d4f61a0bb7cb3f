//! The executors and their comparison.

use anyhow::Result;
use mutirao_machine_core::Program;
use mutirao_machine_gpu::{
	conformance::{check_case, check_starved, Verdict as DeviceVerdict},
	Gpu,
};
use mutirao_machine_guest::Reply;
use mutirao_machine_testgen::{Case, Outcome};
use mutirao_machine_wasm::{request, Guest};

/// What the executors made of a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
	/// The same, on all of them.
	Equal,
	/// A fault at the same workgroup on both VMs; a device, which finds no faults, was not asked.
	Faulted,
	/// An executor computes something else, or does not run the program.
	Differs(String),
}

/// One program of so many is run on a device with too little fuel as well.
const STARVED: u64 = 4;

/// One thread's executors.
pub struct Executors<'a> {
	guest: Guest,
	gpu: Option<&'a Gpu>,
}

impl<'a> Executors<'a> {
	/// The VM natively and as WASM, and a device if one is given.
	///
	/// # Errors
	///
	/// If the WASM module does not start.
	pub fn new(gpu: Option<&'a Gpu>) -> Result<Self> {
		Ok(Self { guest: Guest::new()?, gpu })
	}

	/// Their names.
	pub fn names(gpu: Option<&Gpu>) -> Vec<String> {
		let device = gpu.map(|gpu| format!("{} ({})", gpu.adapter().name, gpu.adapter().driver));
		["native", "wasm"].map(String::from).into_iter().chain(device).collect()
	}

	/// Runs the program of a seed on all of them.
	///
	/// # Errors
	///
	/// If the WASM module traps.
	pub fn check(&mut self, seed: u64) -> Result<Verdict> {
		let case = Case::generate(seed);
		let program = case.program();
		let native = case.run_vm(&program);
		if self.wasm(&case, &program)? != native {
			return Ok(Verdict::Differs("the WASM build is not equal to the native one".into()));
		}
		let finished = match native {
			Outcome::Finished(finished) => finished,
			Outcome::Fault { .. } => return Ok(Verdict::Faulted),
			Outcome::Void => return Ok(Verdict::Differs("its parameters do not fit".into())),
		};
		let Some(gpu) = self.gpu else {
			return Ok(Verdict::Equal);
		};
		let verdict = check_case(gpu, &case, &finished);
		if verdict != DeviceVerdict::Equal {
			return Ok(Verdict::Differs(format!("the device: {verdict:?}")));
		}
		if seed.is_multiple_of(STARVED) {
			let verdict = check_starved(gpu, &case, &finished);
			if verdict != DeviceVerdict::Equal {
				return Ok(Verdict::Differs(format!("the device, short of fuel: {verdict:?}")));
			}
		}
		Ok(Verdict::Equal)
	}

	fn wasm(&mut self, case: &Case, program: &Program) -> Result<Outcome> {
		let mut trap = None;
		let outcome = case.run_with(program, |pass, workgroup, slots| {
			let request = request(program, &case.parameters, pass, workgroup, slots);
			match self.guest.run(&request) {
				Ok(Reply::Finished(slices, steps)) => Some((slices, steps)),
				Ok(Reply::Fault(_)) => None,
				Ok(Reply::Void(reason)) => {
					trap = Some(anyhow::anyhow!("seed {}: {reason}", case.seed));
					None
				}
				Err(error) => {
					trap = Some(error.context(format!("seed {}", case.seed)));
					None
				}
			}
		});
		trap.map_or(Ok(outcome), Err)
	}
}
