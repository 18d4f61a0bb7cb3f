//! Reading the market: pages and their bounds, and what single answers add to what is stored.

use crate::{
	chain::Chain,
	market::{compiled, device, World, BUYER, PRICE_CAP, PROVIDER, SAMPLES},
};
use mutirao_machine_prover::Computed;
use mutirao_market_api::{
	runtime_decl_for_market_api::MarketApiV1, Among, EstimateError, EstimateRequest, JobInfo,
	JobRecord, JobsOf, MeasurementsInfo, OfferFilter, Page, PageRequest, WindowStage, MAX_PAGE,
	MAX_SCANNED,
};
use mutirao_runtime::{
	constants::{
		currency::MUT,
		market::{DRAW_BLOCKS, MAX_SAMPLES},
	},
	AccountId, Balance, Benchmarks, BlockNumber, Jobs, Providers, Runtime, System,
};
use mutirao_types::{
	benchmark::{EndedWindow, Measurement},
	Benchmark, JobId, JobStateKind, OfferId, OfferTerms, Permill, Region, Requirements, Verdict,
	Workgroup,
};
use sp_keyring::Sr25519Keyring;
use std::collections::BTreeSet;

type Filter = OfferFilter<AccountId, Balance>;

fn everything() -> Filter {
	Filter {
		provider: None,
		requirements: Requirements::default(),
		max_price_per_gigastep: None,
		available: false,
	}
}

fn in_antarctica() -> Filter {
	let region = Some(Region { country: *b"AQ", subdivision: [0; 3] });
	Filter { requirements: Requirements { region, ..Default::default() }, ..everything() }
}

/// Follows a list to its end; its ids, and how many pages there were.
fn follow<Id: Copy + Ord, Item>(
	limit: u32,
	id_of: impl Fn(&Item) -> Id,
	mut ask: impl FnMut(PageRequest<Id>) -> Page<Id, Item>,
) -> (BTreeSet<Id>, u32) {
	let (mut ids, mut pages, mut after) = (BTreeSet::new(), 0, None);
	loop {
		let page = ask(PageRequest { after, limit });
		pages += 1;
		assert!(page.items.len() as u32 <= limit.clamp(1, MAX_PAGE));
		for item in &page.items {
			assert!(ids.insert(id_of(item)), "an item is listed twice");
		}
		if page.next.is_none() {
			return (ids, pages);
		}
		after = page.next;
	}
}

/// Copies offer 0 until there are `count`. More than fees would let anyone post in a test.
fn many_offers(chain: &mut Chain, count: u64) {
	chain.run(|| {
		let record = pallet_providers::Offers::<Runtime>::get(0).expect("offer 0");
		for id in 0..count {
			let provider = &record.offer.provider;
			pallet_providers::OffersByProvider::<Runtime>::insert(provider, id, ());
			pallet_providers::Offers::<Runtime>::insert(id, record.clone());
		}
	});
}

#[test]
fn every_offer_is_on_exactly_one_page() {
	let mut world = World::new();
	many_offers(&mut world.chain, 250);
	world.chain.run(|| {
		for (limit, pages) in [(1, 250), (7, 36), (100, 3), (u32::MAX, 3), (0, 250)] {
			let offers = |page| Runtime::offers(everything(), page);
			assert_eq!(follow(limit, |info| info.id, offers), ((0..250).collect(), pages));
			let of_provider = || Some(PROVIDER.to_account_id());
			let offers =
				|page| Runtime::offers(Filter { provider: of_provider(), ..everything() }, page);
			// Offer 1 is another provider's in its own index, but its copy is ours.
			assert_eq!(follow(limit, |info| info.id, offers).0, (0..250).collect());
		}
	});
}

#[test]
fn a_filter_that_lets_nothing_through_is_bounded_and_can_be_followed_to_the_end() {
	let mut world = World::new();
	let count = 2 * MAX_SCANNED + 1;
	many_offers(&mut world.chain, count.into());
	world.chain.run(|| {
		let page = Runtime::offers(in_antarctica(), PageRequest { after: None, limit: 10 });
		assert!(page.items.is_empty() && page.next.is_some());
		let offers = |page| Runtime::offers(in_antarctica(), page);
		assert_eq!(follow(10, |info| info.id, offers), (BTreeSet::new(), 3));
	});
}

