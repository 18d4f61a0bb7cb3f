//! Registered programs.

use super::answer;
use crate::{
	view::{View, ViewShape},
	AccountId, Balance, Call, Error, Event, Included, OnChain, Submit,
};
use codec::{Decode, Encode};
use mutirao_types::{program::Parameters, ProgramId, Quote};
use scale_info::TypeInfo;
use subxt::ext::scale_value::Value;

const PROGRAM: View<(ProgramId,), Option<ProgramRecord>> = View::new("Programs", "program");
const QUOTE: View<(ProgramId, Parameters), Option<Quote>> = View::new("Programs", "quote");

/// What the view functions that are asked here must be like.
pub(super) fn views() -> Vec<ViewShape> {
	vec![PROGRAM.shape(), QUOTE.shape()]
}

/// Calls of the pallet Programs. Its documentation is in the pallet.
#[derive(Clone, Debug, Eq, PartialEq, Encode)]
#[cfg_attr(test, derive(TypeInfo))]
pub enum ProgramsCall {
	/// Registers a program, so that jobs can name it.
	#[codec(index = 0)]
	Register {
		/// Its bytecode: at most 64 KiB.
		code: Vec<u8>,
	},
	/// Removes a program that no job uses.
	#[codec(index = 1)]
	Remove {
		/// Its name.
		program: ProgramId,
	},
}

impl ProgramsCall {
	/// The call's name on the chain.
	pub fn name(&self) -> &'static str {
		match self {
			Self::Register { .. } => "register",
			Self::Remove { .. } => "remove",
		}
	}
}

impl From<ProgramsCall> for Call {
	fn from(call: ProgramsCall) -> Self {
		Self::Programs(call)
	}
}

/// Events of the pallet Programs.
#[derive(Clone, Debug, Eq, PartialEq, Decode)]
#[cfg_attr(test, derive(TypeInfo))]
pub enum ProgramsEvent {
	/// A program can be named by jobs from now on.
	#[codec(index = 0)]
	Registered {
		/// Its name: the BLAKE3 hash of its bytecode.
		program: ProgramId,
		/// Who pays for its place.
		depositor: AccountId,
		/// Length of its bytecode.
		bytes: u32,
	},
	/// A program is no longer stored.
	#[codec(index = 1)]
	Removed {
		/// Its name.
		program: ProgramId,
	},
}

/// What is known of a program besides its bytes.
#[derive(Clone, Debug, Eq, PartialEq, Decode, TypeInfo)]
pub struct ProgramRecord {
	/// Who registered it.
	pub depositor: AccountId,
	/// What is on hold for its place, in planck.
	pub ticket: Balance,
	/// Length of its bytecode.
	pub bytes: u32,
	/// Jobs that name it and have not ended.
	pub uses: u32,
}

/// Programs of a chain.
pub trait ProgramsExt: Sync {
	/// What is known of a program; `None` if it is not registered.
	fn program(&self, program: ProgramId) -> answer!(Option<ProgramRecord>);

	/// A program's bytecode; `None` if it is not registered.
	fn program_code(&self, program: ProgramId) -> answer!(Option<Vec<u8>>);

	/// What a program asks for with these parameters; `None` if there is no such program or they do
	/// not fit it.
	fn quote(&self, program: ProgramId, parameters: Parameters) -> answer!(Option<Quote>);

	/// Registers a program; its name.
	fn register_program(&self, code: Vec<u8>) -> answer!(ProgramId)
	where
		Self: Submit,
	{
		async move {
			let included = self.submit(ProgramsCall::Register { code }.into()).await?;
			included.find("Programs.Registered", |event| match event {
				Event::Programs(ProgramsEvent::Registered { program, .. }) => Some(*program),
				_ => None,
			})
		}
	}

	/// Removes one of the account's programs that no job uses.
	fn remove_program(&self, program: ProgramId) -> answer!(Included)
	where
		Self: Submit,
	{
		self.submit(ProgramsCall::Remove { program }.into())
	}
}

impl<T: OnChain + Sync> ProgramsExt for T {
	async fn program(&self, program: ProgramId) -> Result<Option<ProgramRecord>, Error> {
		self.client().view(&PROGRAM, (program,)).await
	}

	async fn program_code(&self, program: ProgramId) -> Result<Option<Vec<u8>>, Error> {
		self.client().stored("Programs", "Codes", vec![Value::from_bytes(program)]).await
	}

	async fn quote(
		&self,
		program: ProgramId,
		parameters: Parameters,
	) -> Result<Option<Quote>, Error> {
		self.client().view(&QUOTE, (program, parameters)).await
	}
}
