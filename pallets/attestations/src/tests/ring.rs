use super::*;

#[test]
fn the_ring_remembers_the_last_block_of_each_place() {
	run(|| {
		pass(RING + 5);
		let now = System::block_number();
		for block in now - u64::from(RING)..now {
			let entry = Ring::<Test>::get((block % u64::from(RING)) as u32).unwrap();
			assert_eq!(entry, RingEntry { block, output: vrf(0, block) });
		}
		assert_eq!(Ring::<Test>::iter().count(), RING as usize);
	});
}

#[test]
fn a_block_without_randomness_is_forgotten_at_once() {
	run(|| {
		pass(RING);
		Silent::set(&true);
		pass(1);
		let last = System::block_number() - 1;
		assert_eq!(Ring::<Test>::get((last % u64::from(RING)) as u32), None);
	});
}

#[test]
fn a_draw_waits_for_the_last_of_its_blocks() {
	run(|| {
		let work = attested(&Rows::new(2), SAMPLES);
		for _ in 0..DRAW {
			pass(1);
			let early = Attestations::do_samples(work.id);
			assert_eq!(early, Err(Error::<Test>::DrawNotReady.into()));
			let (witness, steps) = work.witness(workgroup(0, 0));
			let open = Call::open { job: work.id, sample: 0, steps, witness };
			assert_eq!(send(PIA, open), Err(Error::<Test>::DrawNotReady.into()));
		}
		assert_eq!(Attestations::samples(work.id), None);
		pass(1);
		let known = Attestations::samples(work.id).unwrap();
		assert_eq!(known.len(), usize::from(SAMPLES));
		assert!(known.iter().all(|sample| !sample.opened));
	});
}

#[test]
fn a_draw_is_made_from_the_blocks_after_the_anchor_alone() {
	let samples = |block_of_salt: u64| {
		let mut samples = Vec::new();
		run(|| {
			let work = attested(&Rows::new(GROUPS), 16);
			for block in 1..10 {
				Salt::set(&u64::from(block == block_of_salt));
				// The output of `block` is noted in the next one.
				pass(1);
				if block > u64::from(DRAW) {
					samples.push(work.samples());
				}
			}
			assert!(samples.iter().all(|same| *same == samples[0]), "it changed afterwards");
		});
		samples.remove(0)
	};
	let plain = samples(0);
	// The anchor is block 1.
	assert_eq!(samples(1), plain);
	for block in 2..2 + u64::from(DRAW) {
		assert_ne!(samples(block), plain, "block {block}");
	}
	assert_eq!(samples(2 + u64::from(DRAW)), plain);
}