#[test]
fn a_cursor_need_not_exist_any_more() {
	let mut world = World::new();
	many_offers(&mut world.chain, 20);
	world.chain.run(|| {
		let first = Runtime::offers(everything(), PageRequest { after: None, limit: 5 });
		let gone = first.next.expect("there are more");
		pallet_providers::Offers::<Runtime>::remove(gone);
		let rest = Runtime::offers(everything(), PageRequest { after: first.next, limit: 100 });
		let seen: BTreeSet<OfferId> =
			first.items.iter().chain(&rest.items).map(|info| info.id).collect();
		assert_eq!((seen.len(), rest.next), (20, None));
	});
}

#[test]
fn offers_are_filtered_as_acceptance_would_decide() {
	let mut world = World::new();
	let ids = |chain: &mut Chain, filter: Filter| -> Vec<OfferId> {
		let page = PageRequest { after: None, limit: 10 };
		let found = chain.run(|| Runtime::offers(filter, page));
		let mut ids: Vec<_> = found.items.into_iter().map(|info| info.id).collect();
		ids.sort_unstable();
		ids
	};
	let requiring = |requirements| Filter { requirements, ..everything() };
	let region =
		|subdivision: &[u8; 3]| Some(Region { country: *b"BR", subdivision: *subdivision });
	let none = Requirements::default;
	for (filter, expected) in [
		(everything(), vec![0, 1]),
		(requiring(Requirements { region: region(b"\0\0\0"), ..none() }), vec![0, 1]),
		(requiring(Requirements { region: region(b"RJ\0"), ..none() }), vec![]),
		(in_antarctica(), vec![]),
		(requiring(Requirements { memory_mib: u32::MAX, ..none() }), vec![]),
		(requiring(Requirements { steps_per_second: 1, ..none() }), vec![]),
		(requiring(Requirements { reputation: Permill::from_percent(50), ..none() }), vec![0, 1]),
		(requiring(Requirements { reputation: Permill::from_percent(51), ..none() }), vec![]),
		(Filter { max_price_per_gigastep: Some(MUT), ..everything() }, vec![0]),
		(Filter { max_price_per_gigastep: Some(MUT - 1), ..everything() }, vec![]),
		(Filter { provider: Some(BUYER.to_account_id()), ..everything() }, vec![]),
	] {
		let expected: Vec<OfferId> = expected;
		assert_eq!(ids(&mut world.chain, filter.clone()), expected, "{filter:?}");
	}
	// What cannot take a job is not available: paused, expired, or its provider leaving.
	let available = || Filter { available: true, ..everything() };
	assert_eq!(ids(&mut world.chain, available()), [0u64, 1]);
	let offer = world.offer;
	world.chain.ok(PROVIDER, pallet_providers::Call::pause_offer { offer });
	assert_eq!(ids(&mut world.chain, available()), [1u64]);
	world.chain.ok(PROVIDER, pallet_providers::Call::resume_offer { offer });
	world.chain.ok(PROVIDER, pallet_providers::Call::leave {});
	assert_eq!(ids(&mut world.chain, available()), [1u64]);
	world.chain.run(|| pallet_jobs::ActiveBlocksPassed::<Runtime>::put(1_000_000));
	assert!(ids(&mut world.chain, available()).is_empty());
}

