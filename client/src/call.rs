//! What can be asked of the chain, as a value: it can be kept, compared, sent, sent by a proxy.

use crate::{
	pallets::{AttestationsCall, BenchmarksCall, JobsCall, ProgramsCall, ProvidersCall},
	AccountId, Balance, Error,
};
use codec::{Compact, Encode};
use subxt::{
	ext::{
		scale_encode::{self, EncodeAsFields, FieldIter},
		scale_type_resolver::TypeResolver,
	},
	transactions::Payload,
	utils::MultiAddress,
	Metadata,
};

/// Blocks between a proxy's announcement and its act.
const NO_DELAY: u32 = 0;

/// A call, in the market's own words.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Call {
	/// About programs.
	Programs(ProgramsCall),
	/// About providers and offers.
	Providers(ProvidersCall),
	/// About jobs.
	Jobs(JobsCall),
	/// About attestations.
	Attestations(AttestationsCall),
	/// About benchmark windows.
	Benchmarks(BenchmarksCall),
	/// Sends money, and leaves the sender the existential deposit.
	Transfer {
		/// To whom.
		to: AccountId,
		/// How much, in planck.
		planck: Balance,
	},
	/// Lets another account act in the caller's name.
	AddProxy {
		/// Who may.
		delegate: AccountId,
		/// What it may do.
		kind: ProxyType,
	},
	/// Takes that right away.
	RemoveProxy {
		/// Who might.
		delegate: AccountId,
		/// What it might do.
		kind: ProxyType,
	},
	/// All of these in one transaction, in order; none if one fails.
	Batch(Vec<Call>),
}

impl Call {
	/// The pallet and the call in it, as the chain spells them: `("Jobs", "accept")`.
	pub fn name(&self) -> (&'static str, &'static str) {
		match self {
			Self::Programs(call) => ("Programs", call.name()),
			Self::Providers(call) => ("Providers", call.name()),
			Self::Jobs(call) => ("Jobs", call.name()),
			Self::Attestations(call) => ("Attestations", call.name()),
			Self::Benchmarks(call) => ("Benchmarks", call.name()),
			Self::Transfer { .. } => ("Balances", "transfer_keep_alive"),
			Self::AddProxy { .. } => ("Proxy", "add_proxy"),
			Self::RemoveProxy { .. } => ("Proxy", "remove_proxy"),
			Self::Batch(_) => ("Utility", "batch_all"),
		}
	}

	/// Whether a proxy of this kind makes the call in the other account's name. Not if anybody may make
	/// it, and a worker's key opens and proves for its provider as itself: these calls are free when
	/// they are right, but sent through a proxy they are not.
	pub fn needs_proxy(&self, kind: ProxyType) -> bool {
		match self {
			Self::Jobs(JobsCall::Settle { .. } | JobsCall::Prune { .. })
			| Self::Attestations(
				AttestationsCall::Redraw { .. }
				| AttestationsCall::ProveFault { .. }
				| AttestationsCall::Supply { .. },
			) => false,
			Self::Attestations(AttestationsCall::Open { .. })
			| Self::Benchmarks(BenchmarksCall::Prove { .. }) => kind != ProxyType::Worker,
			_ => true,
		}
	}

	/// The call as it travels to a chain of this metadata.
	///
	/// # Errors
	///
	/// [`Error::Decode`] when a call in a batch is not in the metadata.
	pub(crate) fn wire(&self, metadata: &Metadata) -> Result<WireCall, Error> {
		// The first byte of an encoded enum is its variant's index, which the pallet decides.
		let fields = |call: Vec<u8>| call.get(1..).unwrap_or_default().to_vec();
		let arguments = match self {
			Self::Programs(call) => fields(call.encode()),
			Self::Providers(call) => fields(call.encode()),
			Self::Jobs(call) => fields(call.encode()),
			Self::Attestations(call) => fields(call.encode()),
			Self::Benchmarks(call) => fields(call.encode()),
			Self::Transfer { to, planck } => (address(to), Compact(*planck)).encode(),
			Self::AddProxy { delegate, kind } | Self::RemoveProxy { delegate, kind } => {
				(address(delegate), kind, NO_DELAY).encode()
			}
			Self::Batch(calls) => {
				let mut bytes = Compact(u32::try_from(calls.len()).unwrap_or(u32::MAX)).encode();
				for call in calls {
					bytes.extend(call.wire(metadata)?.bytes(metadata)?);
				}
				bytes
			}
		};
		let (pallet, call) = self.name();
		Ok(WireCall { pallet, call, arguments: Arguments(arguments) })
	}
}

fn address(account: &AccountId) -> MultiAddress<AccountId, ()> {
	MultiAddress::Id(*account)
}

/// What a proxy may do; see the runtime's proxy types.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Encode)]
#[cfg_attr(test, derive(scale_info::TypeInfo))]
pub enum ProxyType {
	/// Everything.
	#[codec(index = 0)]
	Any,
	/// Everything that moves no money and gives nobody else the right to.
	#[codec(index = 1)]
	NonTransfer,
	/// Bonding, nominating, validating and session keys.
	#[codec(index = 2)]
	Staking,
	/// Serving jobs: a worker's hot key.
	#[codec(index = 3)]
	Worker,
}

/// A call with its arguments in bytes.
#[derive(Clone, Debug)]
pub(crate) struct WireCall {
	pallet: &'static str,
	call: &'static str,
	arguments: Arguments,
}

