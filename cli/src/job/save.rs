//! Writing outputs to files.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use mutirao_data::store::Store;

use super::{
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

/// The facts of the outputs that the store has, each written to its file.
pub(crate) fn write(record: &Record, store: &Store) -> anyhow::Result<Vec<Output>> {
	let parameter = |name: &str| record.parameters.iter().find(|one| one.name == name);
	let size = parameter("width").zip(parameter("height")).map(|(w, h)| (w.value, h.value));
	let mut outputs = Vec::new();
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
			let (kind, path) = formats::parse_file(&save.to);
			if let Some(folder) = path.parent() {
				std::fs::create_dir_all(folder)
					.with_context(|| format!("cannot make {}", folder.display()))?;
			}
			formats::write(kind, &path, stored.bytes(), size)?;
			written = Some(path);
		}
		outputs.push(Output {
			name: name.clone(),
			blake3: buffer.blake3.clone(),
			bytes: buffer.bytes,
			file_blake3: written.as_deref().map(hash_file).transpose()?,
			file: written.map(|path: PathBuf| path.display().to_string()),
		});
	}
	Ok(outputs)
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
