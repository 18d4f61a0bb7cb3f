//! Time to check openings of a buffer of 1 GiB. `cargo bench -p mutirao-commitment`.
#![allow(missing_docs)]

use std::convert::Infallible;

use criterion::{criterion_group, criterion_main, Criterion, Throughput};
use mutirao_commitment::OutboardBuilder;

const CHUNKS: u32 = 1 << 20;

fn verify(criterion: &mut Criterion) {
	let mut builder = OutboardBuilder::new();
	let block = vec![7; 1 << 20];
	for _ in 0..1 << 10 {
		builder.update(&block);
	}
	let outboard = builder.finish();
	let id = outboard.id();
	let read = |_: u64, buffer: &mut [u8]| {
		buffer.fill(7);
		Ok::<_, Infallible>(())
	};

	let mut group = criterion.benchmark_group("verify");
	let spread = |count: u32| (0..count).map(|at| at * (CHUNKS / count)).collect::<Vec<_>>();
	let cases =
		[("1 chunk", spread(1)), ("64 apart", spread(64)), ("64 in a row", (0..64).collect())];
	for (name, chunks) in cases {
		let opening = outboard.open(&chunks, read).expect("the bytes are the buffer's");
		group.throughput(Throughput::Elements(chunks.len() as u64));
		group.bench_function(name, |bencher| bencher.iter(|| opening.verify(&id).is_ok()));
	}
	group.finish();
}

criterion_group!(benches, verify);
criterion_main!(benches);
