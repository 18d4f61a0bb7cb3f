//! Random programs on every executor.

use std::sync::atomic::{AtomicU64, Ordering};

use mutirao_machine_differential::{Block, Executors, Journal, Verdict};
use mutirao_machine_gpu::Gpu;

/// Programs that must run to their end on all executors; those that fault do not count.
const WANTED: u64 = 2_000;

#[test]
fn native_wasm_and_gpu_are_equal_on_2000_programs() {
	let gpu = Gpu::open(None).expect("there is a Vulkan adapter, hardware or software");
	let (next, equal, faulted) = (AtomicU64::new(0), AtomicU64::new(0), AtomicU64::new(0));
	let work = || {
		let mut executors = Executors::new(Some(&gpu)).expect("the guest starts");
		while equal.load(Ordering::Relaxed) < WANTED {
			let seed = next.fetch_add(1, Ordering::Relaxed);
			match executors.check(seed).expect("the guest does not trap") {
				Verdict::Equal => equal.fetch_add(1, Ordering::Relaxed),
				Verdict::Faulted => faulted.fetch_add(1, Ordering::Relaxed),
				Verdict::Differs(how) => panic!("seed {seed}: {how}"),
			};
		}
	};
	std::thread::scope(|scope| {
		for _ in 0..2 {
			scope.spawn(work);
		}
	});
	let (equal, faulted) = (equal.into_inner(), faulted.into_inner());
	println!("{equal} equal, {faulted} faulted");
	assert!(faulted < equal / 4, "most programs run to their end");
}

#[test]
fn native_and_wasm_are_equal_on_10000_programs() {
	let names = Executors::names(None);
	let mut executors = Executors::new(None).expect("the guest starts");
	let block = Block::run(&names, &mut executors, 1_000_000, 10_000).expect("no trap");
	println!("{} equal, {} faulted", block.equal, block.faulted);
	assert_eq!(block.different, []);
	assert!(block.equal > 8_000 && block.faulted > 100, "{block:?}");
}

#[test]
fn a_journal_remembers_blocks_and_its_executors() {
	let folder = tempfile::tempdir().expect("there is room");
	let path = folder.path().join("journal");
	let names = ["native", "wasm"].map(String::from);
	let block =
		|first| Block { executors: names.to_vec(), first, count: 10, equal: 9, ..Block::default() };
	let mut journal = Journal::open(Some(&path), &names).expect("is new");
	journal.push(block(0)).expect("is written");
	journal.push(block(20)).expect("is written");
	drop(journal);
	// A run that was killed while it wrote.
	let text = std::fs::read_to_string(&path).expect("is there");
	std::fs::write(&path, format!("{text}{{\"executors\":[\"nat")).expect("is writable");
	let mut journal = Journal::open(Some(&path), &names).expect("is readable");
	journal.push(block(10)).expect("is written");
	let journal = Journal::open(Some(&path), &names).expect("is readable");
	assert!(
		journal.has(10, 10) && journal.has(20, 10) && !journal.has(30, 10) && !journal.has(0, 9)
	);
	let sum = journal.sum(&names, 0, 30);
	assert_eq!((sum.count, sum.equal), (30, 27));
	assert!(Journal::open(Some(&path), &names[..1]).is_err(), "other executors");
}
