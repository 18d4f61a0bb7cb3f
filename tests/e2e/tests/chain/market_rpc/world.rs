//! A development chain with a market on it: real transactions, made with the runtime's own types.

use super::schema::Document;
use anyhow::{bail, ensure, Context, Result};
use codec::{DecodeAll, Encode};
use frame_support::traits::GetCallMetadata;
use frame_system::EventRecord;
use jsonrpsee::{
	core::{
		client::{ClientT, Error, Subscription, SubscriptionClientT},
		params::{ArrayParams, ObjectParams},
	},
	rpc_params,
	ws_client::{WsClient, WsClientBuilder},
};
use mutirao_e2e::Node;
use mutirao_machine_core::{bytecode::Role, Program};
use mutirao_machine_prover::Computed;
use mutirao_machine_wgsl::{compile::compile, manifest::Manifest};
use mutirao_runtime::{
	constants::currency::MUT, genesis_presets, AccountId, Balance, Hash, RuntimeCall, RuntimeEvent,
};
use mutirao_types::{
	Backend, BufferId, Device, JobRequest, OfferTerms, Region, Requirements, Target, Times,
};
use serde_json::{json, Value};
use std::time::Duration;
use subxt::{
	config::DefaultExtrinsicParamsBuilder,
	ext::scale_encode::{self, EncodeAsFields, FieldIter, TypeResolver},
	transactions::TransactionStatus,
	OnlineClient, PolkadotConfig,
};
use subxt_signer::sr25519::Keypair;

/// A message of a subscription comes within this time, on a chain with a block each 3 seconds.
const SOON: Duration = Duration::from_secs(60);

pub(super) const STAKE: Balance = 1_000 * MUT;
pub(super) const PRICE_CAP: Balance = 50 * MUT;
pub(super) const SAMPLES: u8 = 4;
pub(super) const PARAMETERS: [u32; 4] = [2, 600, 4, 3];

/// A node, its document, and ways to write and read.
pub(super) struct World {
	pub(super) node: Node,
	pub(super) document: Document,
	chain: OnlineClient<PolkadotConfig>,
	rpc: WsClient,
	program: Program,
}

impl World {
	pub(super) async fn start() -> Result<Self> {
		// Addresses are written as the chain's own.
		genesis_presets::use_own_addresses();
		let node = Node::dev().await?;
		let chain = OnlineClient::from_insecure_url(node.ws_url()).await?;
		let rpc = WsClientBuilder::default().build(node.ws_url()).await?;
		let document = rpc.request("rpc.discover", ArrayParams::new()).await?;
		let program = compiled("nearest")?;
		Ok(Self { node, document: Document(document), chain, rpc, program })
	}

	/// Asks what must be answered; question and answer are what the document says.
	pub(super) async fn ask(&self, method: &str, params: Value) -> Result<Value> {
		let params = list(params)?;
		self.document.check_params(method, &params)?;
		let result = self.rpc.request(method, positional(params)?).await;
		let result = result.with_context(|| format!("{method} failed"))?;
		self.document.check_result(method, &result)?;
		Ok(result)
	}

	/// Asks with parameters by name.
	pub(super) async fn call_by_name(&self, method: &str, params: ObjectParams) -> Result<Value> {
		let result = self.rpc.request(method, params).await?;
		self.document.check_result(method, &result)?;
		Ok(result)
	}

	/// Asks what must be refused with one of the document's errors.
	pub(super) async fn refused(&self, method: &str, params: Value, code: i32) -> Result<()> {
		let params = positional(list(params)?)?;
		let answer = self.rpc.request::<Value, _>(method, params).await;
		self.is_refusal(method, answer.map(|value| value.to_string()), code)
	}

	/// Asks what is not what the document says, so that it must be refused before it is understood.
	pub(super) async fn malformed(&self, method: &str, params: Value) -> Result<()> {
		let params = list(params)?;
		ensure!(self.document.check_params(method, &params).is_err(), "{method} {params:?}");
		match self.rpc.request::<Value, _>(method, positional(params)?).await {
			Err(Error::Call(error)) if error.code() == -32602 => Ok(()),
			other => bail!("{method} should be refused as malformed, but: {other:?}"),
		}
	}

	pub(super) async fn subscribe(&self, method: &str, params: Value) -> Result<Messages> {
		self.subscribe_on(&self.rpc, method, params).await
	}

	/// One more connection to the node.
	pub(super) async fn connect(&self) -> Result<WsClient> {
		Ok(WsClientBuilder::default().build(self.node.ws_url()).await?)
	}

	/// A subscription on a connection of one's own.
	pub(super) async fn subscribe_on(
		&self,
		connection: &WsClient,
		method: &str,
		params: Value,
	) -> Result<Messages> {
		let params = list(params)?;
		self.document.check_params(method, &params)?;
		let end = method.replace("subscribe", "unsubscribe");
		let inner = connection.subscribe(method, positional(params)?, &end).await?;
		Ok(Messages { inner, method: method.into() })
	}

