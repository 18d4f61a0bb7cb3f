//! A chain inside a test: real headers with real VRF outputs, real signed transactions, and the
//! runtime's own executive. Nothing is mocked but the network.

use codec::{Decode, Encode};
use frame_support::{
	dispatch::{DispatchResultWithPostInfo, GetDispatchInfo},
	traits::fungible::{Inspect, InspectHold},
	weights::Weight,
};
use mutirao_runtime::{
	configs::TreasuryAccount,
	constants::time::{BLOCK_TIME_MS, EPOCH_BLOCKS},
	genesis_presets, AccountId, Babe, Balance, Balances, Executive, Hash, Header, Runtime,
	RuntimeCall, RuntimeEvent, RuntimeGenesisConfig, RuntimeOrigin, SessionKeys, SignedPayload,
	System, TxExtension, UncheckedExtrinsic,
};
use sp_consensus_babe::{
	digests::{CompatibleDigestItem, PreDigest, SecondaryVRFPreDigest},
	make_vrf_sign_data, AuthorityPair, Slot,
};
use sp_core::{
	crypto::{ByteArray, Pair as _, VrfSecret},
	sr25519,
};
use sp_io::TestExternalities;
use sp_keyring::Sr25519Keyring;
use sp_keystore::{testing::MemoryKeystore, KeystoreExt};
use sp_runtime::{
	generic::{Digest, DigestItem, Era},
	traits::{Dispatchable, Header as _, TypedGet},
	ApplyExtrinsicResult, BuildStorage, DispatchError, MultiSignature,
};
use std::sync::LazyLock;

/// Seeds of every account that authors blocks in these tests.
const AUTHOR_SEEDS: [&str; 6] = ["Alice", "Bob", "Charlie", "Dave", "Eve", "Ferdie"];
const GENESIS_SLOT: u64 = 1_000;

/// A chain that a test drives block by block.
pub(crate) struct Chain {
	ext: TestExternalities,
	slot: u64,
	parent: Header,
	silent: Option<sr25519::Public>,
}

impl Chain {
	/// The chain of a preset, at its first block.
	pub(crate) fn new(preset: &str) -> Self {
		let json = genesis_presets::get_preset(&preset.into()).expect("preset exists");
		let mut full = serde_json::to_value(RuntimeGenesisConfig::default()).unwrap();
		merge(&mut full, serde_json::from_slice(&json).unwrap());
		let genesis: RuntimeGenesisConfig = serde_json::from_value(full).unwrap();
		let mut ext = TestExternalities::new(genesis.build_storage().unwrap());
		ext.register_extension(KeystoreExt::new(MemoryKeystore::new()));
		let genesis_header =
			Header::new(0, Hash::zero(), Hash::zero(), Hash::zero(), Digest { logs: Vec::new() });
		ext.execute_with(|| {
			frame_system::BlockHash::<Runtime>::insert(0, genesis_header.hash());
		});
		let mut chain = Self { ext, slot: GENESIS_SLOT, parent: genesis_header, silent: None };
		chain.next_block(Vec::new());
		chain
	}

	/// A network of four validators.
	pub(crate) fn local() -> Self {
		Self::new(sp_genesis_builder::LOCAL_TESTNET_RUNTIME_PRESET)
	}

	/// The same chain, to go on from here in another way.
	#[allow(dead_code)] // For tests elsewhere that share this file.
	pub(crate) fn fork(&mut self) -> Self {
		self.commit();
		let mut ext = TestExternalities::new_empty();
		ext.backend = self.ext.backend.clone();
		ext.state_version = self.ext.state_version;
		ext.register_extension(KeystoreExt::new(MemoryKeystore::new()));
		Self { ext, slot: self.slot, parent: self.parent.clone(), silent: self.silent }
	}

	/// Moves what blocks have changed to where it is cheap to keep: otherwise each block costs more than
	/// the one before.
	#[allow(dead_code)] // For tests elsewhere that share this file.
	pub(crate) fn commit(&mut self) {
		self.ext.commit_all().expect("no transaction is open");
	}

