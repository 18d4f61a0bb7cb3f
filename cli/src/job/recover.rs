//! A job's record from what the chain knows: for others' jobs, and after the tool's folder was lost.

use mutirao_client::{
	types::{Job, JobId},
	AccountId, Balance, Chain,
};
use mutirao_machine_core::bytecode::Role;

use super::{
	buyer::Buyer,
	kernel::Kernel,
	record::{Buffer, Heights, Parameter, Record, VERSION},
	track::Standing,
};
use crate::{
	exit::{chain, failed, Failure},
	show,
};

impl<C: Chain> Buyer<'_, C> {
	/// A job's record and its program: the record that was kept, or one that is made from the chain.
	pub(crate) async fn find(&self, job: JobId) -> anyhow::Result<(Record, Kernel)> {
		if let Some(record) = self.records().load(job)? {
			let kernel = Kernel::find(self.chain, &record.program).await?;
			return Ok((record, kernel));
		}
		match Standing::of(self.chain, job).await.map_err(chain)? {
			Standing::Live(live) => {
				let kernel = Kernel::find(self.chain, &show::hex(&live.request.program)).await?;
				let record = self.recover(job, &live, &kernel);
				Ok((record, kernel))
			}
			Standing::Finished(_) => {
				let message = format!(
					"job {job} has ended, and this machine has no record of it: `mutirao job show {job}`"
				);
				Err(failed(Failure::NotFound, message))
			}
			Standing::Gone => {
				let message = format!("there is no job {job} on {}", self.chain_name);
				Err(failed(Failure::NotFound, message))
			}
		}
	}

	fn recover(&self, job: JobId, live: &Job<AccountId, Balance>, kernel: &Kernel) -> Record {
		let parameters = kernel.parameters().into_iter().zip(&live.request.parameters);
		let inputs = kernel.with_role(Role::Input).into_iter().zip(&live.request.inputs);
		let outputs = kernel.with_role(Role::Output).into_iter();
		Record {
			version: VERSION,
			genesis: show::hex(&self.genesis),
			chain: self.chain_name.clone(),
			job,
			buyer: show::address(&live.buyer),
			kernel: kernel.name.clone(),
			program: show::hex(&kernel.id),
			parameters: parameters
				.map(|(name, value)| Parameter { name: name.into(), value: *value })
				.collect(),
			inputs: inputs.map(|((_, name), id)| Buffer::new(&name, id)).collect(),
			transcript: Vec::new(),
			outputs: outputs.map(|(_, name)| name).collect(),
			save: Vec::new(),
			full: false,
			price_cap: live.request.price_cap.to_string(),
			audit_fee: live.audit_fee.to_string(),
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
