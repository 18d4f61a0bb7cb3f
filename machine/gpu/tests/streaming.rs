//! Runs that stream: inputs come and results go in bounded pieces, in order, and every failure of
//! the host ends the run.

use std::{
	collections::BTreeMap,
	io,
	time::{Duration, Instant},
};

use mutirao_machine_core::{bytecode::Role, Program};
use mutirao_machine_gpu::{vm, Gpu, GpuError, Host, Job, Prepared, RunProgress, SLAB_BYTES};
use mutirao_machine_wgsl::{compile::compile, manifest::Manifest};

/// Two passes; the second reads what the first wrote, and an input that the first does not use.
const MANIFEST: &str = "[program]\nname = \"two\"\n[parameters]\ngroups = { min = 1 }\n\
	[buffers]\na = { role = \"input\", words = \"groups * 64\" }\n\
	b = { role = \"input\", words = \"groups * 64\" }\nm = { words = \"groups * 64\" }\n\
	y = { role = \"output\", words = \"groups * 64\" }\n\
	[[passes]]\nentry = \"first\"\nworkgroups = [\"groups\"]\nslice = { m = \"64\" }\nfuel = \"4096\"\n\
	[[passes]]\nentry = \"second\"\nworkgroups = [\"groups\"]\nslice = { y = \"64\" }\nfuel = \"4096\"\n";

const SOURCE: &str = "@group(0) @binding(1) var<storage, read> a: array<u32>;
	@group(0) @binding(2) var<storage, read> b: array<u32>;
	@group(0) @binding(3) var<storage, read_write> m: array<u32>;
	@group(0) @binding(4) var<storage, read> mr: array<u32>;
	@group(0) @binding(5) var<storage, read_write> y: array<u32>;
	@compute @workgroup_size(64)
	fn first(@builtin(global_invocation_id) id: vec3<u32>) { m[id.x] = a[id.x] * 3u + 1u; }
	@compute @workgroup_size(64)
	fn second(@builtin(global_invocation_id) id: vec3<u32>) { y[id.x] = mr[id.x] ^ b[id.x]; }";

fn program() -> Program {
	let manifest =
		MANIFEST.replace("entry = \"second\"", "entry = \"second\"\nbind = { mr = \"m\" }");
	let manifest = Manifest::parse(&manifest).expect("the manifest is right");
	let compiled = compile(&manifest, SOURCE).unwrap_or_else(|error| panic!("{error}"));
	Program::new(compiled.definition).unwrap_or_else(|error| panic!("{error}"))
}

/// Makes inputs from their offsets and keeps what comes.
struct Watcher {
	written: BTreeMap<usize, Vec<u8>>,
	reads: Vec<(usize, u64, usize)>,
	last: RunProgress,
	/// What fails: reading this buffer, writing that one.
	fails: [Option<usize>; 2],
}

impl Watcher {
	fn new(fails: [Option<usize>; 2]) -> Self {
		let (written, reads) = (BTreeMap::new(), Vec::new());
		Self { written, reads, last: RunProgress::default(), fails }
	}
}

fn input_byte(buffer: usize, at: u64) -> u8 {
	(at.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40) as u8 ^ buffer as u8
}

impl Host for Watcher {
	fn read(&mut self, buffer: usize, offset: u64, into: &mut [u8]) -> io::Result<()> {
		if self.fails[0] == Some(buffer) {
			return Err(io::ErrorKind::UnexpectedEof.into());
		}
		self.reads.push((buffer, offset, into.len()));
		for (byte, at) in into.iter_mut().zip(offset..) {
			*byte = input_byte(buffer, at);
		}
		Ok(())
	}

	fn write(&mut self, buffer: usize, offset: u64, bytes: &[u8]) -> io::Result<()> {
		if self.fails[1] == Some(buffer) {
			return Err(io::ErrorKind::StorageFull.into());
		}
		assert!(bytes.len() as u64 <= SLAB_BYTES);
		let written = self.written.entry(buffer).or_default();
		assert_eq!(written.len() as u64, offset, "pieces come in order");
		written.extend_from_slice(bytes);
		Ok(())
	}

	fn progress(&mut self, progress: &RunProgress) {
		let before = [self.last.uploaded, self.last.steps_done, self.last.read];
		let now = [progress.uploaded, progress.steps_done, progress.read];
		assert!(before.iter().zip(now).all(|(before, now)| *before <= now));
		self.last = *progress;
	}
}

/// 20 MiB a buffer and a little: more than one slab, and a rest.
const GROUPS: u32 = 20 * 4096 + 3;
const BYTES: usize = GROUPS as usize * 256;

#[test]
fn a_run_streams_what_the_vm_computes() {
	let gpu = Gpu::open(None).expect("there is a Vulkan adapter, hardware or software");
	let program = program();
	let summary = program.summary(&[GROUPS]).expect("fits");
	let mut host = Watcher::new([None; 2]);
	let prepared = Prepared::new(&gpu, &program).expect("the kernels are accepted");
	let times = prepared.run_with(&program, &summary, &mut host).expect("runs");
	assert_eq!(times.len(), 2);
	let inputs: Vec<Vec<u8>> =
		[0, 1].map(|buffer| (0..BYTES as u64).map(|at| input_byte(buffer, at)).collect()).into();
	let roles: Vec<Role> = program.definition().buffers.iter().map(|buffer| buffer.role).collect();
	assert_eq!(roles, [Role::Input, Role::Input, Role::Intermediate, Role::Output]);
	let job = Job::new(&program, &[GROUPS], inputs.iter().map(Vec::as_slice).collect())
		.expect("the inputs fit");
	let expected = vm::run(&job, |_| {}).expect("runs on the VM").outputs;
	assert!(host.written == expected);
	assert!(host.reads.iter().all(|(_, _, bytes)| *bytes as u64 <= SLAB_BYTES));
	let bytes = BYTES as u64;
	let whole = RunProgress {
		uploaded: 2 * bytes,
		upload: 2 * bytes,
		steps_done: summary.declared_steps,
		steps: summary.declared_steps,
		read: 2 * bytes,
		results: 2 * bytes,
	};
	assert_eq!(host.last, whole);
}