	/// Reads or changes state between blocks.
	pub(crate) fn run<R>(&mut self, f: impl FnOnce() -> R) -> R {
		self.ext.execute_with(f)
	}

	/// A block in the next slot with these transactions. Panics if one is not includable.
	pub(crate) fn next_block(
		&mut self,
		extrinsics: Vec<UncheckedExtrinsic>,
	) -> Vec<DispatchOutcome> {
		self.block_after(1, extrinsics)
	}

	/// A block `slots` after the last one; the slots between stay empty.
	pub(crate) fn block_after(
		&mut self,
		slots: u64,
		extrinsics: Vec<UncheckedExtrinsic>,
	) -> Vec<DispatchOutcome> {
		let applied = self.block_of(slots, extrinsics);
		applied.into_iter().map(|applied| applied.expect("includable")).collect()
	}

	/// The same; what cannot be included is left out, as an author would.
	pub(crate) fn block_of(
		&mut self,
		slots: u64,
		extrinsics: Vec<UncheckedExtrinsic>,
	) -> Vec<ApplyExtrinsicResult> {
		self.slot += slots;
		while self.author_is_silent() {
			self.slot += 1;
		}
		let (slot, parent) = (self.slot, self.parent.clone());
		let (header, applied) = self.ext.execute_with(|| {
			let header = unsealed_header(slot, &parent);
			Executive::initialize_block(&header);
			let time = pallet_timestamp::Call::set { now: slot * BLOCK_TIME_MS };
			Executive::apply_extrinsic(UncheckedExtrinsic::new_bare(time.into()))
				.expect("the timestamp is valid")
				.expect("the timestamp applies");
			let applied = extrinsics.into_iter().map(apply).collect();
			(Executive::finalize_block(), applied)
		});
		self.parent = header;
		applied
	}

	/// Dispatches calls in the next block as if their accounts had signed them, whatever fees they have.
	/// For each, the weight that it was charged beforehand, and what it gave.
	pub(crate) fn dispatch_in_block(
		&mut self,
		calls: Vec<(Sr25519Keyring, RuntimeCall)>,
	) -> Vec<(RuntimeCall, (Weight, DispatchResultWithPostInfo))> {
		self.next_block(Vec::new());
		self.run(|| {
			let dispatch = |(who, call): (Sr25519Keyring, RuntimeCall)| {
				let charged = call.get_dispatch_info().call_weight;
				let origin = RuntimeOrigin::signed(who.to_account_id());
				(call.clone(), (charged, call.dispatch(origin)))
			};
			calls.into_iter().map(dispatch).collect()
		})
	}

	/// Bytes of all keys and values of the market's pallets.
	pub(crate) fn storage_bytes(&mut self) -> usize {
		let pallets = ["Jobs", "Programs", "Providers", "Attestations", "Benchmarks"];
		self.run(|| {
			let mut bytes = 0;
			for pallet in pallets {
				let prefix = sp_io::hashing::twox_128(pallet.as_bytes());
				let mut key = prefix.to_vec();
				while let Some(next) = sp_io::storage::next_key(&key) {
					if !next.starts_with(&prefix) {
						break;
					}
					bytes += next.len() + sp_io::storage::get(&next).map_or(0, |value| value.len());
					key = next;
				}
			}
			bytes
		})
	}

	/// Leaves this validator's slots empty from now on, as happens once it was caught cheating.
	pub(crate) fn silence(&mut self, author: sr25519::Public) {
		self.silent = Some(author);
	}

	fn author_is_silent(&mut self) -> bool {
		let slot = self.slot;
		Some(self.run(|| author_of(slot).1.public())) == self.silent
	}

	/// Blocks until the era turns: one a session, by each author in turn.
	pub(crate) fn until_next_era(&mut self) {
		let era = self.run(|| pallet_staking::ActiveEra::<Runtime>::get().unwrap().index);
		for _ in 0..200 {
			self.block_after(u64::from(EPOCH_BLOCKS) + 1, Vec::new());
			if self.run(|| pallet_staking::ActiveEra::<Runtime>::get().unwrap().index) > era {
				return;
			}
		}
		panic!("no new era in 200 sessions");
	}

