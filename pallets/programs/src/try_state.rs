//! The invariants.

#![cfg(any(feature = "try-runtime", feature = "std"))]

use crate::{Codes, Config, Outlines, Pallet, Programs};
use codec::Encode;
use frame_support::ensure;
use mutirao_machine_core::{Outline, Program};
use mutirao_types::ProgramId;
use sp_runtime::TryRuntimeError;

impl<T: Config> Pallet<T> {
	/// Each program has its code and its outline, and nothing else has.
	///
	/// # Errors
	///
	/// The first invariant that does not hold.
	pub fn do_try_state() -> Result<(), TryRuntimeError> {
		for (program, record) in Programs::<T>::iter() {
			let code = Codes::<T>::get(program).ok_or("a program lacks its code")?;
			ensure!(
				ProgramId::from(blake3::hash(&code)) == program,
				"a name is not its code's hash"
			);
			ensure!(record.bytes as usize == code.len(), "a record's length is not its code's");
			let whole = Program::decode(&code).map_err(|_| "a code is no program")?;
			let outline = Outlines::<T>::get(program).ok_or("a program lacks its outline")?;
			ensure!(*outline == Outline::of(&whole).encode(), "an outline is not its program's");
		}
		let programs = Programs::<T>::iter_keys().count();
		ensure!(Codes::<T>::iter_keys().count() == programs, "code without a program");
		ensure!(Outlines::<T>::iter_keys().count() == programs, "an outline without a program");
		Ok(())
	}
}