#[test]
fn jobs_are_found_by_buyer_provider_and_stage_through_their_lives() {
	let mut world = World::new();
	let work = world.work(1);
	let jobs: Vec<JobId> = (0..3).map(|_| world.post(&work)).collect();
	world.accept(jobs[0]).expect("accepted");
	let give_up = pallet_jobs::Call::give_up { job: jobs[0] };
	world.chain.ok(PROVIDER, give_up);
	world.accept(jobs[1]).expect("accepted");
	world.chain.run(|| {
		for limit in [1, 2, 100] {
			let id_of = |info: &JobInfo<AccountId, Balance>| info.id;
			let found = |of: JobsOf<AccountId>| {
				follow(limit, id_of, |page| Runtime::jobs(of.clone(), page)).0
			};
			let set = |ids: &[JobId]| ids.iter().copied().collect::<BTreeSet<_>>();
			assert_eq!(found(JobsOf::Buyer(BUYER.to_account_id())), set(&jobs));
			assert_eq!(found(JobsOf::Buyer(PROVIDER.to_account_id())), set(&[]));
			assert_eq!(found(JobsOf::Provider(PROVIDER.to_account_id())), set(&jobs[..2]));
			assert_eq!(found(JobsOf::State(JobStateKind::Finished)), set(&jobs[..1]));
			assert_eq!(found(JobsOf::State(JobStateKind::Running)), set(&jobs[1..2]));
			assert_eq!(found(JobsOf::State(JobStateKind::Open)), set(&jobs[2..]));
			assert_eq!(found(JobsOf::State(JobStateKind::Attested)), set(&[]));
		}
		let finished = Runtime::job(jobs[0]).expect("not pruned");
		let JobRecord::Finished(finished) = finished.record else { panic!("it has ended") };
		assert!(matches!(finished.verdict, Verdict::Refunded(_)));
		assert!(matches!(Runtime::job(jobs[2]).unwrap().record, JobRecord::Live(_)));
		assert_eq!(Runtime::job(99), None);
		let totals = Runtime::totals();
		assert_eq!((totals.jobs_posted, totals.refunded, totals.now), (3, 1, Jobs::now()));
	});
}

#[test]
fn programs_are_listed_and_told_with_their_interface() {
	let mut world = World::new();
	let (id, definition) = (world.id, world.program.definition().clone());
	world.chain.run(|| {
		let programs = |page| Runtime::programs(page);
		assert_eq!(follow(1, |info| info.id, programs), (BTreeSet::from([id]), 1));
		let details = Runtime::program(id).expect("registered");
		assert_eq!((details.info.id, details.info.uses), (id, 0));
		let names = details.parameters.iter().map(|one| (&one.name, one.min, one.max));
		assert!(names.eq(definition.parameters.iter().map(|one| (&one.name, one.min, one.max))));
		assert_eq!(details.buffers.len(), definition.buffers.len());
		assert_eq!(details.passes as usize, definition.passes.len());
		assert_eq!(Runtime::program([7; 32]), None);
	});
}

/// An estimate is what the job then costs, to the planck.
#[test]
fn an_estimate_is_what_the_job_costs() {
	let mut world = World::new();
	let work = world.work(1);
	let request = |world: &World, among| EstimateRequest {
		program: world.id,
		parameters: world.parameters.clone().try_into().unwrap(),
		samples: SAMPLES,
		among,
	};
	let cheapest = request(&world, Among::Cheapest(everything()));
	let estimate = world.chain.run(|| Runtime::estimate(cheapest)).expect("an estimate");
	let offer = estimate.offer.expect("an offer");
	assert_eq!((offer.offer, estimate.all_scanned), (world.offer, true));
	let job = world.post(&work);
	assert_eq!(world.escrow(BUYER), PRICE_CAP + estimate.audit_fee);
	world.accept(job).expect("accepted");
	assert_eq!(world.escrow(BUYER), offer.price + estimate.audit_fee);

	// A provider whose stake is spoken for is passed over, though its price is told.
	world.chain.run(|| {
		pallet_providers::Providers::<Runtime>::mutate(PROVIDER.to_account_id(), |record| {
			let record = record.as_mut().expect("registered");
			record.earmarked = record.stake;
		});
	});
	let cheapest = request(&world, Among::Cheapest(everything()));
	let named = request(&world, Among::Offer(world.offer));
	let (cheapest, named) =
		world.chain.run(|| (Runtime::estimate(cheapest), Runtime::estimate(named)));
	assert_eq!(cheapest.unwrap().offer.expect("an offer").offer, world.other_offer);
	assert_eq!(named.unwrap().offer, Some(offer));
}

