//! Programs of a fake chain.

use super::{
	state::{Market, Program, Refused},
	FakeAccount,
};
use crate::{
	pallets::{ProgramRecord, ProgramsCall, ProgramsEvent, ProgramsExt},
	AccountId, Error, Event,
};
use mutirao_types::{program::Parameters, BufferId, ProgramId, Quote};

fn refuse<T>(error: &'static str) -> Result<T, Refused> {
	Err(Refused("Programs", error))
}

impl Market {
	pub(super) fn call_programs(
		&mut self,
		who: AccountId,
		call: ProgramsCall,
	) -> Result<(), Refused> {
		let event = match call {
			ProgramsCall::Register { code } => {
				let program = BufferId::of(&code).hash;
				if self.programs.contains_key(&program) {
					return refuse("AlreadyRegistered");
				}
				let Ok(bytes @ 1..=0x1_0000) = u32::try_from(code.len()) else {
					return refuse("NotAProgram");
				};
				let record = ProgramRecord { depositor: who, ticket: 0, bytes, uses: 0 };
				let quote = self.quotes.get(&program).cloned();
				self.programs.insert(program, Program { record, code, quote });
				ProgramsEvent::Registered { program, depositor: who, bytes }
			}
			ProgramsCall::Remove { program } => {
				match self.programs.get(&program).map(|program| &program.record) {
					None => return refuse("NoSuchProgram"),
					Some(record) if record.depositor != who => return refuse("NotDepositor"),
					Some(record) if record.uses > 0 => return refuse("InUse"),
					Some(_) => self.programs.remove(&program),
				};
				ProgramsEvent::Removed { program }
			}
		};
		self.events.push(Event::Programs(event));
		Ok(())
	}
}

impl ProgramsExt for FakeAccount {
	async fn program(&self, program: ProgramId) -> Result<Option<ProgramRecord>, Error> {
		self.read(|state| state.programs.get(&program).map(|program| program.record.clone()))
	}

	async fn program_code(&self, program: ProgramId) -> Result<Option<Vec<u8>>, Error> {
		self.read(|state| state.programs.get(&program).map(|program| program.code.clone()))
	}

	async fn quote(&self, program: ProgramId, _: Parameters) -> Result<Option<Quote>, Error> {
		self.read(|state| state.programs.get(&program).and_then(|program| program.quote.clone()))
	}
}
