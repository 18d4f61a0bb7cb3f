//! View functions: reads that pallets offer, with our types of what they take and give.

use crate::{
	shape::{of_rust, of_rust_fields},
	Error,
};
use codec::{Decode, Encode};
use scale_info::TypeInfo;
use std::marker::PhantomData;

/// A view function that takes a tuple `A` and gives a `T`.
pub(crate) struct View<A, T> {
	/// Whose.
	pub(crate) pallet: &'static str,
	/// Its name.
	pub(crate) function: &'static str,
	shape: PhantomData<fn(A) -> T>,
}

/// How a view function's bytes are laid out, as far as this program knows.
pub(crate) struct ViewShape {
	pub(crate) pallet: &'static str,
	pub(crate) function: &'static str,
	pub(crate) inputs: Vec<u8>,
	pub(crate) output: Vec<u8>,
}

impl<A, T> View<A, T> {
	pub(crate) const fn new(pallet: &'static str, function: &'static str) -> Self {
		Self { pallet, function, shape: PhantomData }
	}

	/// Its name in errors.
	pub(crate) fn name(&self) -> String {
		format!("{}.{}", self.pallet, self.function)
	}
}

impl<A: Encode + TypeInfo + 'static, T: Decode + TypeInfo + 'static> View<A, T> {
	/// What it must be like on the chain.
	pub(crate) fn shape(&self) -> ViewShape {
		let (inputs, output) = (of_rust_fields::<A>(), of_rust::<T>());
		ViewShape { pallet: self.pallet, function: self.function, inputs, output }
	}

	/// Reads the answer of the runtime, which wraps the function's own.
	///
	/// # Errors
	///
	/// [`Error::Decode`].
	pub(crate) fn read(&self, answer: &[u8]) -> Result<T, Error> {
		let answer: Result<Vec<u8>, Refusal> = crate::scale::decode(&self.name(), answer)?;
		let answer = answer.map_err(|refusal| Error::Decode {
			what: self.name(),
			reason: format!("{refusal:?}"),
		})?;
		crate::scale::decode(&self.name(), &answer)
	}
}

/// Why the runtime did not run a view function.
#[derive(Debug, Decode)]
#[cfg_attr(test, derive(Encode))]
enum Refusal {
	#[codec(index = 0)]
	NotImplemented,
	#[codec(index = 1)]
	NotFound(#[allow(dead_code)] [u8; 32]),
	#[codec(index = 2)]
	Codec,
}

#[cfg(test)]
mod tests {
	use super::*;

	const VIEW: View<(u64,), Option<u32>> = View::new("Jobs", "answer");

	#[test]
	fn answers_are_unwrapped_and_must_be_whole() {
		let wrap = |answer: Vec<u8>| Ok::<_, Refusal>(answer).encode();
		assert_eq!(VIEW.read(&wrap(Some(7u32).encode())).unwrap(), Some(7));
		assert_eq!(VIEW.read(&wrap(None::<u32>.encode())).unwrap(), None);
		for bad in [wrap(vec![1, 7, 0]), wrap(vec![0, 0]), Vec::new()] {
			let error = VIEW.read(&bad).unwrap_err().to_string();
			assert!(error.starts_with("Jobs.answer cannot be read"), "{error}");
		}
		let refused = Err::<Vec<u8>, _>(Refusal::NotFound([0; 32])).encode();
		assert!(VIEW.read(&refused).unwrap_err().to_string().contains("NotFound"));
	}
}
