//! Benchmark windows, and what was measured of offers.

use super::*;

/// Chains that are claimed for an offer of this account in the present window, and their work. The
/// treasury has what their proofs cost at the price of a job's.
fn claim(world: &mut World, who: Sr25519Keyring, offer: OfferId, size: u32) -> Computed {
	let parameters = world.chain.run(|| Benchmarks::parameters(offer, size)).expect("a seed");
	let work = Computed::by_vm(compiled("benchmark_i8"), &parameters, Vec::new()).unwrap();
	let transcript = work.transcript();
	let treasury = world.chain.treasury();
	world.chain.ok(who, pallet_benchmarks::Call::claim { offer, size, transcript });
	let fee = world.chain.events().into_iter().find_map(|event| match event {
		RuntimeEvent::Benchmarks(pallet_benchmarks::Event::Claimed { fee, .. }) => Some(fee),
		_ => None,
	});
	let samples = world.chain.run(Benchmarks::window).expect("open").benchmark.samples;
	let each = AuditPrice::convert(work.summary().passes[0].fuel);
	assert_eq!(fee, Some(each * Balance::from(samples)));
	let of_fee = world.fee_paid(who) * 80 / 100;
	assert_eq!(world.chain.treasury() - treasury, each * Balance::from(samples) + of_fee);
	work
}

fn measurements(
	world: &mut World,
	offer: OfferId,
) -> Option<MeasurementsInfo<AccountId, BlockNumber>> {
	world.chain.run(|| Runtime::measurements(offer))
}

/// Blocks until this one; before, nothing is told that `known` looks for.
fn until_block(world: &mut World, block: BlockNumber, known: impl Fn() -> bool) {
	while world.chain.run(System::block_number) < block {
		assert!(!world.chain.run(&known), "known before block {block}");
		world.chain.next_block(Vec::new());
	}
	assert!(world.chain.run(known), "not known at block {block}");
}

#[test]
fn a_window_is_told_from_its_opening_to_its_end() {
	let mut world = World::new();
	let program = compiled("benchmark_i8").encode();
	let benchmark = Benchmark {
		program: blake3::hash(&program).into(),
		settings: vec![1].try_into().unwrap(),
		interval: 1,
		window_blocks: 3,
		prove_blocks: DRAW_BLOCKS + 4,
		samples: 2,
	};
	let code = program.try_into().unwrap();
	world.chain.ok(PROVIDER, pallet_programs::Call::register { code });
	let told = world.chain.run(Runtime::benchmark);
	assert_eq!((told.chosen, told.window, told.ended), (None, None, vec![]));
	world.chain.sudo(pallet_benchmarks::Call::set_benchmark { benchmark: Some(benchmark.clone()) });
	world.chain.next_block(Vec::new());

	// Opened: who takes part is settled, and from when on the seed is known.
	let told = world.chain.run(Runtime::benchmark);
	assert_eq!((told.chosen, told.ended), (Some(benchmark.clone()), vec![]));
	let opened = told.window.expect("one opens in each block");
	assert_eq!((opened.window.number, opened.window.offers), (0, 2));
	assert_eq!(opened.stage, WindowStage::WaitingForSeed);
	let terms = OfferTerms {
		price_per_gigastep: 1,
		minimum_price: 1,
		maximum_price: MUT,
		capacity: 1,
		expires: 10_000,
	};
	world.chain.ok(PROVIDER, pallet_providers::Call::post_offer { device: device(), terms });
	until_block(&mut world, opened.seeded_at, || Runtime::measurements(0).unwrap().seed.is_some());
	let told = world.chain.run(Runtime::benchmark).window.expect("open");
	assert_eq!((told.stage, told.window.start.is_some()), (WindowStage::Computing, true));
	let first = measurements(&mut world, 0).expect("an offer");
	let parameters = benchmark.parameters(7, &first.seed.expect("known"));
	assert_eq!(world.chain.run(|| Benchmarks::parameters(0, 7)), Some(parameters));
	assert_eq!((first.score, first.measurements.len(), first.claim), (None, 0, None));
	// One that was posted later takes no part, and one that never was is not there.
	assert_eq!(measurements(&mut world, 2).expect("an offer").seed, None);
	assert_eq!(measurements(&mut world, 3), None);

	// Both claim, at the last moment.
	let work = claim(&mut world, PROVIDER, 0, 2);
	claim(&mut world, Sr25519Keyring::FerdieStash, 1, 1);
	let told = world.chain.run(Runtime::benchmark).window.expect("open");
	assert_eq!(told.window.claim_until, world.chain.run(Jobs::now));
	assert_eq!(told.stage, WindowStage::Computing);
	world.chain.next_block(Vec::new());
	let told = world.chain.run(Runtime::benchmark).window.expect("open");
	assert_eq!(told.stage, WindowStage::Proving);

	// What is due is told, and which workgroups those are as soon as that is drawn.
	let due = measurements(&mut world, 0).expect("an offer").claim.expect("a claim");
	assert_eq!((due.sample_count, due.prove_until), (2, told.window.prove_until));
	assert_eq!(due.root, mutirao_types::transcript_root(&work.transcript()));
	assert_eq!(due.drawn_at, due.claim.anchor + DRAW_BLOCKS + 1);
	until_block(&mut world, due.drawn_at, || {
		Runtime::measurements(0).unwrap().claim.unwrap().samples.is_some()
	});
	for sample in 0..2u8 {
		let claim = measurements(&mut world, 0).expect("an offer").claim.expect("not proven yet");
		let drawn = claim.samples.expect("drawn");
		let opened: Vec<_> = drawn.iter().map(|sample| sample.opened).collect();
		assert_eq!(opened, [sample > 0, false]);
		let (witness, steps) = work.witness(drawn[usize::from(sample)].workgroup).unwrap();
		let prove = pallet_benchmarks::Call::prove { offer: 0, sample, steps, witness };
		world.chain.ok(PROVIDER, prove);
	}
	let proven = measurements(&mut world, 0).expect("an offer");
	let steps_per_second = due.claim.steps_per_second;
	assert!(steps_per_second > 0);
	assert_eq!(proven.measurements, [Measurement { window: 0, steps_per_second }]);
	assert_eq!(proven.score.expect("measured").steps_per_second, steps_per_second);
	assert_eq!((proven.claim, proven.lost), (None, None));

	// Ended: it is remembered, and who proved nothing has lost.
	world.until(told.window.prove_until);
	let other = measurements(&mut world, 1).expect("an offer");
	assert_eq!((other.claim.is_some(), other.lost, other.score), (true, None, None));
	world.chain.next_block(Vec::new());
	let told_after = world.chain.run(Runtime::benchmark);
	let ended = EndedWindow { number: 0, offers: 2, ended_at: told.window.prove_until };
	assert_eq!((told_after.window, told_after.ended), (None, vec![ended]));
	let other = measurements(&mut world, 1).expect("an offer");
	assert_eq!((other.claim, other.lost), (None, Some(0)));
	assert_eq!(other.score.expect("took part").steps_per_second, 0);
	world.chain.ok(BUYER, pallet_benchmarks::Call::conclude { offer: 1 });
	assert_eq!(measurements(&mut world, 1).expect("an offer").lost, None);
}
