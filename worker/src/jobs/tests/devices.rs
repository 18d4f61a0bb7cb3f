//! Devices that are wrong, and programs that are.

use mutirao_client::{pallets::AttestationsCall, Call, DispatchError, Error};
use mutirao_types::{FaultKind, RefundReason, Verdict, Workgroup};

use super::{
	super::What,
	support::{faulty_program, late_fault, step, Market, Mode, Scripted},
};

#[tokio::test]
async fn a_device_that_computes_wrong_is_quarantined_and_another_one_does_the_job() {
	let devices = vec![Scripted::new("liar", Mode::Liar), Scripted::honest("other")];
	let market = Market::with(devices).await;
	let mut worker = market.worker();
	let directed = mutirao_types::JobRequest {
		target: mutirao_types::Target::Offer(market.offers[0]),
		..market.request()
	};
	let job = market.post_as(directed.clone()).await;
	assert_eq!(market.until_over(&mut worker, job).await, Verdict::Settled);
	assert_eq!((market.devices[0].runs(), market.devices[1].runs()), (1, 1));
	assert_eq!(market.provider.count(job, What::Attest), 1);
	// And it gets no other job.
	let next = market.post_as(directed).await;
	step(&mut worker).await;
	let refused = worker.status().borrow().refused.clone();
	assert_eq!(refused, [(next, "the device is out of order".to_owned())]);
}

#[tokio::test]
async fn without_another_device_a_wrong_one_hands_the_job_back_and_never_attests() {
	let market = Market::with(vec![Scripted::new("liar", Mode::Liar)]).await;
	let mut worker = market.worker();
	let job = market.post().await;
	let verdict = market.until_over(&mut worker, job).await;
	assert_eq!(verdict, Verdict::Refunded(RefundReason::GivenUp));
	assert_eq!(market.provider.count(job, What::Attest), 0);
}

#[tokio::test]
async fn an_endless_or_broken_device_costs_a_job_only_if_there_is_no_other() {
	for mode in [Mode::Endless, Mode::Broken] {
		let market = Market::with(vec![Scripted::new("bad", mode)]).await;
		let mut worker = market.worker();
		let job = market.post().await;
		let verdict = market.until_over(&mut worker, job).await;
		assert_eq!(verdict, Verdict::Refunded(RefundReason::GivenUp), "{mode:?}");

		let devices = vec![Scripted::new("bad", mode), Scripted::honest("good")];
		let market = Market::with(devices).await;
		let mut worker = market.worker();
		let job = market.post().await;
		assert_eq!(market.until_over(&mut worker, job).await, Verdict::Settled, "{mode:?}");
	}
}

#[tokio::test]
async fn a_device_that_blames_the_program_is_not_believed_without_the_vm() {
	let devices = vec![Scripted::new("blames", Mode::Blames), Scripted::honest("other")];
	let market = Market::with(devices).await;
	let mut worker = market.worker();
	let job = market.post().await;
	assert_eq!(market.until_over(&mut worker, job).await, Verdict::Settled);
	assert_eq!(market.provider.count(job, What::ProveFault), 0);
}

#[tokio::test]
async fn a_program_at_fault_is_proven_before_anything_is_attested() {
	let mut market = Market::new().await;
	market.use_program(faulty_program());
	let mut worker = market.worker();
	let job = market.post().await;
	let workgroup = Workgroup { pass: 0, number: 1 };
	market.chain.plant_fault(job, workgroup, FaultKind::Fuel);
	let verdict = market.until_over(&mut worker, job).await;
	assert_eq!(verdict, Verdict::Faulted(FaultKind::Fuel));
	assert_eq!(market.provider.count(job, What::Attest), 0);
	assert_eq!(worker.status().borrow().earnings.faulted, 1);
}

/// It cannot be proven before there are results. To hand the job back would cost stake, and a buyer could
/// ask for it again and again.
#[tokio::test]
async fn a_fault_in_a_pass_that_reads_what_others_wrote_is_attested_and_opened() {
	let mut market = Market::new().await;
	market.use_program(late_fault());
	let mut worker = market.worker();
	let job = market.post().await;
	let [faulty, right] = [1, 0].map(|number| Workgroup { pass: 1, number });
	market.chain.draw(job, vec![faulty, right]);
	assert_eq!(market.until_over(&mut worker, job).await, Verdict::Settled);
	for what in [What::Attest, What::Open(0), What::Open(1)] {
		assert_eq!(market.provider.count(job, what), 1, "{what:?}");
	}
	for what in [What::GiveUp, What::ProveFault] {
		assert_eq!(market.provider.count(job, what), 0, "{what:?}");
	}
	assert_eq!(market.devices[0].runs(), 1);
}

/// A device stops only where a fault can be proven.
#[tokio::test]
async fn a_device_that_stops_at_a_fault_in_written_buffers_is_not_to_be_trusted() {
	let devices = vec![Scripted::new("blames", Mode::BlamesLate), Scripted::honest("other")];
	let market = Market::with(devices).await;
	let mut worker = market.worker();
	let job = market.post().await;
	assert_eq!(market.until_over(&mut worker, job).await, Verdict::Settled);
	assert_eq!((market.devices[0].runs(), market.devices[1].runs()), (1, 1));
}

#[tokio::test]
async fn a_fault_that_the_chain_does_not_see_ends_in_giving_up() {
	let mut market = Market::new().await;
	market.use_program(faulty_program());
	let mut worker = market.worker();
	// The fake chain knows of no fault here.
	let job = market.post().await;
	let verdict = market.until_over(&mut worker, job).await;
	assert_eq!(verdict, Verdict::Refunded(RefundReason::GivenUp));
	assert_eq!(market.provider.count(job, What::ProveFault), 1, "it is not tried again");
}

/// To hand a job back costs a quarter of its collateral.
#[tokio::test]
async fn a_proof_of_a_fault_that_is_refused_for_a_reason_that_may_pass_is_shown_again() {
	let reasons = [
		DispatchError::Runtime { name: "Exhausted".into(), meaning: "the block is full" },
		DispatchError::Runtime { name: "Token.FundsUnavailable".into(), meaning: "no money" },
		DispatchError::Pallet {
			pallet: "Proxy".into(),
			name: "NotProxy".into(),
			meaning: String::new(),
		},
	];
	for error in reasons {
		let mut market = Market::new().await;
		market.use_program(faulty_program());
		let mut worker = market.worker();
		let job = market.post().await;
		market.chain.plant_fault(job, Workgroup { pass: 0, number: 1 }, FaultKind::Fuel);
		let is_proof =
			|call: &Call| matches!(call, Call::Attestations(AttestationsCall::ProveFault { .. }));
		let (transaction, block) = Default::default();
		market.provider.refuse_once(is_proof, Error::Failed { error, transaction, block, fee: 0 });
		let verdict = market.until_over(&mut worker, job).await;
		assert_eq!(verdict, Verdict::Faulted(FaultKind::Fuel));
		assert_eq!(market.provider.count(job, What::ProveFault), 2);
		assert_eq!(market.provider.count(job, What::GiveUp), 0);
	}
}
