//! Registering and removing.

use crate::{Code, Codes, Config, Error, Event, Outlines, Pallet, ProgramRecord, Programs};
use codec::Encode;
use frame_support::{
	ensure,
	traits::{Consideration, Footprint, Get},
};
use mutirao_machine_core::{bytecode::Role, Outline, Program};
use mutirao_types::{buffer::MAX_JOB_BUFFERS, ProgramId};
use sp_runtime::{DispatchError, DispatchResult};

impl<T: Config> Pallet<T> {
	pub(crate) fn do_register(depositor: T::AccountId, code: Code) -> DispatchResult {
		let id: ProgramId = blake3::hash(&code).into();
		ensure!(!Programs::<T>::contains_key(id), Error::<T>::AlreadyRegistered);
		let program = Program::decode(&code).map_err(|_| Error::<T>::NotAProgram)?;
		let outline = Outline::of(&program);
		Self::ensure_quotable(&outline)?;
		// The outline is a part of the program's own encoding, so it is no longer than the code.
		let outline = Code::try_from(outline.encode()).map_err(|_| Error::<T>::NotAProgram)?;

		let bytes = code.len() as u32;
		let ticket =
			T::Rent::new(&depositor, Footprint::from_parts(2, code.len() + outline.len()))?;
		let record = ProgramRecord { depositor: depositor.clone(), ticket, bytes, uses: 0 };
		Programs::<T>::insert(id, record);
		Codes::<T>::insert(id, code);
		Outlines::<T>::insert(id, outline);
		Self::deposit_event(Event::Registered { program: id, depositor, bytes });
		Ok(())
	}

	pub(crate) fn do_remove(who: T::AccountId, program: ProgramId) -> DispatchResult {
		let record = Programs::<T>::get(program).ok_or(Error::<T>::NoSuchProgram)?;
		ensure!(record.depositor == who, Error::<T>::NotDepositor);
		ensure!(record.uses == 0, Error::<T>::InUse);
		record.ticket.drop(&who)?;
		Programs::<T>::remove(program);
		Codes::<T>::remove(program);
		Outlines::<T>::remove(program);
		Self::deposit_event(Event::Removed { program });
		Ok(())
	}

	/// Any registered program can be priced within bounds, and its jobs can name all buffers.
	fn ensure_quotable(outline: &Outline) -> Result<(), DispatchError> {
		let buffers =
			|role| outline.buffers.iter().filter(|buffer| buffer.role == role).count() as u32;
		ensure!(
			buffers(Role::Input) <= MAX_JOB_BUFFERS && buffers(Role::Output) <= MAX_JOB_BUFFERS,
			Error::<T>::TooManyBuffers
		);
		ensure!(outline.terms() <= T::MaxTerms::get() as usize, Error::<T>::TooManyTerms);
		Ok(())
	}
}