#[test]
fn what_could_not_be_posted_has_no_estimate() {
	let mut world = World::new();
	let good = EstimateRequest {
		program: world.id,
		parameters: world.parameters.clone().try_into().unwrap(),
		samples: 1,
		among: Among::Offer(world.offer),
	};
	for (request, error) in [
		(EstimateRequest { program: [7; 32], ..good.clone() }, EstimateError::NoSuchProgram),
		(
			EstimateRequest { parameters: vec![1].try_into().unwrap(), ..good.clone() },
			EstimateError::ParametersDoNotFit,
		),
		(EstimateRequest { samples: 0, ..good.clone() }, EstimateError::SamplesOutOfRange),
		(
			EstimateRequest { samples: MAX_SAMPLES + 1, ..good.clone() },
			EstimateError::SamplesOutOfRange,
		),
		(EstimateRequest { among: Among::Offer(99), ..good.clone() }, EstimateError::NoSuchOffer),
	] {
		assert_eq!(world.chain.run(|| Runtime::estimate(request)), Err(error));
	}
	world.chain.run(|| assert!(Runtime::estimate(good).is_ok()));
}

#[test]
fn an_attestation_tells_what_is_drawn_due_and_demanded() {
	let mut world = World::new();
	let work = world.work(1);
	let job = world.post(&work);
	world.chain.run(|| assert_eq!(Runtime::attestation(job), None));
	world.accept(job).expect("accepted");
	world.attest(job, &work).expect("attested");
	let told = world.chain.run(|| Runtime::attestation(job)).expect("attested");
	assert_eq!(told.drawn_at, told.attestation.anchor + DRAW_BLOCKS + 1);
	assert_eq!((told.samples, told.open_until.is_some()), (None, true));

	// The samples are known at that block, and not before.
	let height = |world: &mut World| world.chain.run(mutirao_runtime::System::block_number);
	while height(&mut world) < told.drawn_at {
		world.chain.run(|| assert_eq!(Runtime::attestation(job).unwrap().samples, None));
		world.chain.next_block(Vec::new());
	}
	let drawn = world.chain.run(|| Runtime::attestation(job)).unwrap().samples.expect("drawn");
	assert_eq!(drawn.len(), usize::from(SAMPLES));
	for outcome in world.open_all(job, &work) {
		outcome.expect("opened");
	}
	let buffer = mutirao_types::JobBuffer::Written(0);
	world.chain.ok(BUYER, pallet_attestations::Call::demand { job, buffer, chunk: 0 });
	let told = world.chain.run(|| Runtime::attestation(job)).expect("not ended");
	assert_eq!((told.open_until, told.demands.len()), (None, 1));
	assert_eq!(told.demands[0].demand.by, BUYER.to_account_id());
	assert_eq!((told.demands[0].buffer, told.demands[0].chunk), (buffer, 0));
	let workgroups = |samples: &[mutirao_types::Sample]| -> Vec<Workgroup> {
		samples.iter().map(|sample| sample.workgroup).collect()
	};
	assert_eq!(workgroups(&told.samples.expect("remembered")), workgroups(&drawn));
}

#[test]
fn a_provider_is_told_with_its_reputation_as_it_weighs_now() {
	let mut world = World::new();
	let work = world.work(1);
	let job = world.post(&work);
	world.accept(job).expect("accepted");
	world.chain.ok(PROVIDER, pallet_jobs::Call::give_up { job });
	world.chain.run(|| {
		let account = PROVIDER.to_account_id();
		let told = Runtime::provider(account.clone()).expect("a provider");
		assert!(told.reputation < Permill::from_percent(50));
		assert_eq!(Some(told.reputation), Providers::reputation(account));
		assert_eq!(Runtime::provider(BUYER.to_account_id()), None);
	});
}

/// Chains that are claimed for an offer of this account in the present window, and their work.
fn claim(world: &mut World, who: Sr25519Keyring, offer: OfferId, size: u32) -> Computed {
	let parameters = world.chain.run(|| Benchmarks::parameters(offer, size)).expect("a seed");
	let work = Computed::by_vm(compiled("benchmark_i8"), &parameters, Vec::new()).unwrap();
	let transcript = work.transcript();
	world.chain.ok(who, pallet_benchmarks::Call::claim { offer, size, transcript });
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
	let terms =
		OfferTerms { price_per_gigastep: 1, minimum_price: 1, capacity: 1, expires: 10_000 };
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
