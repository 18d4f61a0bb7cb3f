//! Files that their owner alone can read.

use std::{
	fs::{self, OpenOptions},
	io::{Read as _, Write as _},
	path::Path,
};

use anyhow::Context as _;

/// Makes a key of the system's randomness, readable by its owner alone; false if the file is there.
pub(crate) fn make_key(path: &Path) -> anyhow::Result<bool> {
	if path.exists() {
		return Ok(false);
	}
	let mut seed = [0; 32];
	let mut random = fs::File::open("/dev/urandom").context("no randomness")?;
	random.read_exact(&mut seed).context("no randomness")?;
	write(path, &format!("0x{}\n", hex::encode(seed)), false)?;
	Ok(true)
}

/// Writes a file that its owner alone can read. A file that is there is replaced whole, or not at all.
pub(crate) fn write(path: &Path, text: &str, replace: bool) -> anyhow::Result<()> {
	let context = || format!("cannot write {}", path.display());
	let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
	fs::create_dir_all(folder.unwrap_or(Path::new("."))).with_context(context)?;
	let temporary = path.with_extension(format!("new-{}", std::process::id()));
	let target = if replace { &temporary } else { path };
	let mut options = OpenOptions::new();
	options.write(true).create_new(true);
	#[cfg(unix)]
	std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
	let mut file = options.open(target).with_context(context)?;
	file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).with_context(context)?;
	match replace {
		true => fs::rename(&temporary, path).with_context(context),
		false => Ok(()),
	}
}
