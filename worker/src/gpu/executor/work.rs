//! A task on a GPU: files in, files out.

use std::{
	collections::BTreeMap,
	fs::File,
	io::{self, Stdout},
	os::unix::fs::FileExt as _,
	path::PathBuf,
	time::Duration,
};

use mutirao_commitment::BufferId;
use mutirao_machine_core::{bytecode::Role, Program, Summary};
use mutirao_machine_gpu::{Gpu, GpuError, Host, PassTime, Prepared, RunProgress};

use super::{failure, open};
use crate::gpu::{
	blame::reads_inputs_only,
	device::Stage,
	output::{bytes_path, written_bytes, Output},
	wire::{self, Failure, FilePath, Reply, Run},
};

/// Runs a task and leaves its results in its folder.
pub(super) fn run(run: &Run, stdout: &mut Stdout) -> Result<Reply, Failure> {
	let program =
		Program::decode(&run.code).map_err(|error| Failure::Malformed(error.to_string()))?;
	let summary =
		program.summary(&run.parameters).map_err(|error| Failure::Malformed(error.to_string()))?;
	let mut files = Files::open(run, &program, &summary, stdout)?;
	let gpu = open(&run.adapter)?;
	match compute(&gpu, &program, &summary, &mut files) {
		Ok(times) => Ok(files.finished(&times)),
		Err(error) => Err(files.failed.take().unwrap_or_else(|| failure(&error))),
	}
}

fn compute(
	gpu: &Gpu,
	program: &Program,
	summary: &Summary,
	files: &mut Files<'_>,
) -> Result<Vec<PassTime>, GpuError> {
	Prepared::new(gpu, program)?.run_with(program, summary, files)
}

/// A task's files.
struct Files<'a> {
	stdout: &'a mut Stdout,
	folder: PathBuf,
	/// By the program's buffers.
	inputs: BTreeMap<usize, (PathBuf, File)>,
	lengths: BTreeMap<usize, u64>,
	/// By the program's passes, whether a fault there does not end the task.
	bears_fault: Vec<bool>,
	output: Option<(usize, Output)>,
	finished: Vec<(u32, BufferId)>,
	/// The first failure, with its path.
	failed: Option<Failure>,
	last: RunProgress,
}

impl<'a> Files<'a> {
	fn open(
		run: &Run,
		program: &Program,
		summary: &Summary,
		stdout: &'a mut Stdout,
	) -> Result<Self, Failure> {
		let buffers = program.definition().buffers.iter().zip(&summary.buffer_words).enumerate();
		let declared: Vec<(usize, u64)> = buffers
			.filter(|(_, (buffer, _))| buffer.role == Role::Input)
			.map(|(index, (_, words))| (index, 4 * u64::from(*words)))
			.collect();
		if declared.len() != run.inputs.len() {
			let (wanted, found) = (declared.len(), run.inputs.len());
			let text = format!("the program takes {wanted} inputs; {found} are given");
			return Err(Failure::Malformed(text));
		}
		let mut inputs = BTreeMap::new();
		for ((index, bytes), path) in declared.into_iter().zip(&run.inputs) {
			inputs.insert(index, open_input(&path.path(), bytes)?);
		}
		Ok(Self {
			stdout,
			folder: run.folder.path(),
			inputs,
			lengths: written_bytes(summary),
			bears_fault: summary
				.passes
				.iter()
				.map(|pass| !reads_inputs_only(program, pass))
				.collect(),
			output: None,
			finished: Vec::new(),
			failed: None,
			last: RunProgress::default(),
		})
	}

	fn finished(self, times: &[PassTime]) -> Reply {
		let total = |part: fn(&PassTime) -> Duration| {
			let total: Duration = times.iter().map(part).sum();
			u64::try_from(total.as_nanos()).unwrap_or(u64::MAX)
		};
		let nanoseconds =
			[total(|time| time.upload), total(|time| time.elapsed), total(|time| time.read_back)];
		Reply::Finished { buffers: self.finished, nanoseconds }
	}

	/// Remembers with which file something failed.
	fn note<T>(&mut self, what: &str, path: PathBuf, result: io::Result<T>) -> io::Result<T> {
		if let Err(error) = &result {
			let full = error.kind() == io::ErrorKind::StorageFull;
			let (what, reason) = (what.to_owned(), error.to_string());
			self.failed = Some(Failure::File { what, path: FilePath::new(&path), full, reason });
		}
		result
	}

	fn take(&mut self, buffer: usize, bytes: &[u8]) -> io::Result<()> {
		let mut output = match self.output.take() {
			Some((of, output)) if of == buffer => output,
			_ => {
				let length = self.lengths.get(&buffer).copied().unwrap_or_default();
				Output::create(&self.folder, buffer, length)?
			}
		};
		output.write(bytes)?;
		if output.is_complete() {
			let id = output.finish()?.id();
			self.finished.push((u32::try_from(buffer).unwrap_or(u32::MAX), id));
		} else {
			self.output = Some((buffer, output));
		}
		Ok(())
	}
}

fn open_input(path: &std::path::Path, bytes: u64) -> Result<(PathBuf, File), Failure> {
	let failed = |error: io::Error| Failure::File {
		what: "an input".into(),
		path: FilePath::new(path),
		full: false,
		reason: error.to_string(),
	};
	let file = File::open(path).map_err(failed)?;
	let found = file.metadata().map_err(failed)?.len();
	if found != bytes {
		let text = format!(
			"an input has {found} bytes; with these parameters it must have {bytes}: {}",
			path.display()
		);
		return Err(Failure::Malformed(text));
	}
	Ok((path.to_owned(), file))
}

impl Host for Files<'_> {
	fn read(&mut self, buffer: usize, offset: u64, into: &mut [u8]) -> io::Result<()> {
		let Some((path, file)) = self.inputs.get(&buffer) else {
			return Err(io::ErrorKind::NotFound.into());
		};
		let (path, read) = (path.clone(), file.read_exact_at(into, offset));
		self.note("an input", path, read)
	}

	fn write(&mut self, buffer: usize, _: u64, bytes: &[u8]) -> io::Result<()> {
		let taken = self.take(buffer, bytes);
		self.note("a result", bytes_path(&self.folder, buffer), taken)
	}

	fn bears_fault(&mut self, pass: usize) -> bool {
		self.bears_fault.get(pass).copied().unwrap_or(false)
	}

	fn progress(&mut self, progress: &RunProgress) {
		let (stage, done, total) = if progress.steps_done > self.last.steps_done {
			(Stage::Gpu, progress.steps_done, progress.steps)
		} else if progress.read > self.last.read {
			(Stage::ReadBack, progress.read, progress.results)
		} else {
			(Stage::Upload, progress.uploaded, progress.upload)
		};
		self.last = *progress;
		let reply = Reply::Progress { stage: stage.number(), done, total };
		// If the worker is gone, so is this process, soon.
		let _ = wire::write(self.stdout, &reply);
	}
}
