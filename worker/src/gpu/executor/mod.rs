//! The executor: a child process that drives a device for one task and is then gone.
//!
//! Drivers are large, run what strangers wrote, and hang. Here nothing of theirs matters to the worker:
//! the child has no key, no network and an empty environment, cannot start programs or reach into
//! other processes, and is killed with everything that it holds when it overruns, when its task is
//! cancelled, or when the worker itself is gone.

mod confine;
mod conform;
mod filter;
mod syscalls;
mod work;

use std::{
	io::{self, Read as _, Stdin, Stdout, Write as _},
	process::ExitCode,
	thread,
};

use mutirao_machine_gpu::{conformance, Gpu, GpuError};

pub use confine::Confined;

use super::{
	dialogue::Listed,
	wire::{self, Failure, FrameError, Misbehaviour, Probed, Reply, Request},
};

/// The name of the hidden subcommand that calls [`main`].
pub const SUBCOMMAND: &str = "executor";

/// Reads a request on standard input, does it, and answers on standard output. Nothing else may be
/// written there, so this is called before any logging is set up, and without an async runtime.
pub fn main() -> ExitCode {
	match serve(&mut io::stdin(), &mut io::stdout()) {
		Ok(()) => ExitCode::SUCCESS,
		Err(error) => {
			eprintln!("executor: {error}");
			ExitCode::FAILURE
		}
	}
}

fn serve(stdin: &mut Stdin, stdout: &mut Stdout) -> Result<(), FrameError> {
	let request: Request = wire::read(stdin)?;
	let address_space = match &request {
		Request::Run(run) => run.address_space,
		_ => None,
	};
	let confined = confine::confine(address_space);
	wire::write(stdout, &Reply::Confined(confined))?;
	end_with_parent()?;
	let answer = match request {
		Request::List => {
			Ok(Reply::Listed(mutirao_machine_gpu::list().iter().map(Listed::of).collect()))
		}
		Request::Probe { adapter } => open(&adapter).map(|gpu| {
			let (listed, loop_limit) = (Listed::of(gpu.adapter()), gpu.loop_limit());
			Reply::Probed(Probed { listed, loop_limit })
		}),
		Request::Check { adapter } => open(&adapter).and_then(|gpu| health(&gpu)),
		Request::Conform { adapter, seeds } => {
			open(&adapter).and_then(|gpu| conform::conform(&gpu, seeds, stdout))
		}
		Request::Run(run) => {
			if let Some(fault) = run.fault {
				misbehave(fault, stdout)?;
			}
			work::run(&run, stdout)
		}
	};
	wire::write(stdout, &answer.unwrap_or_else(Reply::Failed))?;
	// Dropping a device can wait for ever; the worker has what it wants and ends this process.
	thread::park();
	Ok(())
}

/// Ends this process when the worker closes its standard input, which it does when it is killed, too.
fn end_with_parent() -> Result<(), FrameError> {
	let watch = || {
		let mut byte = [0];
		// A driver's exit handlers may hang: end without them.
		while io::stdin().read(&mut byte).is_ok_and(|read| read > 0) {}
		std::process::abort()
	};
	thread::Builder::new().name("parent".into()).spawn(watch)?;
	Ok(())
}

fn open(adapter: &str) -> Result<Gpu, Failure> {
	Gpu::open(Some(adapter)).map_err(|error| failure(&error))
}

fn health(gpu: &Gpu) -> Result<Reply, Failure> {
	conformance::health(gpu)
		.map(|()| Reply::Healthy)
		.map_err(|(feature, verdict)| Failure::Wrong(format!("{feature}: {verdict:?}")))
}

fn misbehave(fault: Misbehaviour, stdout: &mut Stdout) -> Result<(), FrameError> {
	match fault {
		Misbehaviour::Crash => std::process::abort(),
		Misbehaviour::Hang => loop {
			thread::park();
		},
		Misbehaviour::Garbage => stdout.write_all(&[3, 0, 0, 0, 0xee, 0xee, 0xee])?,
		Misbehaviour::LongFrame => stdout.write_all(&[0xff; 64])?,
	}
	stdout.flush()?;
	Ok(())
}

/// What the worker is told of an error.
fn failure(error: &GpuError) -> Failure {
	let number = |index: usize| u32::try_from(index).unwrap_or(u32::MAX);
	match error {
		GpuError::Fuel { pass, workgroup } => {
			Failure::Fuel { pass: number(*pass), workgroup: *workgroup }
		}
		GpuError::Job(error) => Failure::Malformed(error.to_string()),
		GpuError::BufferTooLarge { buffer, bytes, most } => {
			Failure::Buffer { buffer: number(*buffer), bytes: *bytes, most: *most }
		}
		GpuError::Memory { pass, needed, most } => {
			Failure::Memory { pass: number(*pass), needed: *needed, most: *most }
		}
		GpuError::DeviceLoopLimit { pass, limit } => {
			Failure::Loops { pass: number(*pass), limit: *limit }
		}
		GpuError::Lost(reason) => Failure::Lost(reason.clone()),
		GpuError::NoAdapter { .. } | GpuError::Ambiguous { .. } | GpuError::NoDevice { .. } => {
			Failure::Missing(error.to_string())
		}
		GpuError::Refused { .. }
		| GpuError::OutOfMemory { .. }
		| GpuError::Host { .. }
		| GpuError::DeviceLimit { .. } => Failure::Refused(error.to_string()),
	}
}
