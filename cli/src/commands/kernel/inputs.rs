//! Parameters and inputs from the command line.

use std::{collections::BTreeMap, str::FromStr};

use clap::Args;
use mutirao_machine_core::{bytecode::Role, Program};

use crate::{
	exit::{failed, Failure},
	formats::{lines::number, Source},
};

/// What a kernel runs on.
#[derive(Args, Clone, Debug)]
pub(crate) struct JobArgs {
	/// A parameter, as NAME=NUMBER; the number may be hexadecimal (0x…) or negative. `width` and
	/// `height` follow from an input that is a picture.
	#[arg(short, long = "param", value_name = "NAME=NUMBER")]
	params: Vec<Assignment>,
	/// An input, as NAME=FILE, NAME=zeros or NAME=random:SEED. PNG and JPEG files are read as grey
	/// pictures (rgba:FILE: coloured), .npy files as arrays, .txt files as a number a line; others,
	/// and raw:FILE, as they are.
	#[arg(short, long = "input", value_name = "NAME=SOURCE")]
	inputs: Vec<Assignment>,
}

/// `NAME=VALUE`.
#[derive(Clone, Debug)]
pub(crate) struct Assignment {
	pub(crate) name: String,
	pub(crate) value: String,
}

impl FromStr for Assignment {
	type Err = &'static str;

	fn from_str(text: &str) -> Result<Self, Self::Err> {
		let (name, value) = text.split_once('=').ok_or("write it as NAME=VALUE")?;
		Ok(Self { name: name.trim().into(), value: value.trim().into() })
	}
}

impl JobArgs {
	/// Whether any parameter is given.
	pub(crate) fn has_params(&self) -> bool {
		!self.params.is_empty()
	}

	/// The parameters, in the program's order.
	pub(crate) fn parameters(&self, program: &Program) -> anyhow::Result<Vec<u32>> {
		let known = &program.definition().parameters;
		let names = || known.iter().map(|known| known.name.as_str()).collect::<Vec<_>>().join(", ");
		let mut given = BTreeMap::new();
		if let Some((width, height)) = self.picture()? {
			given.insert("width", width);
			given.insert("height", height);
		}
		for Assignment { name, value } in &self.params {
			if !known.iter().any(|known| known.name == *name) {
				let message = format!("no parameter `{name}`; the kernel has: {}", names());
				return Err(failed(Failure::Input, message));
			}
			let value = number(value).ok_or_else(|| {
				failed(Failure::Input, format!("`{value}` of `{name}` is no 32-bit number"))
			})?;
			given.insert(name.as_str(), value);
		}
		let value = |name: &str| {
			given.get(name).copied().ok_or_else(|| {
				failed(Failure::Input, format!("give `{name}` a value: -p {name}=NUMBER"))
			})
		};
		known.iter().map(|known| value(&known.name)).collect()
	}

	/// Width and height of the first input that is a picture.
	fn picture(&self) -> anyhow::Result<Option<(u32, u32)>> {
		for Assignment { value, .. } in &self.inputs {
			if let Some(size) = Source::parse(value)?.size()? {
				return Ok(Some(size));
			}
		}
		Ok(None)
	}

	/// The inputs' bytes, in the program's order.
	pub(crate) fn inputs(
		&self,
		program: &Program,
		parameters: &[u32],
	) -> anyhow::Result<Vec<Vec<u8>>> {
		let summary = program.summary(parameters).map_err(|error| failed(Failure::Input, error))?;
		let buffers = program.definition().buffers.iter().zip(&summary.buffer_words);
		let wanted: Vec<(&str, u32)> = buffers
			.filter(|(buffer, _)| buffer.role == Role::Input)
			.map(|(buffer, words)| (buffer.name.as_str(), *words))
			.collect();
		for Assignment { name, .. } in &self.inputs {
			if !wanted.iter().any(|(known, _)| known == name) {
				let names: Vec<&str> = wanted.iter().map(|(name, _)| *name).collect();
				let message = format!("no input `{name}`; the kernel has: {}", names.join(", "));
				return Err(failed(Failure::Input, message));
			}
		}
		wanted.into_iter().map(|(name, words)| self.input(name, words)).collect()
	}

	fn input(&self, name: &str, words: u32) -> anyhow::Result<Vec<u8>> {
		let bytes = 4 * words as usize;
		let given = self.inputs.iter().rev().find(|given| given.name == name);
		let Some(Assignment { value, .. }) = given else {
			let message = format!("give input `{name}` its {bytes} bytes: -i {name}=FILE");
			return Err(failed(Failure::Input, message));
		};
		Source::parse(value)?.read(bytes)
	}
}
