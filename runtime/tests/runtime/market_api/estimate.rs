//! What a job would cost.

use super::*;

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

/// An offer takes no job that is dearer than its owner allows, so such a job has no price on it.
#[test]
fn an_estimate_is_of_an_offer_that_may_take_so_dear_a_job() {
	let mut world = World::new();
	let work = world.work(1);
	let (offer, other) = (world.offer, world.other_offer);
	let request = |world: &World, among| EstimateRequest {
		program: world.id,
		parameters: world.parameters.clone().try_into().unwrap(),
		samples: SAMPLES,
		among,
	};
	let named = request(&world, Among::Offer(offer));
	let cheapest = request(&world, Among::Cheapest(everything()));
	let job = world.post(&work);
	let record = world.live(job);
	// About 3 MUT, by its steps alone: the other offer asks 4.
	let per_step = 3 * MUT / Balance::from(record.declared_steps);
	let price = per_step * Balance::from(record.declared_steps);
	let price_per_gigastep = per_step * Balance::from(mutirao_types::GIGASTEP);
	let least = world.chain.run(|| Jobs::least_collateral(record.audit_fee));
	assert!(least < 2 * price, "its collateral is twice its price");
	let mut terms = world.chain.run(|| Providers::offer(offer)).unwrap().terms;
	terms = OfferTerms { price_per_gigastep, minimum_price: 0, ..terms };
	for (maximum_price, takes) in [(price - 1, false), (price, true)] {
		terms.maximum_price = maximum_price;
		let change = pallet_providers::Call::change_offer { offer, terms: terms.clone() };
		world.chain.ok(PROVIDER, change);
		let told = world.chain.run(|| Runtime::estimate(named.clone()));
		let found = world.chain.run(|| Runtime::estimate(cheapest.clone())).unwrap().offer.unwrap();
		let accepted = world.accept(job);
		if takes {
			assert_eq!((told.unwrap().offer, found.offer), (Some(found), offer));
			assert_eq!(accepted, Ok(()));
		} else {
			assert_eq!((told, found.offer), (Err(EstimateError::AboveMaximum), other));
			let error = pallet_providers::Error::<Runtime>::PriceAboveMaximum;
			assert_eq!(accepted, Err(error.into()));
		}
	}
}

/// No program that is registered declares no step. If one did, jobs and estimates would refuse it.
#[test]
fn what_declares_no_step_is_refused_by_jobs_and_estimates_alike() {
	let mut world = World::new();
	let work = world.work(1);
	let request = world.request(&work);
	let asked = EstimateRequest {
		program: world.id,
		parameters: request.parameters.clone(),
		samples: SAMPLES,
		among: Among::Offer(world.offer),
	};
	world.chain.run(|| {
		let mut outline = mutirao_runtime::Programs::outline(&world.id).unwrap();
		outline.passes.clear();
		let outline: pallet_programs::Code = outline.encode().try_into().unwrap();
		pallet_programs::Outlines::<Runtime>::insert(world.id, outline);
	});
	let told = world.chain.run(|| Runtime::estimate(asked));
	assert_eq!(told, Err(EstimateError::DeclaresNoStep));
	let posted = world.chain.call(BUYER, pallet_jobs::Call::post { request });
	assert_eq!(posted, Err(pallet_jobs::Error::<Runtime>::DeclaresNoStep.into()));
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
