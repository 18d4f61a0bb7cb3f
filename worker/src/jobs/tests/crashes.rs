//! A worker that is killed at each point of a job, and started again, goes on as if nothing had happened.

use std::collections::BTreeSet;

use mutirao_client::pallets::{AttestationsExt, JobsExt};
use mutirao_types::{FaultKind, JobBuffer, JobId, JobStateKind, Verdict, Workgroup};

use crate::fault::{hook, POINTS};

use super::{
	super::{What, Worker},
	support::{faulty_program, gone, Flaky, Market, Mode, Scripted},
};

/// A round and what it starts, of a worker that may be killed in it. Whether it lives.
async fn lives(worker: &mut Worker<Flaky>) -> bool {
	for _ in 0..20 {
		if worker.round().await.is_err() || hook::stopped() {
			return false;
		}
		if worker.is_idle() {
			return true;
		}
		while !worker.is_idle() {
			if worker.landed().await.is_err() || hook::stopped() {
				return false;
			}
		}
	}
	true
}

/// Lets a job run to its end with one kill at a point; the points that were passed.
async fn with_a_kill(market: &Market, job: JobId, point: &str, skip: usize) -> BTreeSet<String> {
	hook::set(Some(point), skip);
	let mut passed: BTreeSet<String> = BTreeSet::new();
	let mut worker = market.worker();
	let mut demanded = false;
	for _ in 0..300 {
		if !lives(&mut worker).await {
			passed.extend(hook::passed());
			drop(worker);
			gone().await;
			hook::set(None, 0);
			// It takes a while to start again.
			market.chain.advance(3);
			worker = market.worker();
			continue;
		}
		let state = market.buyer.job(job).await.unwrap().map(|job| job.state.kind());
		if state == Some(JobStateKind::Contestable) && !demanded {
			demanded = true;
			market.buyer.demand(job, JobBuffer::Written(0), 0).await.unwrap();
		}
		market.chain.advance(1);
		passed.extend(hook::passed());
		let over = state.is_none() && worker.status().borrow().jobs.is_empty();
		if over && passed.contains("after-forget") {
			break;
		}
	}
	hook::set(None, 0);
	passed
}

/// Each call took effect once, and none was sent that the chain had to refuse.
fn assert_sent_once(market: &Market, job: JobId, at: &str) {
	let seen = market.provider.seen();
	for one in seen.iter().filter(|one| one.job == job) {
		assert_eq!(one.error, None, "{at}: {one:?}");
		assert_eq!(market.provider.count(job, one.what), 1, "{at}: {one:?}");
	}
}

#[tokio::test]
async fn a_kill_at_any_point_of_a_job_that_goes_well_costs_nothing() {
	let mut passed = BTreeSet::new();
	let bad = ["prove-fault", "give-up", "redraw"];
	for point in POINTS.iter().filter(|point| !bad.iter().any(|bad| point.ends_with(bad))) {
		for skip in 0..2 {
			let market = Market::new().await;
			let job = market.post().await;
			let at = format!("{point}, after {skip}");
			passed.extend(with_a_kill(&market, job, point, skip).await);
			assert_eq!(market.verdict(job).await, Some(Verdict::Settled), "{at}");
			assert_sent_once(&market, job, &at);
			assert_eq!(market.provider.count(job, What::Supply(JobBuffer::Written(0), 0)), 1);
			assert!(market.store().owners().is_empty(), "{at}: {:?}", market.store().owners());
		}
	}
	for point in POINTS.iter().filter(|point| !bad.iter().any(|bad| point.ends_with(bad))) {
		assert!(passed.contains(*point), "{point} is never reached");
	}
}

#[tokio::test]
async fn a_kill_while_a_fault_is_proven_or_a_job_is_given_up_costs_nothing_more() {
	for point in ["before-prove-fault", "after-prove-fault", "before-give-up", "after-give-up"] {
		let gives_up = point.ends_with("give-up");
		let mode = if gives_up { Mode::Broken } else { Mode::Honest };
		let mut market = Market::with(vec![Scripted::new("one", mode)]).await;
		market.use_program(faulty_program());
		let job = market.post().await;
		let workgroup = Workgroup { pass: 0, number: 1 };
		market.chain.plant_fault(job, workgroup, FaultKind::Fuel);
		with_a_kill(&market, job, point, 0).await;
		let expected = match gives_up {
			true => Verdict::Refunded(mutirao_types::RefundReason::GivenUp),
			false => Verdict::Faulted(FaultKind::Fuel),
		};
		assert_eq!(market.verdict(job).await, Some(expected), "{point}");
		assert_sent_once(&market, job, point);
		assert!(market.provider.attestation(job).await.unwrap().is_none());
	}
}
