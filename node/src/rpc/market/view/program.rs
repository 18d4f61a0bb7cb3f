//! Registered programs.

use mutirao_market_api::{BufferInfo, BufferRole, ParameterInfo, ProgramDetails, ProgramInfo};
use mutirao_runtime::{AccountId, Hash};
use serde::Serialize;

/// A program.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ProgramView {
	program: Hash,
	depositor: AccountId,
	bytes: u32,
	uses: u32,
}

impl From<ProgramInfo<AccountId>> for ProgramView {
	fn from(info: ProgramInfo<AccountId>) -> Self {
		Self {
			program: info.id.into(),
			depositor: info.depositor,
			bytes: info.bytes,
			uses: info.uses,
		}
	}
}

/// A program and its interface.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ProgramDetailsView {
	#[serde(flatten)]
	program: ProgramView,
	parameters: Vec<ParameterView>,
	buffers: Vec<NamedBufferView>,
	passes: u32,
}

impl From<ProgramDetails<AccountId>> for ProgramDetailsView {
	fn from(details: ProgramDetails<AccountId>) -> Self {
		Self {
			program: details.info.into(),
			parameters: details.parameters.into_iter().map(Into::into).collect(),
			buffers: details.buffers.into_iter().map(Into::into).collect(),
			passes: details.passes,
		}
	}
}

/// A number that a job gives.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ParameterView {
	name: String,
	min: u32,
	max: u32,
}

impl From<ParameterInfo> for ParameterView {
	fn from(ParameterInfo { name, min, max }: ParameterInfo) -> Self {
		Self { name, min, max }
	}
}

/// A buffer and its role.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct NamedBufferView {
	name: String,
	role: &'static str,
}

impl From<BufferInfo> for NamedBufferView {
	fn from(BufferInfo { name, role }: BufferInfo) -> Self {
		let role = match role {
			BufferRole::Input => "input",
			BufferRole::Intermediate => "intermediate",
			BufferRole::Output => "output",
		};
		Self { name, role }
	}
}
