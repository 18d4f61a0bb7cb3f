//! Exhaustive search: all scores, sorted.

use crate::bytes::int8;

/// Parameters queries, vectors, dimensions, k; output k (score, number) pairs a query.
pub fn run(parameters: &[u32], inputs: &[Vec<u32>]) -> Vec<Vec<u32>> {
	let [queries, vectors, dimensions, k] = [0, 1, 2, 3].map(|i| parameters[i] as usize);
	let (query, base) = (int8(&inputs[0]), int8(&inputs[1]));
	let mut hits = Vec::new();
	for query in query.chunks(dimensions).take(queries) {
		let mut scored: Vec<(i32, i32)> = base
			.chunks(dimensions)
			.take(vectors)
			.map(|row| row.iter().zip(query).map(|(x, y)| i32::from(*x) * i32::from(*y)).sum())
			.zip(0..)
			.collect();
		scored.sort_by_key(|(score, number)| (std::cmp::Reverse(*score), *number));
		// Where there are fewer vectors than k, the rest of the hits say so.
		scored.resize(scored.len().max(k), (i32::MIN, i32::MAX));
		hits.extend(scored[..k].iter().flat_map(|(score, number)| [*score as u32, *number as u32]));
	}
	vec![hits]
}
