//! The VM's WASM build in wasmtime, with the settings that the node's executor uses for runtimes.

use anyhow::{Context, Result};
use codec::{Decode, Encode};
use mutirao_machine_core::{Program, Recorder, ResolvedPass};
use mutirao_machine_guest::{Reply, Request};
use wasmtime::{Config, Engine, Instance, Memory, Module, OptLevel, Store, TypedFunc};

/// The guest module.
pub const GUEST: &[u8] = include_bytes!(env!("MACHINE_GUEST"));

/// The settings of `sc-executor-wasmtime` for runtimes, as far as they matter to speed and
/// results: no SIMD, no bulk memory, no multi-value.
fn config() -> Config {
	let mut config = Config::new();
	config.cranelift_opt_level(OptLevel::SpeedAndSize);
	config.cranelift_nan_canonicalization(false);
	config.max_wasm_stack(1024 * 1024);
	config.wasm_reference_types(false);
	config.wasm_simd(false);
	config.wasm_relaxed_simd(false);
	config.wasm_bulk_memory(false);
	config.wasm_multi_value(false);
	config.wasm_multi_memory(false);
	config.wasm_threads(false);
	config.wasm_memory64(false);
	config.wasm_tail_call(false);
	config.wasm_extended_const(false);
	config
}

/// An instance of the guest.
pub struct Guest {
	store: Store<()>,
	memory: Memory,
	mailbox: usize,
	run: TypedFunc<u32, u32>,
	repeat: TypedFunc<(u32, u32), u64>,
	handwritten: TypedFunc<(u32, u32, u32), u32>,
}

impl Guest {
	/// Compiles and starts the guest.
	///
	/// # Errors
	///
	/// If wasmtime refuses the module.
	pub fn new() -> Result<Self> {
		let engine = Engine::new(&config())?;
		let module = Module::new(&engine, GUEST)?;
		let mut store = Store::new(&engine, ());
		let instance = Instance::new(&mut store, &module, &[])?;
		let memory = instance.get_memory(&mut store, "memory").context("exports memory")?;
		let mailbox = instance.get_typed_func::<(), u32>(&mut store, "mailbox")?;
		let mailbox = mailbox.call(&mut store, ())? as usize;
		let run = instance.get_typed_func(&mut store, "run")?;
		let repeat = instance.get_typed_func(&mut store, "repeat")?;
		let handwritten = instance.get_typed_func(&mut store, "handwritten")?;
		Ok(Self { store, memory, mailbox, run, repeat, handwritten })
	}

	fn send(&mut self, request: &Request) -> Result<u32> {
		let bytes = request.encode();
		self.memory.write(&mut self.store, self.mailbox, &bytes)?;
		Ok(u32::try_from(bytes.len())?)
	}

	/// Runs a workgroup.
	///
	/// # Errors
	///
	/// If the guest traps.
	pub fn run(&mut self, request: &Request) -> Result<Reply> {
		let len = self.send(request)?;
		let len = self.run.call(&mut self.store, len)? as usize;
		let memory = self.memory.data(&self.store);
		let mut bytes = memory.get(self.mailbox..self.mailbox + len).context("in memory")?;
		Ok(Reply::decode(&mut bytes)?)
	}

	/// Runs a workgroup so many times and returns the steps of one run.
	///
	/// # Errors
	///
	/// If the guest traps.
	pub fn repeat(&mut self, request: &Request, times: u32) -> Result<u64> {
		let len = self.send(request)?;
		self.repeat.call(&mut self.store, (len, times))
	}

	/// Runs one of the [`mutirao_machine_guest::handwritten`] kernels.
	///
	/// # Errors
	///
	/// If the guest traps.
	pub fn handwritten(&mut self, kernel: u32, size: u32, times: u32) -> Result<u32> {
		self.handwritten.call(&mut self.store, (kernel, size, times))
	}
}

/// What the chain would get: a workgroup with the chunks that it reads, found by a recorded run.
pub fn request(
	program: &Program,
	parameters: &[u32],
	pass: &ResolvedPass,
	workgroup: u32,
	slots: &[&[u8]],
) -> Request {
	let recorder = Recorder::new(slots);
	// A fault is part of what the guest must reproduce.
	let _ = mutirao_machine_core::run_resolved(program, pass, workgroup, &recorder);
	let chunks = recorder.chunks().into_iter();
	Request {
		program: program.encode(),
		pass: pass.pass as u32,
		parameters: parameters.to_vec(),
		workgroup,
		chunks: chunks
			.filter_map(|id| Some((id.slot, id.chunk, recorder.chunk_bytes(id)?.to_vec())))
			.collect(),
	}
}
