mod accept;
mod arrows;
mod cancel;
mod edges;
mod fees;
mod figures;
mod give_up;
mod invariants;
mod post;
mod post_batch;
mod prune;
mod settle;
mod time;
mod walk;

use crate::{
	mock::*, AllTime, Call, Error, Event, History, Jobs as Live, JobsByBuyer, JobsByProvider,
	JobsByState, NextJob, Payout, RequestOf,
};
use frame_support::{assert_noop, assert_ok, dispatch::Pays, storage::with_storage_layer};
use mutirao_traits::{Conduct, Jobs as _, Standing};
use mutirao_types::{
	BufferId, Deal, FaultKind, JobId, JobState, JobStateKind, OfferId, RefundReason, SlashReport,
	Target, Times, Verdict,
};
use sp_runtime::{traits::Dispatchable, DispatchError, DispatchResult};

const CAP: u64 = 600_017;
/// Four workgroups, each a tenth of a planck for each of 1,003 steps, rounded down, and one more.
const AUDIT_FEE: u64 = 404;
/// For one of them.
const SHARE: u64 = 101;
const OFFER: OfferId = 7;
const ACCEPT: u32 = 20;
const ATTEST: u32 = 30;
const CONTEST: u32 = 10;
/// How long the drawn workgroups may take.
const OPEN: u32 = 15;

fn request() -> RequestOf<Test> {
	let input = |bytes| BufferId { hash: [1; 32], bytes };
	RequestOf::<Test> {
		program: [9; 32],
		parameters: vec![4, 5].try_into().unwrap(),
		inputs: vec![input(100), input(3)].try_into().unwrap(),
		target: Target::Anyone,
		requirements: Default::default(),
		price_cap: CAP,
		samples: 4,
		times: Times { accept_within: ACCEPT, attest_within: ATTEST, contest_for: CONTEST },
	}
}

/// Sends a call as a transaction does: all of it or nothing. Returns whether the fee is kept.
fn send(who: AccountId, call: Call<Test>) -> Result<Pays, DispatchError> {
	let sent = RuntimeCall::from(call).dispatch(RuntimeOrigin::signed(who));
	sent.map(|info| info.pays_fee).map_err(|error| error.error)
}

fn post(request: RequestOf<Test>) -> Result<Pays, DispatchError> {
	send(BIA, Call::post { request })
}

fn accept(job: JobId) -> Result<Pays, DispatchError> {
	send(PIA, Call::accept { job, offer: OFFER })
}

fn settle(job: JobId) -> Result<Pays, DispatchError> {
	send(ANA, Call::settle { job })
}

/// A job of Bia's that nobody has accepted.
fn open() -> JobId {
	let id = NextJob::<Test>::get();
	assert_ok!(post(request()));
	id
}

/// One that Pia has accepted.
fn running() -> JobId {
	let id = open();
	assert_ok!(accept(id));
	id
}

/// One that she has attested.
fn attested() -> JobId {
	let id = running();
	assert_ok!(Jobs::attested(id, &PIA, OPEN));
	id
}

/// One whose drawn workgroups were right.
fn contestable() -> JobId {
	let id = attested();
	assert_ok!(Jobs::audited(id));
	id
}

/// One in each stage that has a deal.
fn accepted_ones() -> [JobId; 3] {
	[running(), attested(), contestable()]
}

fn state(job: JobId) -> JobState<AccountId, u64> {
	Live::<Test>::get(job).expect("the job is live").job.state
}

fn verdict(job: JobId) -> Verdict {
	History::<Test>::get(job).expect("the job has ended").job.verdict
}

fn deal() -> Deal<AccountId, u64> {
	Deal { provider: PIA, offer: OFFER, price: PRICE, collateral: COLLATERAL }
}

/// Lets time pass until a moment.
fn pass_until(moment: u32) {
	pass(moment - Jobs::now());
}

fn assert_finished(
	job: JobId,
	verdict: Verdict,
	[provider, treasury, buyer]: [u64; 3],
	slash: Option<SlashReport<u64>>,
) {
	let payout = Payout { provider, treasury, buyer };
	System::assert_last_event(Event::Finished { job, verdict, payout, slash }.into());
}
