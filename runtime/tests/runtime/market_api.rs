//! Reading the market: pages and their bounds, and what single answers add to what is stored.

mod estimate;
mod windows;

use crate::{
	chain::Chain,
	market::{compiled, device, World, BUYER, PRICE_CAP, PROVIDER, SAMPLES},
};
use codec::Encode;
use mutirao_machine_prover::Computed;
use mutirao_market_api::{
	runtime_decl_for_market_api::MarketApiV1, Among, EstimateError, EstimateRequest, JobInfo,
	JobRecord, JobsOf, MeasurementsInfo, OfferFilter, Page, PageRequest, WindowStage, MAX_PAGE,
	MAX_SCANNED,
};
use mutirao_runtime::{
	configs::AuditPrice,
	constants::{
		currency::MUT,
		market::{DRAW_BLOCKS, MAX_SAMPLES},
	},
	AccountId, Balance, Benchmarks, BlockNumber, Jobs, Providers, Runtime, RuntimeEvent, System,
};
use mutirao_types::{
	benchmark::{EndedWindow, Measurement},
	Benchmark, JobId, JobStateKind, OfferId, OfferTerms, Permill, Region, Requirements, Verdict,
	Workgroup,
};
use sp_keyring::Sr25519Keyring;
use sp_runtime::traits::Convert;
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
