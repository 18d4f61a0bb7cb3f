//! `mutirao job show`.

use clap::Args;
use mutirao_client::{
	money,
	pallets::{AttestationsExt, JobsExt},
	types::{JobId, JobStateKind, Target},
	Client,
};
use serde::Serialize;

use crate::{
	exit::{chain, failed, Failure},
	job::{
		costs::Costs,
		record::{Audit, Buffer, Records},
		track::{catch_up, complete, Standing},
	},
	output::{print, Format},
	settings::{ChainArgs, DataArgs},
	show,
};

/// Arguments of `show`.
#[derive(Args)]
pub(crate) struct Show {
	/// The job's number.
	job: JobId,
	#[command(flatten)]
	data: DataArgs,
	#[command(flatten)]
	chain: ChainArgs,
}

#[derive(Default, Serialize)]
struct Shown {
	job: JobId,
	stage: &'static str,
	verdict: Option<&'static str>,
	buyer: String,
	program: String,
	/// Moments are active blocks since genesis; `now` is the present one.
	now: u32,
	until: Option<u32>,
	ended_at: Option<u32>,
	parameters: Vec<u32>,
	inputs: Vec<Buffer>,
	/// The only offer that may accept it.
	offer_only: Option<u64>,
	price_cap: Option<String>,
	audit_fee: Option<String>,
	declared_steps: Option<u64>,
	provider: Option<String>,
	offer: Option<u64>,
	price: Option<String>,
	collateral: Option<String>,
	transcript: Vec<Buffer>,
	audits: Vec<Audit>,
	demands: u8,
	/// What it has cost so far, by this machine's record of it, if there is one.
	costs: Option<Costs>,
}

impl Show {
	/// Shows the job.
	pub(crate) async fn run(self, format: Format) -> anyhow::Result<()> {
		let client = self.chain.connect().await?;
		let mut shown = Shown { job: self.job, ..Shown::default() };
		shown.now = client.now().await.map_err(chain)?;
		let deal = if let Some(live) = client.job(self.job).await.map_err(chain)? {
			shown.stage = show::stage(live.state.kind());
			shown.buyer = show::address(&live.buyer);
			shown.program = show::hex(&live.request.program);
			shown.until = Some(live.state.until());
			shown.parameters = live.request.parameters.to_vec();
			shown.inputs = live.request.inputs.iter().map(|id| Buffer::new("", id)).collect();
			shown.offer_only = match live.request.target {
				Target::Offer(offer) => Some(offer),
				Target::Anyone => None,
			};
			shown.price_cap = Some(live.request.price_cap.to_string());
			shown.audit_fee = Some(live.audit_fee.to_string());
			shown.declared_steps = Some(live.declared_steps);
			self.attestation(&client, &mut shown).await?;
			live.state.deal().cloned()
		} else if let Some(ended) = client.finished_job(self.job).await.map_err(chain)? {
			shown.stage = show::stage(JobStateKind::Finished);
			shown.verdict = Some(show::verdict(ended.verdict));
			shown.buyer = show::address(&ended.buyer);
			shown.program = show::hex(&ended.program);
			shown.ended_at = Some(ended.ended_at);
			ended.deal
		} else {
			let message =
				format!("there is no job {}, or it was forgotten 30 days after its end", self.job);
			return Err(failed(Failure::NotFound, message));
		};
		if let Some(deal) = deal {
			shown.provider = Some(show::address(&deal.provider));
			shown.offer = Some(deal.offer);
			shown.price = Some(deal.price.to_string());
			shown.collateral = Some(deal.collateral.to_string());
		}
		shown.costs = self.costs(&client).await?;
		Ok(print(format, &shown, text)?)
	}

	/// What this machine knows of the costs, with what blocks tell since it last looked.
	async fn costs(&self, client: &Client) -> anyhow::Result<Option<Costs>> {
		// Without a folder there are no records.
		let Ok(folder) = self.data.folder() else { return Ok(None) };
		let Some(mut record) = Records::new(&folder, &client.genesis()).load(self.job)? else {
			return Ok(None);
		};
		let terms = client.job_terms().await.map_err(chain)?;
		let standing = Standing::of(client, self.job).await.map_err(chain)?;
		catch_up(client, &mut record, terms.demand_deposit).await.map_err(chain)?;
		complete(client, &mut record, &standing).await.map_err(chain)?;
		Ok(Some(Costs::of(&record, terms.protocol_fee)))
	}

	async fn attestation(
		&self,
		client: &impl AttestationsExt,
		shown: &mut Shown,
	) -> anyhow::Result<()> {
		let Some(attestation) = client.attestation(self.job).await.map_err(chain)? else {
			return Ok(());
		};
		shown.transcript = attestation.transcript.iter().map(|id| Buffer::new("", id)).collect();
		shown.demands = attestation.demands;
		let samples = client.samples(self.job).await.map_err(chain)?.unwrap_or_default();
		let audit = |sample: mutirao_client::types::Sample| Audit {
			pass: sample.workgroup.pass,
			workgroup: sample.workgroup.number,
			passed: sample.opened,
		};
		shown.audits = samples.into_iter().map(audit).collect();
		Ok(())
	}
}

fn text(shown: &Shown) -> String {
	let display = |planck: &str| money::display(planck.parse().unwrap_or(0));
	let stage = shown.verdict.unwrap_or(shown.stage);
	let mut text = format!("job {}: {stage}\n  buyer: {}\n", shown.job, shown.buyer);
	text += &format!("  program: {}\n", shown.program);
	if let Some(until) = shown.until {
		let left = show::blocks(until.saturating_sub(shown.now).into());
		text += &format!("  this stage may last {left} more\n");
	}
	if let (Some(provider), Some(offer)) = (&shown.provider, shown.offer) {
		text += &format!("  provider: {provider}, offer {offer}\n");
	}
	match (&shown.price, &shown.price_cap) {
		(Some(price), _) => text += &format!("  price: {}\n", display(price)),
		(None, Some(cap)) => text += &format!("  price: at most {}\n", display(cap)),
		(None, None) => {}
	}
	if !shown.audits.is_empty() {
		let passed = shown.audits.iter().filter(|audit| audit.passed).count();
		text += &format!("  audits: {passed} of {} passed\n", shown.audits.len());
	}
	if let Some(costs) = &shown.costs {
		text += &format!("  cost so far: {}\n", costs.text());
	}
	for buffer in &shown.transcript {
		text += &format!("  written: {} ({})\n", buffer.blake3, show::bytes(buffer.bytes));
	}
	text
}
