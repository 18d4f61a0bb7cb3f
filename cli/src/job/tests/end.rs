//! How jobs are left, stopped and forgotten.

use std::time::Duration;

use mutirao_client::{
	pallets::JobsExt as _,
	types::{JobStateKind, Times},
	Submit as _,
};
use tokio::time::{sleep, timeout};

use super::{
	super::{buyer::Buyer, place::Wishes, record::Save, save},
	check,
	market::market,
	provider::Manner,
};
use crate::exit::{failure_of, Failure};

/// Whoever presses Ctrl-C before anybody has accepted learns what was posted, and what to do with it.
#[tokio::test(flavor = "multi_thread")]
async fn stopping_while_a_job_waits_names_it() {
	let market = market(&[(50, Manner::Idle)]).await;
	let (buyer, wishes) = (market.buyer(), market.wishes());
	let posted = async {
		while market.account.jobs_at(JobStateKind::Open).await.unwrap().is_empty() {
			sleep(Duration::from_millis(20)).await;
		}
		// The record is written right after that.
		sleep(Duration::from_millis(300)).await;
		Ok(())
	};
	let (work, inputs) = market.work();
	let book = super::market::Book(market.account.clone());
	let placing = buyer.place(&book, &work, &inputs, &wishes, true);
	let error = buyer.unless_stopped(placing, posted).await.unwrap_err();
	assert_eq!(failure_of(&error), Failure::Unfinished);
	let text = error.to_string();
	assert!(text.contains("job watch 0") && text.contains("job cancel 0"), "{text}");
	market.buyer().record(0).unwrap();
	// Before that there is none to name.
	let never = std::future::pending::<anyhow::Result<()>>();
	let error = market.buyer().unless_stopped(never, async { Ok(()) }).await.unwrap_err();
	assert!(error.to_string().contains("no job"), "{error}");
}

/// Its deadline is not waited for.
#[tokio::test(flavor = "multi_thread")]
async fn the_next_offer_is_asked_when_the_first_cannot_be_reached() {
	let market = market(&[(10, Manner::Absent), (50, Manner::Honest)]).await;
	let times = Times { accept_within: 10_000, ..market.wishes().times };
	let wishes = Wishes { times, ..market.wishes() };
	let placed = timeout(Duration::from_secs(60), market.place(&wishes)).await;
	let record = placed.expect("in time").unwrap();
	assert_eq!((record.job, record.deal.unwrap().offer), (1, 1));
	let first = market.buyer().record(0).unwrap();
	assert_eq!(first.verdict.as_deref(), Some("refunded: cancelled"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_is_pruned_when_it_is_old_enough_and_not_before() {
	let market = market(&[(50, Manner::Idle)]).await;
	let mut buyer: Buyer<'_, _> = market.buyer();
	buyer.terms.history_blocks = 1_000_000;
	let (work, inputs) = market.work();
	let wishes = market.wishes();
	let book = super::market::Book(market.account.clone());
	let job = buyer.place(&book, &work, &inputs, &wishes, false).await.unwrap().job;
	let refused = buyer.prune(job).await.unwrap_err();
	assert_eq!(failure_of(&refused), Failure::Unfinished, "{refused:#}");
	market.account.cancel(job).await.unwrap();
	let refused = buyer.prune(job).await.unwrap_err();
	assert_eq!(failure_of(&refused), Failure::Call);
	assert!(refused.to_string().contains("blocks ("), "{refused:#}");
	buyer.terms.history_blocks = 3;
	market.chain.advance(4);
	assert_eq!(buyer.prune(job).await.unwrap().buyer, market.account.account());
	assert_eq!(market.account.finished_job(job).await.unwrap(), None);
	let refused = buyer.prune(job).await.unwrap_err();
	assert_eq!(failure_of(&refused), Failure::NotFound, "{refused:#}");
}

/// Neither the others nor the receipt depend on it.
#[tokio::test(flavor = "multi_thread")]
async fn an_output_that_cannot_be_saved_is_told_after_the_rest_is_written() {
	let market = market(&[(50, Manner::Honest)]).await;
	let mut record = market.run(&market.wishes(), check(false, false)).await.unwrap();
	let store = market.buyer().store(record.job).unwrap();
	save::write(&record, &store).unwrap().all(&record).unwrap();
	record.save = vec![Save { name: "edges".into(), to: "rgba:/tmp/never-written.png".into() }];
	let written = save::write(&record, &store).unwrap();
	assert_eq!(written.outputs.len(), 1);
	assert_eq!(
		(written.outputs[0].bytes, &written.outputs[0].file),
		(record.transcript[0].bytes, &None)
	);
	let error = written.all(&record).unwrap_err();
	assert_eq!(failure_of(&error), Failure::Unavailable);
	assert!(error.to_string().contains("job fetch"), "{error:#}");
}
