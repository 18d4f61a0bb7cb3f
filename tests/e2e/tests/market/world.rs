//! One development chain for all scenarios: each has its own provider and its own buyer.

use anyhow::{Context, Result};
use mutirao_client::{
	pallets::{JobsExt as _, ProvidersExt as _},
	types::{FinishedJob, JobId, Provider as ProviderRecord},
	AccountId, Balance, Client,
};
use mutirao_e2e::{wait_for, Buyer, Node, Provider};
use mutirao_kernels::Kernel;
use mutirao_machine_core::{bytecode::Role, Program};
use mutirao_machine_wgsl::{compile::compile, manifest::Manifest};
use serde_json::Value;
use std::time::Duration;
use subxt::dynamic::Value as Key;

/// A job may wait for three workers on two cores.
pub(crate) const LONG: Duration = Duration::from_secs(300);

/// A running chain, and whoever looks at it.
pub(crate) struct World {
	pub(crate) node: Node,
	pub(crate) client: Client,
}

impl World {
	pub(crate) async fn start() -> Result<Self> {
		let node = Node::dev().await?;
		let client = Client::connect(&node.ws_url()).await?;
		Ok(Self { node, client })
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
		Provider::register(&self.node, &self.client, name, adapter, arguments).await
	}

	pub(crate) async fn buyer(&self, name: &str) -> Result<Buyer> {
		Buyer::new(&self.node, &self.client, name).await
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

/// A kernel's program, as the catalogue has it.
pub(crate) fn program(kernel: &Kernel) -> Result<Program> {
	let manifest = Manifest::parse(kernel.manifest)?;
	Ok(Program::new(compile(&manifest, kernel.source)?.definition)?)
}

/// A job for the command line: a kernel, its numbers, random bytes for its inputs.
pub(crate) struct Work {
	pub(crate) kernel: &'static Kernel,
	pub(crate) parameters: Vec<u32>,
	/// By the program's inputs.
	pub(crate) inputs: Vec<(String, Vec<u32>)>,
	/// Names of the program's outputs.
	pub(crate) outputs: Vec<String>,
}

impl Work {
	pub(crate) fn of(name: &str, parameters: &[u32]) -> Result<Self> {
		let kernel = mutirao_kernels::by_name(name).context("a kernel of the catalogue")?;
		let program = program(kernel)?;
		let words = program.summary(parameters)?.buffer_words;
		let mut seed = 0x9e37_79b9_u32;
		let mut inputs = Vec::new();
		for (buffer, words) in program.definition().buffers.iter().zip(words) {
			if buffer.role == Role::Input {
				let bytes = (0..words).map(|_| {
					seed ^= seed << 13;
					seed ^= seed >> 17;
					seed ^= seed << 5;
					seed
				});
				inputs.push((buffer.name.clone(), bytes.collect()));
			}
		}
		let declared = program.definition().buffers.iter();
		let outputs = declared.filter(|buffer| buffer.role == Role::Output);
		let outputs = outputs.map(|buffer| buffer.name.clone()).collect();
		Ok(Self { kernel, parameters: parameters.to_vec(), inputs, outputs })
	}

	/// What `mutirao job submit` is told of it. Writes the inputs' files.
	pub(crate) fn arguments(&self, buyer: &Buyer) -> Result<Vec<String>> {
		let program = program(self.kernel)?;
		let mut arguments = vec!["job".into(), "submit".into(), self.kernel.name.into()];
		for (parameter, value) in program.definition().parameters.iter().zip(&self.parameters) {
			arguments.extend(["--param".into(), format!("{}={value}", parameter.name)]);
		}
		for (name, words) in &self.inputs {
			let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
			let file = buyer.write(name, &bytes)?;
			arguments.extend(["--input".into(), format!("{name}=raw:{file}")]);
		}
		Ok(arguments)
	}

	/// The outputs that the reference computes.
	pub(crate) fn expected(&self) -> Vec<Vec<u8>> {
		let inputs: Vec<Vec<u32>> = self.inputs.iter().map(|(_, words)| words.clone()).collect();
		let outputs = (self.kernel.reference)(&self.parameters, &inputs);
		outputs
			.into_iter()
			.map(|words| words.into_iter().flat_map(u32::to_le_bytes).collect())
			.collect()
	}
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
	let common = ["--offer", &offer, "--wait", "--contest-for", "30", "--to", &to];
	// Many scenarios share two cores.
	let common = common.iter().chain(&["--accept-within", "240"]);
	arguments.extend(common.chain(further).map(|text| (*text).to_owned()));
	buyer.run(&arguments).await
}

/// A number of planck in a receipt.
pub(crate) fn planck(receipt: &Value, name: &str) -> Result<Balance> {
	let text = receipt["costs"][name].as_str().with_context(|| format!("no {name}: {receipt}"))?;
	Ok(text.parse()?)
}
