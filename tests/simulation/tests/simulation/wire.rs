//! Between the client's words and the runtime's: by SCALE, as over a real wire.

use codec::{Decode, DecodeAll, Encode};
use frame_support::traits::PalletInfoAccess;
use mutirao_client::{Call, DispatchError, Error, Event};
use mutirao_runtime::{
	AccountId, Attestations, Benchmarks, Jobs, Programs, Providers, RuntimeCall, RuntimeEvent,
};
use mutirao_types::JobId;
use sp_runtime::DispatchError as RuntimeError;
use subxt::ArcMetadata;

/// The same value in the other side's type.
pub(crate) fn recode<T: Decode>(value: &impl Encode) -> T {
	T::decode_all(&mut value.encode().as_slice()).expect("both sides have the same types")
}

/// A client's call as the runtime reads it; `None` if no worker makes such calls.
pub(crate) fn call(call: &Call) -> Option<RuntimeCall> {
	let (pallet, bytes) = match call {
		Call::Programs(call) => (Programs::index(), call.encode()),
		Call::Providers(call) => (Providers::index(), call.encode()),
		Call::Jobs(call) => (Jobs::index(), call.encode()),
		Call::Attestations(call) => (Attestations::index(), call.encode()),
		Call::Benchmarks(call) => (Benchmarks::index(), call.encode()),
		_ => return None,
	};
	let bytes = [vec![u8::try_from(pallet).expect("pallets have small numbers")], bytes].concat();
	Some(
		RuntimeCall::decode_all(&mut bytes.as_slice())
			.expect("the client's calls are the runtime's"),
	)
}

/// The same call, made in another account's name by its worker's key.
pub(crate) fn by_worker(real: AccountId, call: RuntimeCall) -> RuntimeCall {
	pallet_proxy::Call::proxy {
		real: real.into(),
		force_proxy_type: Some(mutirao_runtime::configs::ProxyType::Worker),
		call: Box::new(call),
	}
	.into()
}

/// The runtime's event as a client reads it; `None` if it is not the market's.
pub(crate) fn event(event: &RuntimeEvent) -> Option<Event> {
	let bytes = event.encode();
	let (pallet, rest) = bytes.split_first().expect("an event names its pallet");
	fn read<T: Decode>(bytes: &[u8]) -> T {
		T::decode_all(&mut &*bytes).expect("the client's events are the runtime's")
	}
	Some(match usize::from(*pallet) {
		index if index == Programs::index() => Event::Programs(read(rest)),
		index if index == Providers::index() => Event::Providers(read(rest)),
		index if index == Jobs::index() => Event::Jobs(read(rest)),
		index if index == Attestations::index() => Event::Attestations(read(rest)),
		index if index == Benchmarks::index() => Event::Benchmarks(read(rest)),
		_ => return None,
	})
}

/// The runtime's error as a client reports it.
pub(crate) fn error(error: RuntimeError, number: u32, metadata: &ArcMetadata) -> Error {
	let error = match error {
		RuntimeError::Module(module) => {
			let pallet = metadata.pallet_by_error_index(module.index).expect("a pallet");
			let variant = pallet.error_variant_by_index(module.error[0]).expect("its error");
			DispatchError::named(pallet.name(), &variant.name, metadata)
		}
		other => DispatchError::Runtime { name: format!("{other:?}"), meaning: "" },
	};
	let hash = hash_of(number);
	Error::Failed { error, transaction: hash, block: hash, fee: 0 }
}

/// Blocks and transactions are told apart by their heights here: nothing asks for more.
pub(crate) fn hash_of(number: u32) -> subxt::utils::H256 {
	subxt::utils::H256::from_low_u64_be(number.into())
}

/// A call in a word or two, and its job: what the chances of its sending are told apart by.
pub(crate) fn name(call: &Call) -> String {
	use mutirao_client::pallets::{AttestationsCall as A, JobsCall as J};
	let of = |job: &JobId| format!("{} of job {job}", call.name().1);
	match call {
		Call::Attestations(A::Open { job, sample, .. }) => format!("{}, sample {sample}", of(job)),
		Call::Attestations(A::Supply { job, buffer, .. }) => format!("{}, {buffer:?}", of(job)),
		Call::Attestations(
			A::Attest { job, .. }
			| A::Redraw { job }
			| A::Challenge { job, .. }
			| A::ProveFault { job, .. }
			| A::Demand { job, .. },
		)
		| Call::Jobs(J::Accept { job, .. } | J::GiveUp { job } | J::Settle { job }) => of(job),
		other => other.name().1.into(),
	}
}
