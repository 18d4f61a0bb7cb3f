//! Registered programs.

use super::page;
use crate::{AccountId, Programs, Runtime};
use alloc::boxed::Box;
use mutirao_machine_core::bytecode::{Buffer, Parameter, Role};
use mutirao_market_api::{
	BufferInfo, BufferRole, Page, PageRequest, ParameterInfo, ProgramDetails, ProgramInfo,
};
use mutirao_types::ProgramId;

pub(crate) fn programs(
	PageRequest { after, limit }: PageRequest<ProgramId>,
) -> Page<ProgramId, ProgramInfo<AccountId>> {
	let ids: Box<dyn Iterator<Item = ProgramId>> = match after {
		Some(after) => Box::new(pallet_programs::Programs::<Runtime>::iter_keys_from_key(after)),
		None => Box::new(pallet_programs::Programs::<Runtime>::iter_keys()),
	};
	page(ids, limit, info)
}

pub(crate) fn program(id: ProgramId) -> Option<ProgramDetails<AccountId>> {
	let info = info(id)?;
	let outline = Programs::outline(&id).ok()?;
	Some(ProgramDetails {
		info,
		parameters: outline.parameters.into_iter().map(parameter).collect(),
		buffers: outline.buffers.into_iter().map(buffer).collect(),
		passes: outline.passes.len() as u32,
	})
}

fn info(id: ProgramId) -> Option<ProgramInfo<AccountId>> {
	let record = Programs::program(id)?;
	Some(ProgramInfo { id, depositor: record.depositor, bytes: record.bytes, uses: record.uses })
}

fn parameter(Parameter { name, min, max }: Parameter) -> ParameterInfo {
	ParameterInfo { name, min, max }
}

fn buffer(Buffer { name, role, .. }: Buffer) -> BufferInfo {
	let role = match role {
		Role::Input => BufferRole::Input,
		Role::Intermediate => BufferRole::Intermediate,
		Role::Output => BufferRole::Output,
	};
	BufferInfo { name, role }
}
