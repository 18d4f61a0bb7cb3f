//! A node that answers over a WebSocket what a client asks of it, and no more. Nodes of one chain share its
//! blocks.

use super::socket::Socket;
use crate::known_metadata;
use codec::{Compact, Encode};
use serde_json::{json, Value};
use std::{
	io,
	sync::{
		atomic::{AtomicUsize, Ordering},
		Arc, Mutex, MutexGuard,
	},
};
use tokio::{
	net::{TcpListener, TcpStream},
	sync::watch,
	task::JoinSet,
};

/// A chain of empty blocks, but for what it is sent.
#[derive(Clone)]
pub(super) struct FakeBlocks {
	/// Tells it from others.
	genesis: u8,
	/// The transactions of each block after the first.
	blocks: Arc<Mutex<Vec<Vec<Vec<u8>>>>>,
}

/// How a node treats a transaction.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Manner {
	/// Puts it into the next block, which is final.
	Includes,
	/// Says that it has it, and breaks all lines.
	DiesWithIt,
}

/// A running node. Dropped, it is gone.
pub(super) struct FakeNode {
	pub(super) url: String,
	/// Connections that were made to it.
	pub(super) connections: Arc<AtomicUsize>,
	off: watch::Sender<bool>,
}

impl Drop for FakeNode {
	fn drop(&mut self) {
		self.off.send_replace(true);
	}
}

impl FakeBlocks {
	/// A chain that is told from others by this byte.
	pub(super) fn new(genesis: u8) -> Self {
		Self { genesis, blocks: Arc::new(Mutex::new(vec![Vec::new()])) }
	}

	/// The transactions of its blocks.
	pub(super) fn transactions(&self) -> Vec<Vec<u8>> {
		self.blocks().concat()
	}

	/// A node of it, whose runtime has this metadata: a version, then the prefixed metadata.
	pub(super) async fn node(&self, metadata: Vec<u8>, manner: Manner) -> FakeNode {
		let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
		let url = format!("ws://{}", listener.local_addr().unwrap());
		let (off, connections) = (watch::Sender::new(false), Arc::new(AtomicUsize::new(0)));
		let server =
			Server { chain: self.clone(), metadata: Arc::new(metadata), manner, off: off.clone() };
		let (mut stopped, counted) = (off.subscribe(), connections.clone());
		tokio::spawn(async move {
			let mut lines = JoinSet::new();
			let accepting = async {
				while let Ok((stream, _)) = listener.accept().await {
					counted.fetch_add(1, Ordering::SeqCst);
					lines.spawn(server.clone().serve(stream));
				}
			};
			// With it all lines break.
			tokio::select! {
				() = accepting => {}
				_ = stopped.wait_for(|off| *off) => {}
			}
		});
		FakeNode { url, connections, off }
	}

	fn blocks(&self) -> MutexGuard<'_, Vec<Vec<Vec<u8>>>> {
		self.blocks.lock().unwrap()
	}

	fn include(&self, transaction: Vec<u8>) {
		self.blocks().push(vec![transaction]);
	}

	/// The last block's height. The first block's is 0.
	fn height(&self) -> usize {
		self.blocks().len()
	}

	fn hash(&self, height: usize) -> String {
		format!("0x{:02x}{height:062x}", self.genesis)
	}
}

#[derive(Clone)]
struct Server {
	chain: FakeBlocks,
	metadata: Arc<Vec<u8>>,
	manner: Manner,
	off: watch::Sender<bool>,
}

impl Server {
	async fn serve(self, stream: TcpStream) -> io::Result<()> {
		let mut socket = Socket::open(stream).await?;
		while let Some(text) = socket.next().await? {
			let request: Value = serde_json::from_str(&text).expect("a request is JSON");
			let (method, parameters) = (&request["method"], &request["params"]);
			let method = method.as_str().expect("a request has a method");
			let answer = match self.answer(method, parameters) {
				Ok(result) => {
					json!({ "jsonrpc": "2.0", "id": request["id"], "result": result })
				}
				Err(()) => json!({
					"jsonrpc": "2.0",
					"id": request["id"],
					"error": { "code": -32601, "message": format!("no method {method}") },
				}),
			};
			socket.send(&answer.to_string()).await?;
			if method == "author_submitAndWatchExtrinsic" {
				self.tell(&mut socket, bytes(&parameters[0])).await?;
			}
		}
		Ok(())
	}

