//! Runs of many seeds, block after block, that can be stopped and go on later.

use std::{
	collections::BTreeMap,
	fs::{self, File},
	io::Write as _,
	path::Path,
};

use anyhow::{ensure, Context as _, Result};
use serde::{Deserialize, Serialize};

use crate::{Executors, Verdict};

/// Seeds of a block.
pub const BLOCK_SEEDS: u64 = 500;

/// What became of a block of seeds, or of many blocks.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Block {
	/// Which executors were compared.
	pub executors: Vec<String>,
	/// The first seed.
	pub first: u64,
	/// How many seeds.
	pub count: u64,
	/// Programs with which all executors agree.
	pub equal: u64,
	/// Programs that fault, at the same workgroup on both VMs.
	pub faulted: u64,
	/// Seeds with which an executor differs, and how.
	pub different: Vec<(u64, String)>,
}

impl Block {
	/// Runs a block.
	///
	/// # Errors
	///
	/// As [`Executors::check`].
	pub fn run(
		names: &[String],
		executors: &mut Executors<'_>,
		first: u64,
		count: u64,
	) -> Result<Self> {
		let mut block = Self { executors: names.to_vec(), first, count, ..Self::default() };
		for seed in first..first.saturating_add(count) {
			match executors.check(seed)? {
				Verdict::Equal => block.equal += 1,
				Verdict::Faulted => block.faulted += 1,
				Verdict::Differs(how) => block.different.push((seed, how)),
			}
		}
		Ok(block)
	}

	/// Adds another block's counts.
	pub fn add(&mut self, other: &Self) {
		self.count += other.count;
		self.equal += other.equal;
		self.faulted += other.faulted;
		self.different.extend_from_slice(&other.different);
	}
}

/// A file with one line of JSON for each finished block.
pub struct Journal {
	file: Option<File>,
	done: BTreeMap<u64, Block>,
}

impl Journal {
	/// Opens or makes a journal; without a path, one that is forgotten.
	///
	/// # Errors
	///
	/// If the file cannot be read or written, or tells of other executors.
	pub fn open(path: Option<&Path>, names: &[String]) -> Result<Self> {
		let Some(path) = path else {
			return Ok(Self { file: None, done: BTreeMap::new() });
		};
		let cannot = || format!("cannot open {}", path.display());
		let mut done = BTreeMap::new();
		if path.exists() {
			for line in fs::read_to_string(path).with_context(cannot)?.lines() {
				// A run that was killed may leave half a line.
				let Ok(block) = serde_json::from_str::<Block>(line) else { continue };
				ensure!(
					block.executors == names,
					"{} compares {:?}, not {names:?}",
					path.display(),
					block.executors
				);
				done.insert(block.first, block);
			}
		}
		let file = File::options().create(true).append(true).open(path).with_context(cannot)?;
		Ok(Self { file: Some(file), done })
	}

	/// Whether the block of this length that starts at a seed is done.
	pub fn has(&self, first: u64, count: u64) -> bool {
		self.done.get(&first).is_some_and(|block| block.count == count)
	}

	/// Notes a finished block.
	///
	/// # Errors
	///
	/// If the file cannot be written.
	pub fn push(&mut self, block: Block) -> Result<()> {
		if let Some(file) = &mut self.file {
			// On a line of its own, whatever a killed run left.
			writeln!(file, "\n{}", serde_json::to_string(&block)?)?;
		}
		self.done.insert(block.first, block);
		Ok(())
	}

	/// The sum of the blocks that lie in a range of seeds.
	pub fn sum(&self, names: &[String], first: u64, count: u64) -> Block {
		let mut sum = Block { executors: names.to_vec(), first, ..Block::default() };
		self.done.range(first..first.saturating_add(count)).for_each(|(_, block)| sum.add(block));
		sum
	}
}
