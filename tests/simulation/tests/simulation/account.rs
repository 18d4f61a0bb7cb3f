//! The provider's account as its worker has it: a hot key that acts for it, over a line that breaks.

use crate::{
	line::{Line, Sending},
	network::{Network, Signed},
	wire,
};
use mutirao_client::{
	AccountId, BlockNumber, Call, Error, Included, ProxyType, Submit, ACCEPT_LIFE,
};
use mutirao_runtime::SafeMode;
use sp_keyring::Sr25519Keyring;
use std::{
	sync::{Arc, Mutex, MutexGuard, PoisonError},
	time::Duration,
};

/// Signs for the provider.
pub(crate) const HOT_KEY: Sr25519Keyring = Sr25519Keyring::EveStash;

/// Both ends of the line.
pub(crate) struct Ends {
	pub(crate) network: Network,
	pub(crate) line: Line,
	/// A call of the worker that was sent, each time.
	pub(crate) sent: Vec<String>,
	/// How many of them were sent while the chain was in safe mode, which takes none.
	pub(crate) sent_in_safe_mode: usize,
}

/// The account. Clones share the line.
#[derive(Clone)]
pub(crate) struct HotAccount {
	provider: Sr25519Keyring,
	ends: Arc<Mutex<Ends>>,
}

impl HotAccount {
	pub(crate) fn new(provider: Sr25519Keyring, network: Network, line: Line) -> Self {
		let ends = Ends { network, line, sent: Vec::new(), sent_in_safe_mode: 0 };
		Self { provider, ends: Arc::new(Mutex::new(ends)) }
	}

	/// The network and the line. Never held while anything is awaited.
	pub(crate) fn ends(&self) -> MutexGuard<'_, Ends> {
		// A worker that was killed leaves nothing half done here.
		self.ends.lock().unwrap_or_else(PoisonError::into_inner)
	}

	/// A read over the line.
	pub(crate) fn read<R>(
		&self,
		name: &'static str,
		read: impl FnOnce(&mut Network) -> R,
	) -> Result<R, Error> {
		let mut ends = self.ends();
		let Ends { network, line, .. } = &mut *ends;
		if line.read_fails(name) {
			return Err(no_answer(&mut line.random(name), name));
		}
		let answer = read(network);
		let blocks = line.blocks_while_reading(name);
		if blocks > 0 {
			network.note(format!("{name} is answered {blocks} blocks late"));
		}
		(0..blocks).for_each(|_| network.block(1));
		Ok(answer)
	}

	fn signed(&self, call: &Call, name: &str) -> Result<Signed, Error> {
		let proxied = call.needs_proxy(ProxyType::Worker);
		let mut call =
			wire::call(call).ok_or_else(|| Error::Rejected("no worker's call".into()))?;
		if proxied {
			call = wire::by_worker(self.provider.to_account_id(), call);
		}
		Ok(Signed { signer: HOT_KEY, call, name: format!("{name}, by the worker") })
	}
}

impl Ends {
	fn send(&mut self, signed: Signed, name: &str) -> Result<Included, Error> {
		let Self { network, line, .. } = self;
		let in_safe_mode = network.chain.run(SafeMode::is_entered);
		if line.is_down {
			return Err(no_answer(&mut line.random(name), "a call"));
		}
		let sending = line.sending(name);
		let mut random = line.random(name);
		self.sent_in_safe_mode += usize::from(in_safe_mode);
		if sending != Sending::Well {
			network.note(format!("{name} is sent: {sending:?}"));
		}
		// Others are served first.
		(0..random.u32(0..2)).for_each(|_| network.block(1));
		let unclear = Error::Unclear { transaction: Default::default() };
		let next = network.number() + 1;
		match sending {
			Sending::Well => network.include(signed),
			Sending::Refused => Err(no_answer(&mut random, "a call")),
			Sending::Lost => Err(unclear),
			Sending::Unanswered => {
				let _lost = network.include(signed);
				Err(if random.bool() { unclear } else { no_answer(&mut random, "a call") })
			}
			Sending::Late(blocks) => {
				network.wait(signed, next + blocks.min(life_of(name)));
				Err(unclear)
			}
			Sending::Twice => {
				let answer = network.include(signed.clone());
				network.wait(signed, next + random.u32(1..4));
				answer
			}
			Sending::Forked(then) => {
				let answer = network.include_in_fork(&signed);
				if let Some(blocks) = then {
					network.wait(signed, next + blocks);
				}
				answer
			}
		}
	}
}

impl Submit for HotAccount {
	fn account(&self) -> AccountId {
		wire::recode(&self.provider.to_account_id())
	}

	async fn submit(&self, call: Call) -> Result<Included, Error> {
		let name = wire::name(&call);
		let signed = self.signed(&call, &name)?;
		let mut ends = self.ends();
		ends.sent.push(name.clone());
		ends.send(signed, &name)
	}
}

/// For how many blocks a call may wait at most: a few less than it lives, which counts from the last block
/// that was final when it was signed.
fn life_of(name: &str) -> BlockNumber {
	match name.starts_with("accept ") {
		true => ACCEPT_LIFE as BlockNumber - 4,
		false => 60,
	}
}

/// One of the ways in which a client says that a node did not answer.
fn no_answer(random: &mut fastrand::Rng, what: &'static str) -> Error {
	match random.u8(0..3) {
		0 => Error::Timeout { what, after: Duration::from_secs(30) },
		1 => Error::Connect { url: "ws://node".into(), reason: "connection refused".into() },
		_ => Error::Query(Box::new(subxt::Error::Other("the node is syncing".into()))),
	}
}
