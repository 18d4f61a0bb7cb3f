//! The manifest: what a program takes, what it makes, and its passes.
//!
//! ```toml
//! [program]
//! name = "double"
//! source = "kernel.wgsl"
//!
//! [parameters]
//! n = { min = 1, max = 1000000 }
//!
//! [buffers]
//! x = { role = "input", words = "n" }
//! y = { role = "output", words = "ceil_div(n, 64) * 64" }
//!
//! [[passes]]
//! entry = "main"
//! workgroups = ["ceil_div(n, 64)"]
//! slice = { y = "64" }
//! fuel = "64 * 100"
//! ```

pub mod expression;

use std::{collections::BTreeMap, fmt};

use serde::{
	de::{MapAccess, Visitor},
	Deserialize, Deserializer,
};
use thiserror::Error;

/// A TOML table with its entries in the author's order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table<T>(pub Vec<(String, T)>);

impl<T> Default for Table<T> {
	fn default() -> Self {
		Self(Vec::new())
	}
}

/// A parsed `manifest.toml`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
	/// Name and source.
	pub program: ProgramSection,
	/// The job's named numbers, in the order in which a job gives them.
	#[serde(default)]
	pub parameters: Table<ParameterSection>,
	/// Buffers; a job's inputs and outputs are in this order.
	pub buffers: Table<BufferSection>,
	/// The passes, in the order in which they run.
	pub passes: Vec<PassSection>,
}

/// `[program]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProgramSection {
	/// A short name, for people.
	pub name: String,
	/// The WGSL file, relative to the manifest.
	#[serde(default = "default_source")]
	pub source: String,
}

fn default_source() -> String {
	"kernel.wgsl".into()
}

/// One of `[parameters]`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ParameterSection {
	/// The least value a job may give.
	#[serde(default)]
	pub min: u32,
	/// The greatest.
	#[serde(default = "greatest")]
	pub max: u32,
}

const fn greatest() -> u32 {
	u32::MAX
}

/// What a buffer is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BufferRole {
	/// The buyer gives it.
	Input,
	/// Passes hand it to one another.
	#[default]
	Intermediate,
	/// The buyer gets it.
	Output,
}

/// One of `[buffers]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BufferSection {
	/// What it is for.
	#[serde(default)]
	pub role: BufferRole,
	/// Its length in 32-bit words.
	pub words: String,
}

/// One of `[[passes]]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PassSection {
	/// The WGSL entry point.
	pub entry: String,
	/// WGSL variable to buffer, where the names differ.
	#[serde(default)]
	pub bind: BTreeMap<String, String>,
	/// Member of the uniform struct to an expression, where it is not the parameter of that name.
	#[serde(default)]
	pub with: BTreeMap<String, String>,
	/// Workgroups in x, y and z; missing ones are 1.
	pub workgroups: Vec<String>,
	/// For each buffer that the pass writes, the words that one workgroup owns.
	pub slice: BTreeMap<String, String>,
	/// The most steps that a workgroup may take.
	pub fuel: String,
}

/// Why a manifest is refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{at}: {reason}")]
pub struct ManifestError {
	/// The key that is wrong, such as `passes[0].fuel`.
	pub at: String,
	/// What is wrong with it.
	pub reason: String,
}

impl ManifestError {
	/// An error at a key.
	pub fn new(at: impl Into<String>, reason: impl fmt::Display) -> Self {
		Self { at: at.into(), reason: reason.to_string() }
	}
}

/// Largest manifest, in bytes.
const MAX_BYTES: usize = 64 * 1024;

impl Manifest {
	/// Reads a manifest.
	///
	/// # Errors
	///
	/// If it is not TOML, lacks a key, or has one that is not known.
	pub fn parse(text: &str) -> Result<Self, ManifestError> {
		if text.len() > MAX_BYTES {
			return Err(ManifestError::new("manifest", "longer than 65,536 bytes"));
		}
		toml::from_str(text).map_err(|error| {
			let line = error.span().map_or(1, |span| {
				text.get(..span.start).unwrap_or_default().matches('\n').count() + 1
			});
			ManifestError::new(format!("line {line}"), error.message())
		})
	}

	/// The index of a parameter.
	pub fn parameter(&self, name: &str) -> Option<usize> {
		self.parameters.0.iter().position(|(known, _)| known == name)
	}

	/// The index of a buffer.
	pub fn buffer(&self, name: &str) -> Option<usize> {
		self.buffers.0.iter().position(|(known, _)| known == name)
	}
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Table<T> {
	fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
		struct InOrder<T>(std::marker::PhantomData<T>);
		impl<'de, T: Deserialize<'de>> Visitor<'de> for InOrder<T> {
			type Value = Table<T>;

			fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
				f.write_str("a table")
			}

			fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
				let mut entries = Vec::new();
				while let Some(entry) = map.next_entry()? {
					entries.push(entry);
				}
				Ok(Table(entries))
			}
		}
		deserializer.deserialize_map(InOrder(std::marker::PhantomData))
	}
}