impl WireCall {
	/// The same call, made in the name of another account by its proxy.
	pub(crate) fn by_proxy(
		&self,
		real: &AccountId,
		kind: ProxyType,
		metadata: &Metadata,
	) -> Result<Self, Error> {
		let mut arguments = (address(real), Some(kind)).encode();
		arguments.extend(self.bytes(metadata)?);
		Ok(Self { pallet: "Proxy", call: "proxy", arguments: Arguments(arguments) })
	}

	/// The call as it stands within other calls.
	pub(crate) fn bytes(&self, metadata: &Metadata) -> Result<Vec<u8>, Error> {
		let indices = metadata.pallet_by_name(self.pallet).and_then(|pallet| {
			Some([pallet.call_index(), pallet.call_variant_by_name(self.call)?.index])
		});
		let indices = indices.ok_or_else(|| Error::Decode {
			what: format!("the call {}.{}", self.pallet, self.call),
			reason: "the chain does not have it".into(),
		})?;
		Ok([&indices[..], &self.arguments.0].concat())
	}
}

/// Encoded arguments of a call.
#[derive(Clone, Debug)]
pub(crate) struct Arguments(Vec<u8>);

impl EncodeAsFields for Arguments {
	fn encode_as_fields_to<R: TypeResolver>(
		&self,
		_: &mut dyn FieldIter<'_, R::TypeId>,
		_: &R,
		out: &mut Vec<u8>,
	) -> Result<(), scale_encode::Error> {
		out.extend(&self.0);
		Ok(())
	}
}

// Its shape was compared with the chain's when we connected (crate::compatibility).
impl Payload for WireCall {
	type CallData = Arguments;

	fn pallet_name(&self) -> &str {
		self.pallet
	}

	fn call_name(&self) -> &str {
		self.call
	}

	fn call_data(&self) -> &Arguments {
		&self.arguments
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::{
		known_metadata,
		shape::{of_rust, of_type},
		test::{known_calls, snake, variants},
	};
	use scale_info::TypeInfo;
	use subxt::{
		ext::scale_value::{scale::decode_as_type, Value},
		utils::AccountId32,
	};

	const REAL: AccountId = AccountId32([9; 32]);

	/// Our enum of a pallet's calls is the pallet's own, but for how it spells names.
	fn mirrors<C: TypeInfo + 'static>(pallet: &str) {
		let ours: Vec<_> = variants::<C>()
			.into_iter()
			.map(|(index, name, shape)| (index, snake(&name), shape))
			.collect();
		let theirs = known_calls(pallet);
		for (ours, theirs) in ours.iter().zip(&theirs) {
			assert_eq!(ours.1, theirs.1, "{pallet}");
			assert_eq!(
				(ours.0, String::from_utf8_lossy(&ours.2)),
				(theirs.0, String::from_utf8_lossy(&theirs.2)),
				"{pallet}.{}",
				ours.1
			);
		}
		assert_eq!(ours.len(), theirs.len(), "{pallet}");
	}

	#[test]
	fn all_calls_of_the_market_have_the_runtimes_form() {
		mirrors::<ProgramsCall>("Programs");
		mirrors::<ProvidersCall>("Providers");
		mirrors::<JobsCall>("Jobs");
		mirrors::<AttestationsCall>("Attestations");
		mirrors::<BenchmarksCall>("Benchmarks");
	}

	#[test]
	fn proxy_types_are_the_runtimes() {
		let known = known_metadata().unwrap();
		let proxy = known.pallet_by_name("Proxy").unwrap();
		let call = proxy.call_variant_by_name("proxy").unwrap();
		let (ours, theirs) =
			(of_rust::<Option<ProxyType>>(), of_type(known.types(), call.fields[1].ty.id));
		assert_eq!(String::from_utf8_lossy(&ours), String::from_utf8_lossy(&theirs));
	}

	/// What the chain would read, as text.
	fn as_the_chain_reads_it(call: &WireCall) -> String {
		let known = known_metadata().unwrap();
		let bytes = call.bytes(&known).unwrap();
		let mut rest = &bytes[..];
		let read: Value<u32> =
			decode_as_type(&mut rest, known.outer_enums().call_enum_ty(), known.types()).unwrap();
		assert!(rest.is_empty(), "{} bytes are left", rest.len());
		read.to_string()
	}

	/// What must be done in time must not need money: the chain asks none for these, unless a proxy
	/// makes them.
	#[test]
	fn a_workers_duties_need_no_proxy() {
		let (job, witness) = (1, Default::default());
		let open = Call::from(AttestationsCall::Open { job, sample: 0, steps: 1, witness });
		assert!(!open.needs_proxy(ProxyType::Worker));
		assert!(open.needs_proxy(ProxyType::Any), "only a worker's key opens as itself");
		assert!(!Call::from(JobsCall::Settle { job }).needs_proxy(ProxyType::Any));
		assert!(Call::from(JobsCall::Accept { job, offer: 2 }).needs_proxy(ProxyType::Worker));
		assert!(Call::Batch(vec![open]).needs_proxy(ProxyType::Worker));
	}

	#[test]
	fn a_proxied_batch_is_read_as_it_was_meant() {
		let known = known_metadata().unwrap();
		let batch = Call::Batch(vec![
			JobsCall::Accept { job: 41, offer: 7 }.into(),
			Call::Transfer { to: AccountId32([3; 32]), planck: 5 },
		]);
		let call = batch.wire(&known).unwrap().by_proxy(&REAL, ProxyType::Worker, &known).unwrap();
		let text = as_the_chain_reads_it(&call);
		for part in ["proxy", "Worker", "batch_all", "accept", "41", "transfer_keep_alive"] {
			assert!(text.contains(part), "{part} is not in {text}");
		}
	}
}