	/// A subscription that must be refused with one of the document's errors.
	pub(super) async fn no_subscription(
		&self,
		method: &str,
		params: Value,
		code: i32,
	) -> Result<()> {
		self.no_subscription_on(&self.rpc, method, params, code).await
	}

	/// The same on a connection of one's own.
	pub(super) async fn no_subscription_on(
		&self,
		connection: &WsClient,
		method: &str,
		params: Value,
		code: i32,
	) -> Result<()> {
		let params = positional(list(params)?)?;
		let end = method.replace("subscribe", "unsubscribe");
		let answer = connection.subscribe::<Value, _>(method, params, &end).await;
		self.is_refusal(method, answer.map(|_| "a subscription".into()), code)
	}

	fn is_refusal(&self, method: &str, answer: Result<String, Error>, code: i32) -> Result<()> {
		match answer {
			Err(Error::Call(error)) if error.code() == code => {
				self.document.check_code(method, code)
			}
			other => bail!("{method} should be refused with {code}, but: {other:?}"),
		}
	}

	/// The next message of a subscription; it is what the document says.
	pub(super) async fn next(&self, messages: &mut Messages) -> Result<Value> {
		let message = tokio::time::timeout(SOON, messages.inner.next())
			.await
			.with_context(|| format!("no message of {}", messages.method))?
			.with_context(|| format!("{} has ended", messages.method))??;
		self.document.check_message(&messages.method, &message)?;
		Ok(message)
	}

	/// Waits until the node ends a subscription.
	pub(super) async fn ended(&self, messages: &mut Messages) -> Result<()> {
		let message = tokio::time::timeout(SOON, messages.inner.next()).await?;
		ensure!(message.is_none(), "{} goes on: {message:?}", messages.method);
		Ok(())
	}

	/// Signs calls as one transaction, and waits until they succeed in a best block; its hash.
	pub(super) async fn submit(&self, signer: &Keypair, calls: Vec<RuntimeCall>) -> Result<String> {
		let batch = pallet_utility::Call::batch_all { calls };
		let call = native(batch.into());
		let account = address(signer);
		// The nonce at the best block, which may be ahead of the last final one.
		let nonce: u64 = self.rpc.request("system_accountNextIndex", rpc_params![account]).await?;
		let params = DefaultExtrinsicParamsBuilder::new().nonce(nonce).build();
		let at = self.chain.at_current_block().await?;
		let mut progress =
			at.transactions().sign_and_submit_then_watch(&call, signer, params).await?;
		while let Some(status) = progress.next().await {
			match status? {
				TransactionStatus::InBestBlock(block)
				| TransactionStatus::InFinalizedBlock(block) => {
					let block = format!("{:?}", block.block_hash());
					self.ensure_success(&block).await?;
					return Ok(block);
				}
				TransactionStatus::Error { message }
				| TransactionStatus::Invalid { message }
				| TransactionStatus::Dropped { message } => bail!("refused: {message}"),
				_ => {}
			}
		}
		bail!("the node stopped reporting")
	}

	/// No transaction of a block failed. Read by the runtime's own types: subxt cannot read a block
	/// that has a justification.
	async fn ensure_success(&self, block: &str) -> Result<()> {
		let key = hex(&frame_support::storage::storage_prefix(b"System", b"Events"));
		let stored: String = self.rpc.request("state_getStorage", rpc_params![key, block]).await?;
		let events = Vec::<EventRecord<RuntimeEvent, Hash>>::decode_all(&mut &unhex(&stored)?[..])?;
		for record in events {
			if let RuntimeEvent::System(frame_system::Event::ExtrinsicFailed {
				dispatch_error,
				..
			}) = record.event
			{
				bail!("a transaction of block {block} failed: {dispatch_error:?}");
			}
		}
		Ok(())
	}

	/// The program's bytes.
	pub(super) fn code(&self) -> pallet_programs::Code {
		self.program.encode().try_into().expect("the catalogue's programs fit")
	}

	/// The program's name, as JSON has it.
	pub(super) fn program(&self) -> String {
		hex(&BufferId::of(&self.program.encode()).hash)
	}

	/// The work of a job.
	pub(super) fn work(&self) -> Result<Computed> {
		let summary = self.program.summary(&PARAMETERS)?;
		let buffers = self.program.definition().buffers.iter().zip(&summary.buffer_words);
		let inputs = buffers
			.filter(|(buffer, _)| buffer.role == Role::Input)
			.map(|(_, words)| (0..4 * *words).map(|byte| byte as u8).collect())
			.collect();
		Ok(Computed::by_vm(self.program.clone(), &PARAMETERS, inputs)?)
	}

