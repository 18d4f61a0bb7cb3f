//! What others do between two steps of a buyer.

use mutirao_client::{
	pallets::{JobsCall, JobsExt as _, ProgramsCall, ProgramsExt as _, ProvidersExt as _},
	types::{JobStateKind, OfferTerms},
	Submit as _,
};

use super::{
	super::offers::OfferBook as _,
	market::{market, Book, Market, Stale},
	provider::Manner,
};
use crate::exit::{failure_of, Failure};

/// Whoever registered the market's program.
const DEPOSITOR: [u8; 32] = [0; 32];

#[tokio::test(flavor = "multi_thread")]
async fn a_job_goes_on_when_another_registers_its_program_first() {
	let market = market(&[(50, Manner::Honest)]).await;
	let (program, code) = (market.kernel.id, market.kernel.code.clone());
	market.chain.account(DEPOSITOR).remove_program(program).await.unwrap();
	market.chain.set_fee(7);
	let other = market.chain.account([2; 32]);
	market.chain.overtake_next_call(&other, ProgramsCall::Register { code }.into());
	let record = market.place(&market.wishes()).await.unwrap();
	let registered = market.account.program(program).await.unwrap().unwrap();
	assert_eq!(registered.depositor, other.account());
	// The call that was refused, and the post.
	assert_eq!(record.fees, "14");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_that_is_removed_at_the_last_moment_is_told() {
	let market = market(&[(50, Manner::Honest)]).await;
	let remove = ProgramsCall::Remove { program: market.kernel.id };
	market.chain.overtake_next_call(&market.chain.account(DEPOSITOR), remove.into());
	let error = market.place(&market.wishes()).await.unwrap_err();
	assert_eq!(failure_of(&error), Failure::Call);
	assert!(error.to_string().contains("Submit the job again"), "{error:#}");
	// Which then helps.
	let record = market.place(&market.wishes()).await.unwrap();
	let registered = market.account.program(market.kernel.id).await.unwrap().unwrap();
	assert_eq!((registered.depositor, record.job), (market.account.account(), 0));
}

async fn raise(market: &Market, provider: u8, price: u128) {
	let account = market.provider(provider);
	let terms = market.account.offer(provider.into()).await.unwrap().unwrap().terms;
	let terms = OfferTerms { price_per_gigastep: price, minimum_price: price, ..terms };
	account.change_offer(provider.into(), terms).await.unwrap();
}

/// No money is spent on an offer that cannot accept any more.
#[tokio::test(flavor = "multi_thread")]
async fn an_offer_that_changed_since_it_was_listed_is_skipped() {
	let market = market(&[(1_000, Manner::Honest), (2_000, Manner::Honest)]).await;
	let listed = Stale(Book(market.account.clone()).offers().await.unwrap());
	let cap = market.buyer().terms.minimum_price_cap;
	raise(&market, 0, cap + 1).await;
	let record = market.place_by(&listed, &market.wishes()).await.unwrap();
	assert_eq!((record.job, record.deal.unwrap().offer), (0, 1));
	raise(&market, 1, cap + 1).await;
	let error = market.place_by(&listed, &market.wishes()).await.unwrap_err();
	assert_eq!(failure_of(&error), Failure::NoOffer);
	let text = error.to_string();
	assert!(text.contains("offer 1 asks") && text.contains("submit the job again"), "{text}");
	assert!(market.account.jobs_at(JobStateKind::Open).await.unwrap().is_empty());
}

/// What an offer came to while the job waited for it stands in the error.
#[tokio::test(flavor = "multi_thread")]
async fn an_offer_that_changes_while_a_job_waits_is_told() {
	let market = market(&[(1_000, Manner::Idle)]).await;
	let wishes = market.wishes();
	let (placed, ()) = tokio::join!(market.place(&wishes), async {
		while market.account.jobs_at(JobStateKind::Open).await.unwrap().is_empty() {
			tokio::time::sleep(std::time::Duration::from_millis(20)).await;
		}
		market.provider(0).withdraw_offer(0).await.unwrap();
	});
	let error = placed.unwrap_err().to_string();
	assert!(error.contains("offer 0 is gone"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn fees_of_refused_calls_are_the_jobs() {
	let market = market(&[(50, Manner::Honest)]).await;
	let mut record = market.place(&market.wishes()).await.unwrap();
	market.chain.set_fee(7);
	let call = JobsCall::Cancel { job: record.job };
	let refused = market.buyer().call(&mut record, call).await;
	assert_eq!(refused.unwrap_err().pallet_error(), Some(("Jobs", "NotOpen")));
	assert_eq!(record.fees, "7");
}
