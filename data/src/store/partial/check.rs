//! What of a buffer is still on disk after a restart.

use std::{io, os::unix::fs::FileExt};

use mutirao_commitment::{BufferId, GROUP_BYTES};

use super::{files::Files, have::Have};
use crate::{
	store::{tree, StoreError},
	wire::{self, PIECE_BYTES},
};

const PIECE_GROUPS: u64 = PIECE_BYTES / GROUP_BYTES as u64;

/// Finds the pieces whose bytes have the values that were written with them. Pieces that never came
/// have no values and are not read.
pub(super) fn check(files: &Files, id: &BufferId) -> Result<Have, StoreError> {
	let mut have = Have::nothing(id);
	let mut bytes = Vec::new();
	for piece in 0..wire::pieces(id) {
		let is_there = is_there(files, id, piece, &mut bytes);
		if is_there.map_err(StoreError::io("read", &files.folder))? {
			have.written(piece as u32);
		}
	}
	Ok(have)
}

fn is_there(files: &Files, id: &BufferId, piece: u64, bytes: &mut Vec<u8>) -> io::Result<bool> {
	let start = piece * PIECE_BYTES;
	let (first, all) = (piece * PIECE_GROUPS, tree::groups(id.bytes));
	let values = match all {
		0 => vec![],
		_ => tree::read_groups(&files.tree, first, PIECE_GROUPS.min(all - first))?,
	};
	if values.contains(&[0; 32]) {
		return Ok(false);
	}
	bytes.resize((id.bytes - start).min(PIECE_BYTES) as usize, 0);
	files.data.read_exact_at(bytes, start)?;
	Ok(match all {
		// An empty buffer is received like any other, from a source that has it.
		0 => !bytes.is_empty() && *blake3::hash(bytes).as_bytes() == id.hash,
		_ => tree::group_values(first, bytes) == values,
	})
}