	/// A header for the next slot as its author would seal it; `salt` makes it unlike others.
	pub(crate) fn sealed_header(&mut self, salt: u8) -> Header {
		let (slot, parent) = (self.slot + 1, self.parent.clone());
		self.ext.execute_with(|| {
			let mut header = unsealed_header(slot, &parent);
			header.extrinsics_root = Hash::repeat_byte(salt);
			let (_, author) = author_of(slot);
			let seal = AuthorityPair::from(author).sign(header.hash().as_ref());
			header.digest_mut().push(DigestItem::babe_seal(seal));
			header
		})
	}

	/// The author of the next slot and the slot itself.
	pub(crate) fn next_author(&mut self) -> (sr25519::Public, Slot) {
		let slot = self.slot + 1;
		(self.run(|| author_of(slot).1.public()), slot.into())
	}

	/// Signs a call as this account would, with its next nonce.
	pub(crate) fn sign(
		&mut self,
		signer: Sr25519Keyring,
		call: impl Into<RuntimeCall>,
	) -> UncheckedExtrinsic {
		let call = call.into();
		self.run(|| sign_now(signer, call, 0))
	}

	/// Signs and includes a call; what dispatching it gave.
	pub(crate) fn call(
		&mut self,
		signer: Sr25519Keyring,
		call: impl Into<RuntimeCall>,
	) -> DispatchOutcome {
		let extrinsic = self.sign(signer, call);
		self.next_block(vec![extrinsic]).remove(0)
	}

	/// Includes a call that must succeed.
	#[track_caller]
	pub(crate) fn ok(&mut self, signer: Sr25519Keyring, call: impl Into<RuntimeCall>) {
		self.call(signer, call).expect("the call succeeds");
	}

	/// Root's call, by way of the development key.
	#[track_caller]
	pub(crate) fn sudo(&mut self, call: impl Into<RuntimeCall>) {
		let call = Box::new(call.into());
		self.ok(Sr25519Keyring::Alice, pallet_sudo::Call::sudo { call });
		let sudone = self.events().into_iter().find_map(|event| match event {
			RuntimeEvent::Sudo(pallet_sudo::Event::Sudid { sudo_result }) => Some(sudo_result),
			_ => None,
		});
		sudone.expect("sudo ran").expect("root's call succeeds");
	}

	/// The events of the last block.
	pub(crate) fn events(&mut self) -> Vec<RuntimeEvent> {
		self.run(|| System::events().into_iter().map(|record| record.event).collect())
	}

	/// Session keys for `seed` and the proof that their owner holds them.
	pub(crate) fn session_keys(&mut self, owner: &AccountId, seed: &str) -> (SessionKeys, Vec<u8>) {
		let owner = owner.encode();
		let seed = format!("//{seed}").into_bytes();
		self.run(|| {
			let generated = SessionKeys::generate(&owner, Some(seed));
			(generated.keys, generated.proof.encode())
		})
	}

	/// Whole money of an account, held or free.
	pub(crate) fn total(&mut self, who: Sr25519Keyring) -> Balance {
		self.run(|| Balances::total_balance(&who.to_account_id()))
	}

	/// What the treasury owns.
	pub(crate) fn treasury(&mut self) -> Balance {
		self.run(|| Balances::total_balance(&TreasuryAccount::get()))
	}

	/// All money there is.
	pub(crate) fn issuance(&mut self) -> Balance {
		self.run(Balances::total_issuance)
	}

	/// What an account has on hold for staking.
	pub(crate) fn staked(&mut self, who: Sr25519Keyring) -> Balance {
		let reason = pallet_staking::HoldReason::Staking.into();
		self.run(|| Balances::balance_on_hold(&reason, &who.to_account_id()))
	}
}

/// What dispatching a transaction gave.
pub(crate) type DispatchOutcome = Result<(), DispatchError>;

