//! A chain, and what scenarios ask of it: each has its own provider and its own buyer.

use anyhow::{ensure, Context, Result};
use mutirao_client::{
	pallets::{JobsExt as _, ProvidersExt as _},
	types::{FinishedJob, Job, JobId, JobState, JobStateKind, Provider as ProviderRecord},
	AccountId, Balance, Client, Options,
};
use mutirao_e2e::{wait_for, Buyer, Node, NodeOptions, Provider};
use serde_json::Value;
use std::time::Duration;
use subxt::dynamic::Value as Key;

use crate::work::Work;

/// A job may wait for several workers on two cores.
pub(crate) const LONG: Duration = Duration::from_secs(300);

/// A running chain, and whoever looks at it.
pub(crate) struct World {
	pub(crate) client: Client,
	endpoints: Vec<String>,
	/// Ends with this world, unless a scenario looks after its nodes itself.
	_node: Option<Node>,
}

/// The arguments of a development node that remembers all its blocks: scenarios read back what happened.
pub(crate) fn node_options() -> Result<NodeOptions> {
	NodeOptions::new(&["--dev", "--state-pruning", "archive-canonical"])
}

impl World {
	/// A development chain of its own.
	pub(crate) async fn start() -> Result<Self> {
		let node = node_options()?.start().await?;
		let world = Self::at(vec![node.ws_url()]).await?;
		Ok(Self { _node: Some(node), ..world })
	}

	/// A chain whose nodes run already. Everybody tries them in this order.
	pub(crate) async fn at(endpoints: Vec<String>) -> Result<Self> {
		let client = Client::open(Options::new(endpoints.clone())?).await?;
		Ok(Self { client, endpoints, _node: None })
	}

	/// A provider on the VM, which any machine has.
	pub(crate) async fn provider(&self, name: &str) -> Result<Provider> {
		self.provider_with(name, "vm", &[]).await
	}

	pub(crate) async fn provider_with(
		&self,
		name: &str,
		adapter: &str,
		arguments: &[&str],
	) -> Result<Provider> {
		Provider::register_at(&self.endpoints, &self.client, name, adapter, arguments).await
	}

	pub(crate) async fn buyer(&self, name: &str) -> Result<Buyer> {
		Buyer::at(&self.endpoints, &self.client, name).await
	}

	/// How a job ended.
	pub(crate) async fn finished(&self, job: JobId) -> Result<FinishedJob<AccountId, Balance>> {
		let client = self.client.clone();
		let ended = wait_for("the job to end", LONG, || {
			let client = client.clone();
			async move { Ok(client.finished_job(job).await?) }
		});
		Ok(ended.await?.0)
	}

	/// Waits until the chain has a job of this buyer; its number.
	pub(crate) async fn job_of(&self, buyer: &Buyer) -> Result<JobId> {
		let (client, account) = (self.client.clone(), buyer.account());
		let posted = wait_for("the job to be posted", LONG, || {
			let client = client.clone();
			async move { Ok(client.jobs_of_buyer(account).await?.first().copied()) }
		});
		Ok(posted.await?.0)
	}

	/// Waits until a job is in such a stage.
	pub(crate) async fn job_is(
		&self,
		job: JobId,
		is: impl Fn(&JobState<AccountId, Balance>) -> bool,
	) -> Result<Job<AccountId, Balance>> {
		let client = self.client.clone();
		let reached = wait_for("the job's stage", LONG, || {
			let (client, is) = (client.clone(), &is);
			async move { Ok(client.job(job).await?.filter(|job| is(&job.state))) }
		});
		Ok(reached.await?.0)
	}

	/// What of an account's money is on hold, and why, in the chain's words.
	pub(crate) async fn holds(&self, account: AccountId) -> Result<String> {
		let at = self.client.chain().at_current_block().await?;
		let query = subxt::dynamic::storage::<(Key,), Key>("Balances", "Holds");
		let found = at.storage().entry(query)?.fetch((Key::from_bytes(account),)).await?;
		Ok(found.decode()?.to_string())
	}

	/// All money of an account, and what of it is on hold.
	pub(crate) async fn money(&self, account: AccountId) -> Result<Money> {
		let at = self.client.chain().at_current_block().await?;
		let query = subxt::dynamic::storage::<(Key,), Key>("System", "Account");
		let found = at.storage().entry(query)?.fetch((Key::from_bytes(account),)).await?;
		let value = found.decode()?;
		let number = |name: &str| field(&value, &["data", name]);
		let (free, held) = (number("free")?, number("reserved")?);
		Ok(Money { free, held })
	}

	/// When all scenarios are over: no job is alive, and all accounts' money is all the money that there
	/// is.
	pub(crate) async fn is_tidy(&self) -> Result<()> {
		use JobStateKind::{Attested, Contestable, Open, Running};
		for stage in [Open, Running, Attested, Contestable] {
			let jobs = self.client.jobs_at(stage).await?;
			ensure!(jobs.is_empty(), "jobs that are still {stage:?}: {jobs:?}");
		}
		let at = self.client.chain().at_current_block().await?;
		let mut accounts = at.storage().iter(("System", "Account"), Vec::<Key>::new()).await?;
		let mut sum = 0;
		while let Some(account) = accounts.next().await {
			let account = account?.value().decode()?;
			sum += field(&account, &["data", "free"])? + field(&account, &["data", "reserved"])?;
		}
		let issued = at.storage().entry(("Balances", "TotalIssuance"))?;
		let issued = issued.fetch(Vec::<Key>::new()).await?.decode()?.as_u128();
		ensure!(issued == Some(sum), "accounts have {sum} planck, and {issued:?} were issued");
		Ok(())
	}

	/// A provider as the chain has it.
	pub(crate) async fn record(&self, provider: &Provider) -> Result<ProviderRecord<Balance>> {
		self.client.provider(provider.account()).await?.context("the provider is registered")
	}
}

/// An account's money, in planck.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Money {
	pub(crate) free: Balance,
	pub(crate) held: Balance,
}

impl Money {
	pub(crate) fn total(&self) -> Balance {
		self.free + self.held
	}
}

fn field<T>(value: &subxt::ext::scale_value::Value<T>, path: &[&str]) -> Result<Balance> {
	use subxt::ext::scale_value::At as _;
	let mut at = Some(value);
	for name in path {
		at = at.and_then(|value| value.at(*name));
	}
	at.and_then(|value| value.as_u128()).with_context(|| format!("no number at {path:?}"))
}

/// Submits work to one offer and waits for its end; what the command printed, and its exit code.
pub(crate) async fn submit(
	buyer: &Buyer,
	work: &Work,
	offer: u64,
	further: &[&str],
) -> Result<mutirao_e2e::Sent> {
	let mut arguments = work.arguments(buyer)?;
	let offer = offer.to_string();
	let to = buyer.file("outputs").display().to_string();
	// Many scenarios share two cores.
	let common = ["--offer", &offer, "--wait", "--to", &to, "--accept-within", "240"];
	let window: &[&str] = match further.contains(&"--contest-for") {
		true => &[],
		false => &["--contest-for", "30"],
	};
	let common = common.iter().chain(window);
	arguments.extend(common.chain(further).map(|text| (*text).to_owned()));
	buyer.run(&arguments).await
}

/// A number of planck in a receipt.
pub(crate) fn planck(receipt: &Value, name: &str) -> Result<Balance> {
	let text = receipt["costs"][name].as_str().with_context(|| format!("no {name}: {receipt}"))?;
	Ok(text.parse()?)
}