	/// Tells what becomes of a transaction.
	async fn tell(&self, socket: &mut Socket, transaction: Vec<u8>) -> io::Result<()> {
		let news = |result: Value| {
			let params = json!({ "subscription": "sub", "result": result });
			let method = "author_extrinsicUpdate";
			json!({ "jsonrpc": "2.0", "method": method, "params": params }).to_string()
		};
		socket.send(&news(json!("ready"))).await?;
		match self.manner {
			Manner::Includes => {
				self.chain.include(transaction);
				let block = self.chain.hash(self.chain.height());
				socket.send(&news(json!({ "inBlock": block }))).await?;
				socket.send(&news(json!({ "finalized": block }))).await
			}
			Manner::DiesWithIt => {
				self.off.send_replace(true);
				Ok(())
			}
		}
	}

	fn answer(&self, method: &str, parameters: &Value) -> Result<Value, ()> {
		let chain = &self.chain;
		let height = |hash: &Value| {
			let digits = hash.as_str().and_then(|hash| hash.get(4..)).unwrap_or_default();
			usize::from_str_radix(digits, 16).unwrap_or_default()
		};
		Ok(match method {
			"rpc_methods" => json!({ "methods": ["chain_getBlock", "author_submitExtrinsic"] }),
			"system_chain" => json!("A fake chain"),
			"system_accountNextIndex" => json!(0),
			"chain_getBlockHash" => match parameters[0].as_u64() {
				Some(number) if number as usize > chain.height() => Value::Null,
				Some(number) => json!(chain.hash(number as usize)),
				None => json!(chain.hash(chain.height())),
			},
			"chain_getFinalizedHead" => json!(chain.hash(chain.height())),
			"chain_getHeader" => self.header(height(&parameters[0])),
			"chain_getBlock" => {
				let height = height(&parameters[0]);
				let held = height.checked_sub(1).and_then(|at| chain.blocks().get(at).cloned());
				let held: Vec<String> =
					held.unwrap_or_default().iter().map(|one| hex(one)).collect();
				json!({
					"block": { "header": self.header(height), "extrinsics": held },
					"justifications": null,
				})
			}
			"state_call" => json!(hex(&self.call(parameters)?)),
			// Nothing else is in the state.
			"state_getStorage" => json!(hex(&one_success())),
			"author_submitAndWatchExtrinsic" => json!("sub"),
			"author_unwatchExtrinsic" => json!(true),
			"author_submitExtrinsic" => {
				chain.include(bytes(&parameters[0]));
				json!(format!("0x{:064x}", 1))
			}
			_ => return Err(()),
		})
	}

	fn header(&self, height: usize) -> Value {
		json!({
			"parentHash": self.chain.hash(height.saturating_sub(1)),
			"number": format!("0x{height:x}"),
			"stateRoot": self.chain.hash(0),
			"extrinsicsRoot": self.chain.hash(0),
			"digest": { "logs": [] },
		})
	}

	fn call(&self, parameters: &Value) -> Result<Vec<u8>, ()> {
		Ok(match parameters[0].as_str().unwrap_or_default() {
			"Core_version" => {
				let apis: Vec<([u8; 8], u32)> = Vec::new();
				("fake", "fake", 1u32, 1u32, 1u32, apis, 1u32).encode()
			}
			"Metadata_metadata_versions" => vec![u32::from(self.metadata[4])].encode(),
			"Metadata_metadata_at_version" => Some(self.metadata.as_ref().clone()).encode(),
			_ => return Err(()),
		})
	}
}

/// The events of a block whose only transaction did what it was to do.
fn one_success() -> Vec<u8> {
	let known = known_metadata().unwrap();
	let system = known.pallet_by_name("System").unwrap();
	let mut events = system.event_variants().unwrap().iter();
	let success = events.find(|event| event.name == "ExtrinsicSuccess").unwrap();
	let applied = [&[0][..], &0u32.to_le_bytes()].concat();
	// A weight of two compact numbers, a class, and whether a fee is paid.
	let event = [system.event_index(), success.index, 0, 0, 0, 0];
	[Compact(1u32).encode(), applied, event.to_vec(), Compact(0u32).encode()].concat()
}

fn hex(bytes: &[u8]) -> String {
	bytes.iter().fold("0x".into(), |text: String, byte| text + &format!("{byte:02x}"))
}

fn bytes(hex: &Value) -> Vec<u8> {
	let digits = hex.as_str().and_then(|hex| hex.strip_prefix("0x")).unwrap_or_default();
	let pairs = digits.as_bytes().chunks_exact(2);
	let byte = |pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
	pairs.map(byte).collect()
}