	pub(super) fn request(&self, work: &Computed, target: Target) -> JobRequest<Balance> {
		JobRequest {
			program: BufferId::of(&self.program.encode()).hash,
			parameters: PARAMETERS.to_vec().try_into().expect("four"),
			inputs: work.inputs().try_into().expect("few inputs"),
			target,
			requirements: Requirements::default(),
			price_cap: PRICE_CAP,
			samples: SAMPLES,
			times: Times { accept_within: 200, attest_within: 200, contest_for: 200 },
		}
	}
}

/// A subscription and the method that opened it.
pub(super) struct Messages {
	inner: Subscription<Value>,
	method: String,
}

impl Messages {
	/// Ends the subscription.
	pub(super) async fn unsubscribe(self) -> Result<()> {
		Ok(self.inner.unsubscribe().await?)
	}
}

/// A call that is encoded already.
struct Encoded(Vec<u8>);

impl EncodeAsFields for Encoded {
	fn encode_as_fields_to<R: TypeResolver>(
		&self,
		_: &mut dyn FieldIter<'_, R::TypeId>,
		_: &R,
		out: &mut Vec<u8>,
	) -> Result<(), scale_encode::Error> {
		out.extend_from_slice(&self.0);
		Ok(())
	}
}

/// A call of the runtime, for subxt to sign. Its encoding begins with the indices of pallet and
/// call, which subxt writes itself.
fn native(call: RuntimeCall) -> subxt::transactions::DynamicPayload<impl EncodeAsFields> {
	let names = call.get_call_metadata();
	let fields = Encoded(call.encode().split_off(2));
	subxt::transactions::dynamic(names.pallet_name, names.function_name, fields)
}

pub(super) fn address(key: &Keypair) -> String {
	AccountId::from(key.public_key().0).to_string()
}

pub(super) fn hex(bytes: &[u8]) -> String {
	bytes.iter().fold("0x".into(), |text, byte| format!("{text}{byte:02x}"))
}

fn unhex(text: &str) -> Result<Vec<u8>> {
	let digits = text.strip_prefix("0x").context("no hexadecimal")?;
	let byte = |at| Ok(u8::from_str_radix(digits.get(at..at + 2).context("an odd digit")?, 16)?);
	(0..digits.len()).step_by(2).map(byte).collect()
}

pub(super) fn register(endpoint: &str) -> RuntimeCall {
	let endpoint = endpoint.as_bytes().to_vec().try_into().expect("short");
	pallet_providers::Call::register { stake: STAKE, endpoint }.into()
}

pub(super) fn offer(region: Region, price_per_gigastep: Balance) -> RuntimeCall {
	let device = Device {
		adapter: b"NVIDIA H100".to_vec().try_into().expect("short"),
		driver: b"NVIDIA 580.95".to_vec().try_into().expect("short"),
		backend: Backend::Vulkan,
		memory_mib: 81_559,
		region,
		watts: 700,
	};
	let terms = OfferTerms {
		price_per_gigastep,
		minimum_price: 1,
		maximum_price: STAKE,
		capacity: 8,
		expires: 10_000,
	};
	pallet_providers::Call::post_offer { device, terms }.into()
}

pub(super) fn compiled(name: &str) -> Result<Program> {
	let kernel = mutirao_kernels::by_name(name).context("is in the catalogue")?;
	let manifest = Manifest::parse(kernel.manifest)?;
	Ok(Program::new(compile(&manifest, kernel.source)?.definition)?)
}

fn list(params: Value) -> Result<Vec<Value>> {
	match params {
		Value::Array(params) => Ok(params),
		other => bail!("positional parameters are a list, not {other}"),
	}
}

fn positional(params: Vec<Value>) -> Result<ArrayParams> {
	let mut positional = ArrayParams::new();
	for param in params {
		positional.insert(param)?;
	}
	Ok(positional)
}

/// The numbers that a page's items have under `name`.
pub(super) fn numbers(page: &Value, name: &str) -> Vec<u64> {
	let items = page["items"].as_array().into_iter().flatten();
	let mut numbers: Vec<_> = items.filter_map(|item| item[name].as_u64()).collect();
	numbers.sort_unstable();
	numbers
}

/// Follows a list page by page to its end.
pub(super) async fn all_pages(
	world: &World,
	method: &str,
	filter: Option<Value>,
	limit: u32,
) -> Result<Vec<Value>> {
	let (mut items, mut after, mut at) = (Vec::new(), Value::Null, Value::Null);
	loop {
		let page = match &after {
			Value::Null => json!({ "limit": limit }),
			after => json!({ "limit": limit, "after": after }),
		};
		let params = match &filter {
			Some(filter) => json!([filter, page, at]),
			None => json!([page, at]),
		};
		let answer = world.ask(method, params).await?;
		let found = answer["items"].as_array().context("items")?;
		ensure!(found.len() <= limit as usize, "{answer}");
		items.extend(found.iter().cloned());
		(after, at) = (answer["next"].clone(), answer["at"].clone());
		if after.is_null() {
			return Ok(items);
		}
	}
}
