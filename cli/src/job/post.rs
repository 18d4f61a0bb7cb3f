//! Posting a job, and remembering that.

use mutirao_client::{
	money,
	pallets::{JobsCall, JobsEvent},
	types::{JobId, Target},
	AccountId, Balance, Chain, Event,
};
use mutirao_machine_core::bytecode::Role;

use super::{
	buyer::Buyer,
	offers::Listed,
	place::Wishes,
	record::{Buffer, Heights, Parameter, Record, VERSION},
	request::Work,
};
use crate::{
	exit::{chain, failed, Failure},
	show,
};

impl<C: Chain> Buyer<'_, C> {
	/// Posts the work for these offers, its program first if that is not on the chain, and remembers it.
	/// `fees`: what was paid before.
	pub(crate) async fn post(
		&self,
		work: &Work,
		offers: &[(Listed, Balance)],
		inputs: &[Vec<u8>],
		wishes: &Wishes,
		fees: Balance,
	) -> anyhow::Result<Record> {
		let dearest = offers.iter().map(|(_, price)| *price).max().unwrap_or(0);
		let (target, cap) = match offers {
			[(offer, price)] if !wishes.open => (Target::Offer(offer.id), *price),
			_ => (Target::Anyone, wishes.max_price.unwrap_or(dearest)),
		};
		// What the offer does not ask for comes back when it accepts.
		let cap = cap.max(self.terms.minimum_price_cap);
		let requirements = wishes.requirements.clone();
		let request = work.request(target, requirements, cap, wishes.samples, wishes.times)?;
		// Before each attempt: whoever registered it may have removed it meanwhile.
		let fees = fees.saturating_add(self.register(&work.kernel).await?);
		let audit_fee = self.chain.audit_fee(request.clone()).await.map_err(chain)?;
		let audit_fee = audit_fee.ok_or_else(|| removed(work))?;
		self.announce(work, target, (cap, audit_fee), wishes)?;
		let included = match self.chain.submit(JobsCall::Post { request }.into()).await {
			Err(error) if error.pallet_error() == Some(("Programs", "NoSuchProgram")) => {
				return Err(removed(work))
			}
			made => made.map_err(chain)?,
		};
		let posted = included.find("Jobs.Posted", |event| match event {
			Event::Jobs(JobsEvent::Posted { job, audit_fee, .. }) => Some((*job, *audit_fee)),
			_ => None,
		});
		let (job, audit_fee) = posted.map_err(chain)?;
		let mut record = self.new_record(work, job, wishes, (cap, audit_fee));
		record.heights.posted = Some(included.block_number);
		record.next_block = included.block_number;
		record.pay(fees.saturating_add(included.fee));
		// The record first: whatever happens from here on, the job can be gone on with.
		self.records().save(&record)?;
		self.note_posted(Some(job));
		let store = self.store(job)?;
		for input in inputs {
			store.put(input)?;
		}
		store.pin("inputs", &work.inputs)?;
		self.say("posted", format!("job {job}, in block {}", included.block_number));
		Ok(record)
	}

	/// Says what is about to be posted, and what that puts on hold.
	fn announce(
		&self,
		work: &Work,
		target: Target,
		(cap, audit_fee): (Balance, Balance),
		wishes: &Wishes,
	) -> anyhow::Result<()> {
		let summary = work.kernel.summary(&work.parameters)?;
		let to = match target {
			Target::Offer(offer) => format!("to offer {offer}"),
			Target::Anyone => "to anyone".into(),
		};
		let text = format!(
			"posting {} {to}: at most {}, and {} for {} audits; {} more are on hold until `mutirao job prune`",
			work.kernel.name,
			money::display(cap),
			money::display(audit_fee),
			wishes.samples,
			money::display(self.terms.job_deposit(summary.written().count()))
		);
		self.say("posting", text);
		Ok(())
	}

	fn new_record(
		&self,
		work: &Work,
		job: JobId,
		wishes: &Wishes,
		(cap, audit_fee): (Balance, Balance),
	) -> Record {
		let names = work.kernel.parameters().into_iter();
		let parameters = names.zip(&work.parameters);
		let inputs = work.kernel.with_role(Role::Input).into_iter().zip(&work.inputs);
		let outputs = work.kernel.with_role(Role::Output).into_iter();
		Record {
			version: VERSION,
			genesis: show::hex(&self.genesis),
			chain: self.chain_name.clone(),
			job,
			buyer: show::address(&AccountId::from(self.key.public_key().0)),
			kernel: work.kernel.name.clone(),
			program: show::hex(&work.kernel.id),
			parameters: parameters
				.map(|(name, value)| Parameter { name: name.into(), value: *value })
				.collect(),
			inputs: inputs.map(|((_, name), id)| Buffer::new(&name, id)).collect(),
			transcript: Vec::new(),
			outputs: outputs.map(|(_, name)| name).collect(),
			save: wishes.save.clone(),
			full: wishes.full,
			price_cap: cap.to_string(),
			audit_fee: audit_fee.to_string(),
			fees: "0".into(),
			deal: None,
			audits: Vec::new(),
			heights: Heights::default(),
			next_block: 0,
			check: None,
			verdict: None,
			returned: None,
			earned: None,
			demands: Vec::new(),
			replaced_by: None,
		}
	}
}

fn removed(work: &Work) -> anyhow::Error {
	let message = format!(
		"the chain does not know {} (any more): whoever registered it has removed it. Submit the job \
		 again, which registers it in your name",
		work.kernel.name
	);
	failed(Failure::Call, message)
}