/// Applies a transaction to the block in the making, or leaves no trace of it.
fn apply(extrinsic: UncheckedExtrinsic) -> ApplyExtrinsicResult {
	sp_io::storage::start_transaction();
	let applied = Executive::apply_extrinsic(extrinsic);
	match applied {
		Ok(_) => sp_io::storage::commit_transaction(),
		Err(_) => sp_io::storage::rollback_transaction(),
	}
	applied
}

/// A transaction signed with the account's next nonce.
pub(crate) fn sign_now(
	signer: Sr25519Keyring,
	call: RuntimeCall,
	tip: Balance,
) -> UncheckedExtrinsic {
	let account = signer.to_account_id();
	let extension = extension(System::account_nonce(&account), tip, false);
	let payload = SignedPayload::new(call, extension).expect("signable");
	let signature = payload.using_encoded(|bytes| signer.sign(bytes));
	let (call, extension, _) = payload.deconstruct();
	UncheckedExtrinsic::new_signed(
		call,
		account.into(),
		MultiSignature::Sr25519(signature),
		extension,
	)
}

/// The transaction extensions of an immortal transaction.
pub(crate) fn extension(nonce: u32, tip: Balance, metadata_hash: bool) -> TxExtension {
	(
		frame_system::AuthorizeCall::new(),
		frame_system::CheckNonZeroSender::new(),
		frame_system::CheckSpecVersion::new(),
		frame_system::CheckTxVersion::new(),
		frame_system::CheckGenesis::new(),
		frame_system::CheckEra::from(Era::immortal()),
		frame_system::CheckNonce::from(nonce),
		frame_system::CheckWeight::new(),
		pallet_transaction_payment::ChargeTransactionPayment::from(tip),
		frame_metadata_hash_extension::CheckMetadataHash::new(metadata_hash),
		frame_system::WeightReclaim::new(),
	)
}

/// Authorities take slots in turn.
fn author_of(slot: u64) -> (u32, sr25519::Pair) {
	let authorities = Babe::authorities();
	let index = slot as usize % authorities.len();
	let key = sr25519::Public::from_slice(authorities[index].0.as_ref()).unwrap();
	// A secret of words takes milliseconds to derive, and each block needs one.
	static AUTHORS: LazyLock<[sr25519::Pair; 6]> = LazyLock::new(|| {
		AUTHOR_SEEDS.map(|seed| sr25519::Pair::from_string(&format!("//{seed}"), None).unwrap())
	});
	let pair = AUTHORS.iter().find(|pair| pair.public() == key);
	(index as u32, pair.expect("the author is one of ours").clone())
}

fn unsealed_header(slot: u64, parent: &Header) -> Header {
	let (authority_index, pair) = author_of(slot);
	let epoch = Babe::current_epoch();
	let sign_data = make_vrf_sign_data(&epoch.randomness, slot.into(), epoch.epoch_index);
	let pre_digest = PreDigest::SecondaryVRF(SecondaryVRFPreDigest {
		authority_index,
		slot: slot.into(),
		vrf_signature: pair.vrf_sign(&sign_data),
	});
	Header::new(
		parent.number + 1,
		Hash::zero(),
		Hash::zero(),
		parent.hash(),
		Digest { logs: vec![DigestItem::babe_pre_digest(pre_digest)] },
	)
}

fn merge(into: &mut serde_json::Value, patch: serde_json::Value) {
	match (into, patch) {
		(serde_json::Value::Object(into), serde_json::Value::Object(patch)) => {
			for (key, value) in patch {
				merge(into.entry(key).or_insert(serde_json::Value::Null), value);
			}
		}
		(into, patch) => *into = patch,
	}
}

/// A transaction as a node would receive it: decoding must give back what was encoded.
pub(crate) fn through_the_wire(extrinsic: UncheckedExtrinsic) -> UncheckedExtrinsic {
	UncheckedExtrinsic::decode(&mut extrinsic.encode().as_slice()).expect("decodes")
}
