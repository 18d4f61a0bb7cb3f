//! Writing outputs to files.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use mutirao_data::store::{Store, Stored};
use mutirao_machine_core::bytecode::Role;

use super::{
	kernel::Kernel,
	receipt::Output,
	record::{Record, Save},
};
use crate::{
	exit::{failed, Failure},
	formats,
};

/// Which outputs go where: those of `--save NAME=FILE`, and with a folder all others, raw.
pub(crate) fn plan(
	outputs: &[String],
	given: &[(String, String)],
	folder: Option<&Path>,
) -> anyhow::Result<Vec<Save>> {
	for (name, _) in given {
		if !outputs.contains(name) {
			let message = format!("no output `{name}`; the kernel has: {}", outputs.join(", "));
			return Err(failed(Failure::Input, message));
		}
	}
	let mut saves = Vec::new();
	for name in outputs {
		let named = given.iter().rev().find(|(given, _)| given == name);
		let in_folder = || folder.map(|folder| format!("raw:{}", folder.join(name).display()));
		let to = named.map(|(_, to)| to.clone()).or_else(in_folder);
		if let Some(to) = to {
			// A path of another day's folder would be another file.
			saves.push(Save { name: name.clone(), to: absolute(&to)? });
		}
	}
	Ok(saves)
}

/// The same format and file from wherever it is asked.
fn absolute(to: &str) -> anyhow::Result<String> {
	let (_, path) = formats::parse_file(to);
	let full = std::path::absolute(&path).context("cannot find the current folder")?;
	let prefix = to.strip_suffix(&path.display().to_string()).unwrap_or_default();
	Ok(format!("{prefix}{}", full.display()))
}

/// Whether all outputs can be saved as they are to be: before a job is paid for.
///
/// # Errors
///
/// [`Failure::Input`], with the output's name.
pub(crate) fn check(saves: &[Save], kernel: &Kernel, parameters: &[u32]) -> anyhow::Result<()> {
	let summary = kernel.summary(parameters)?;
	let names = kernel.parameters();
	let named = |name: &str| {
		let at = names.iter().position(|known| *known == name)?;
		parameters.get(at).copied()
	};
	let size = named("width").zip(named("height"));
	for (index, name) in kernel.with_role(Role::Output) {
		let Some(save) = saves.iter().find(|save| save.name == name) else { continue };
		let (kind, path) = formats::parse_file(&save.to);
		let bytes = 4 * u64::from(summary.buffer_words[index]);
		let checked = formats::check_length(kind, &path, bytes, size);
		checked.with_context(|| format!("output {name} cannot be saved as {}", save.to))?;
	}
	Ok(())
}

/// What came of writing outputs.
#[derive(Debug, Default)]
pub(crate) struct Written {
	/// The facts of those that the store has.
	pub(crate) outputs: Vec<Output>,
	/// Why some could not be written to their files.
	failures: Vec<String>,
}

impl Written {
	/// Fails if one could not be written.
	///
	/// # Errors
	///
	/// [`Failure::Unavailable`].
	pub(crate) fn all(&self, record: &Record) -> anyhow::Result<()> {
		let Some(why) = self.failures.first() else { return Ok(()) };
		let message = format!(
			"{why}. It lies in the data folder: `mutirao job fetch {} --to FOLDER` writes it raw",
			record.job
		);
		Err(failed(Failure::Unavailable, message))
	}
}

/// Writes each output that the store has to its file. One that cannot be written keeps neither the others
/// nor the receipt from being written.
pub(crate) fn write(record: &Record, store: &Store) -> anyhow::Result<Written> {
	let parameter = |name: &str| record.parameters.iter().find(|one| one.name == name);
	let size = parameter("width").zip(parameter("height")).map(|(w, h)| (w.value, h.value));
	let (mut outputs, mut failures) = (Vec::new(), Vec::new());
	for name in &record.outputs {
		let Some(buffer) = record.transcript.iter().find(|buffer| buffer.name == *name) else {
			continue;
		};
		let stored = match buffer.id() {
			Some(id) => store.get(&id)?,
			None => None,
		};
		let save = record.save.iter().find(|save| save.name == *name);
		let mut written = None;
		if let (Some(stored), Some(save)) = (&stored, save) {
			match write_one(save, stored, size) {
				Ok(path) => written = Some(path),
				Err(why) => failures.push(format!("output {name} cannot be saved: {why:#}")),
			}
		}
		outputs.push(Output {
			name: name.clone(),
			blake3: buffer.blake3.clone(),
			bytes: buffer.bytes,
			file_blake3: written.as_deref().map(hash_file).transpose()?,
			file: written.map(|path: PathBuf| path.display().to_string()),
		});
	}
	Ok(Written { outputs, failures })
}

fn write_one(save: &Save, stored: &Stored, size: Option<(u32, u32)>) -> anyhow::Result<PathBuf> {
	let (kind, path) = formats::parse_file(&save.to);
	if let Some(folder) = path.parent() {
		std::fs::create_dir_all(folder)
			.with_context(|| format!("cannot make {}", folder.display()))?;
	}
	formats::write(kind, &path, stored.bytes(), size)?;
	Ok(path)
}

/// The hash that `b3sum` prints of a file.
pub(crate) fn hash_file(path: &Path) -> anyhow::Result<String> {
	let cannot = || format!("cannot read {}", path.display());
	let file = std::fs::File::open(path).with_context(cannot)?;
	let mut hasher = blake3::Hasher::new();
	hasher.update_reader(file).with_context(cannot)?;
	Ok(hasher.finalize().to_string())
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::exit::failure_of;

	/// 640 x 427 pixels, filled up to whole slices.
	#[test]
	fn a_form_that_does_not_fit_is_refused_before_anything_is_paid() {
		let kernel = Kernel::of_catalogue("sobel").unwrap().unwrap();
		let checked = |to: &str| {
			let saves = [Save { name: "edges".into(), to: to.into() }];
			check(&saves, &kernel, &[640, 427])
		};
		for to in ["e.png", "gray:e", "e.npy", "i8:e.npy", "e.txt", "raw:e.png"] {
			checked(to).unwrap();
		}
		let error = checked("rgba:z.png").unwrap_err();
		assert_eq!(failure_of(&error), Failure::Input);
		let text = format!("{error:#}");
		assert!(text.contains("output edges") && text.contains("640 x 427"), "{text}");
	}

	#[test]
	fn named_outputs_go_to_their_files_and_others_to_the_folder() {
		let outputs = ["scores".to_owned(), "classes".to_owned()];
		let given = [("classes".to_owned(), "i8:/tmp/c.npy".to_owned())];
		let saves = plan(&outputs, &given, Some(Path::new("/out"))).unwrap();
		let to: Vec<_> = saves.iter().map(|save| save.to.as_str()).collect();
		assert_eq!(to, ["raw:/out/scores", "i8:/tmp/c.npy"]);
		assert_eq!(plan(&outputs, &given, None).unwrap().len(), 1);
		let relative = plan(&outputs, &[("scores".into(), "s.npy".into())], None).unwrap();
		assert!(Path::new(&relative[0].to).is_absolute());
		let error = plan(&outputs, &[("class".into(), "x".into())], None).unwrap_err().to_string();
		assert!(error.contains("scores, classes"), "{error}");
	}
}
