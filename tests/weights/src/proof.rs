//! How long the proof of what was read can be at worst: values of their greatest length, in a trie with
//! very many of them. No relay chain carries this chain's proofs, so this is for comparison.

use frame_benchmarking::BenchmarkResult;
use frame_support::traits::StorageInfo;

/// Values of a map whose number is not bounded.
const MAP_VALUES: u32 = 1_000_000;
/// Layers of the trie above a map's own.
const LAYERS_ABOVE: u32 = 2;
/// A layer's 15 other hashes, each with its length.
const LAYER_BYTES: u32 = 15 * 33;
/// Bytes of a key that tell which storage it is of.
const PREFIX: usize = 32;

/// The length in bytes.
pub(crate) fn bytes(result: &BenchmarkResult, storage: &[StorageInfo]) -> u32 {
	let of_prefix = |(key, reads, _, is_whitelisted): &(Vec<u8>, u32, u32, bool)| {
		if *is_whitelisted || *reads == 0 {
			return 0;
		}
		let prefix = key.get(..PREFIX).unwrap_or(key);
		let known = storage.iter().find(|one| one.prefix == prefix);
		let values = known.and_then(|one| one.max_values).unwrap_or(MAP_VALUES);
		// What is not bounded is what it was.
		let longest = known.and_then(|one| one.max_size).unwrap_or(result.proof_size);
		let value = layers(values).saturating_mul(LAYER_BYTES).saturating_add(longest);
		reads.saturating_mul(value).saturating_add(LAYERS_ABOVE * LAYER_BYTES)
	};
	result.keys.iter().map(of_prefix).fold(0, u32::saturating_add)
}

/// Layers of a trie with so many values.
fn layers(values: u32) -> u32 {
	values.checked_ilog2().map_or(0, |bits| bits.div_ceil(4)).max(1)
}

#[cfg(test)]
mod tests {
	use super::*;

	fn info(prefix: u8, max_values: Option<u32>, max_size: Option<u32>) -> StorageInfo {
		let (pallet_name, storage_name) = (vec![], vec![]);
		StorageInfo {
			pallet_name,
			storage_name,
			prefix: vec![prefix; PREFIX],
			max_values,
			max_size,
		}
	}

	#[test]
	fn each_read_key_counts_with_its_longest_value() {
		let storage = [info(1, Some(1), Some(8)), info(2, None, Some(100))];
		let key = |prefix, reads, is_whitelisted| (vec![prefix; 48], reads, 1, is_whitelisted);
		let with = |keys| bytes(&BenchmarkResult { keys, ..Default::default() }, &storage);
		let value = LAYER_BYTES + 8 + 2 * LAYER_BYTES;
		assert_eq!(with(vec![key(1, 1, false)]), value);
		let map = 3 * (5 * LAYER_BYTES + 100) + 2 * LAYER_BYTES;
		assert_eq!(with(vec![key(1, 1, false), key(2, 3, false)]), value + map);
		assert_eq!(with(vec![key(1, 1, true), key(2, 0, false)]), 0);
	}
}