/// Notes when slabs end.
struct Clock(Vec<Instant>);

impl Host for Clock {
	fn read(&mut self, _: usize, _: u64, _: &mut [u8]) -> io::Result<()> {
		unreachable!("the program has no input")
	}

	fn write(&mut self, _: usize, _: u64, _: &[u8]) -> io::Result<()> {
		Ok(())
	}

	fn progress(&mut self, progress: &RunProgress) {
		if progress.read == 0 {
			self.0.push(Instant::now());
		}
	}
}

#[test]
fn a_long_pass_is_dispatched_in_slabs_of_about_a_quarter_of_a_second() {
	let gpu = Gpu::open(None).expect("there is a Vulkan adapter, hardware or software");
	let manifest = "[program]\nname = \"long\"\n[parameters]\ngroups = { min = 1 }\n\
		[buffers]\ny = { role = \"output\", words = \"groups * 64\" }\n\
		[[passes]]\nentry = \"main\"\nworkgroups = [\"groups\"]\nslice = { y = \"64\" }\n\
		fuel = \"40000000\"\n";
	let source = "@group(0) @binding(1) var<storage, read_write> y: array<u32>;
		@compute @workgroup_size(64)
		fn main(@builtin(global_invocation_id) id: vec3<u32>) {
			var sum = id.x;
			for (var a = 0u; a < 50000u; a++) { sum = sum * 3u + a; }
			y[id.x] = sum;
		}";
	let manifest = Manifest::parse(manifest).expect("the manifest is right");
	let compiled = compile(&manifest, source).unwrap_or_else(|error| panic!("{error}"));
	let program = Program::new(compiled.definition).unwrap_or_else(|error| panic!("{error}"));
	let prepared = Prepared::new(&gpu, &program).expect("the kernel is accepted");
	let mut groups = 64;
	let (start, slabs) = loop {
		let summary = program.summary(&[groups]).expect("fits");
		let (start, mut clock) = (Instant::now(), Clock(Vec::new()));
		prepared.run_with(&program, &summary, &mut clock).expect("runs");
		if start.elapsed() > Duration::from_secs(2) {
			break (start, clock.0);
		}
		groups *= 4;
	};
	let times = slabs.iter().scan(start, |last, end| {
		let elapsed = *end - *last;
		*last = *end;
		Some(elapsed)
	});
	let mut times: Vec<Duration> = times.collect();
	times.sort();
	let median = times[times.len() / 2];
	// Wide bounds: the machine has other things to do.
	let right = Duration::from_millis(60)..Duration::from_millis(1_000);
	assert!(times.len() > 3 && right.contains(&median), "{times:?}");
}

#[test]
fn what_the_host_cannot_do_ends_the_run() {
	let gpu = Gpu::open(None).expect("there is a Vulkan adapter, hardware or software");
	let program = program();
	let summary = program.summary(&[4]).expect("fits");
	let prepared = Prepared::new(&gpu, &program).expect("the kernels are accepted");
	let cases = [
		([Some(1), None], "reading", 1, io::ErrorKind::UnexpectedEof, 1),
		([None, Some(2)], "writing", 2, io::ErrorKind::StorageFull, 0),
		([None, Some(3)], "writing", 3, io::ErrorKind::StorageFull, 1),
	];
	for (fails, what, buffer, kind, complete) in cases {
		let mut host = Watcher::new(fails);
		match prepared.run_with(&program, &summary, &mut host) {
			Err(GpuError::Host { what: found, buffer: at, kind: of, .. }) => {
				assert_eq!((found, at, of), (what, buffer, kind));
			}
			other => panic!("{fails:?}: {other:?}"),
		}
		assert_eq!(host.written.len(), complete, "what came before is complete");
	}
	assert!(prepared.run_with(&program, &summary, &mut Watcher::new([None; 2])).is_ok());
}

#[test]
fn what_exceeds_the_device_is_refused_before_anything_is_read() {
	let gpu = Gpu::open(None).expect("there is a Vulkan adapter, hardware or software");
	let program = program();
	let prepared = Prepared::new(&gpu, &program).expect("the kernels are accepted");
	let groups = u32::try_from(gpu.adapter().max_buffer_bytes / 256 + 1).expect("fits a parameter");
	let summary = program.summary(&[groups]).expect("the program allows it");
	let mut host = Watcher::new([None; 2]);
	match prepared.run_with(&program, &summary, &mut host) {
		Err(GpuError::BufferTooLarge { bytes, most, .. }) => assert!(bytes > most),
		other => panic!("{other:?}"),
	}
	assert!(host.reads.is_empty() && host.written.is_empty());
	assert!(gpu.adapter().memory_bytes.is_some_and(|bytes| bytes > 1 << 28), "Vulkan tells");
}
