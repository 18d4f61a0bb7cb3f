//! The program that a job names: by its hash, by its name in the catalogue, or as files.

use std::path::Path;

use anyhow::Context as _;
use mutirao_client::{
	pallets::ProgramsExt,
	types::{BufferId, ProgramId},
};
use mutirao_machine_core::{
	bytecode::{limits::MAX_PROGRAM_BYTES, Role},
	Program, Summary,
};
use mutirao_machine_wgsl::{compile::compile, manifest::Manifest};

use crate::{
	commands::kernel::load::load,
	exit::{chain, failed, Failure},
	show,
};

/// A program with its bytes.
#[derive(Clone, Debug)]
pub(crate) struct Kernel {
	/// A name for people.
	pub(crate) name: String,
	pub(crate) id: ProgramId,
	pub(crate) code: Vec<u8>,
	pub(crate) program: Program,
}

impl Kernel {
	fn new(name: String, program: Program) -> Self {
		let code = program.encode();
		Self { name, id: BufferId::of(&code).hash, code, program }
	}

	/// Reads a program's bytes.
	pub(crate) fn decode(name: String, code: Vec<u8>) -> anyhow::Result<Self> {
		let program = Program::decode(&code)
			.map_err(|error| failed(Failure::Refused, format!("{name} is no program: {error}")))?;
		Ok(Self { name, id: BufferId::of(&code).hash, code, program })
	}

	/// A kernel of the catalogue, compiled.
	pub(crate) fn of_catalogue(name: &str) -> Option<anyhow::Result<Self>> {
		let kernel = mutirao_kernels::by_name(name)?;
		let refused = |error: &dyn std::fmt::Display| {
			failed(Failure::Refused, format!("the catalogue's {name}: {error}"))
		};
		let compiled = || {
			let manifest = Manifest::parse(kernel.manifest).map_err(|error| refused(&error))?;
			let compiled = compile(&manifest, kernel.source).map_err(|error| refused(&error))?;
			let program = Program::new(compiled.definition).map_err(|error| refused(&error))?;
			Ok(Self::new(name.into(), program))
		};
		Some(compiled())
	}

	/// A kernel's folder or manifest, or a program that `kernel build` wrote.
	pub(crate) fn of_file(path: &Path) -> anyhow::Result<Self> {
		if path.extension().is_some_and(|extension| extension == "mtr") {
			let cannot = || format!("cannot read {}", path.display());
			let length = std::fs::metadata(path).with_context(cannot)?.len();
			if length > MAX_PROGRAM_BYTES as u64 {
				let message = format!("{} is longer than a program can be", path.display());
				return Err(failed(Failure::Refused, message));
			}
			let code = std::fs::read(path).with_context(cannot)?;
			return Self::decode(path.display().to_string(), code);
		}
		let loaded = load(path)?;
		Ok(Self::new(loaded.name, loaded.program))
	}

	/// The program that a text names: 64 hexadecimal digits, a name of the catalogue, or a path.
	pub(crate) async fn find(chain_: &impl ProgramsExt, name: &str) -> anyhow::Result<Self> {
		if let Some(id) = show::parse_hash(name) {
			let code = chain_.program_code(id).await.map_err(chain)?;
			let code = code.ok_or_else(|| {
				let message =
					format!("no program {name} is registered: give its file or its kernel");
				failed(Failure::NotFound, message)
			})?;
			let short = name.trim_start_matches("0x").chars().take(8).collect();
			return Self::decode(short, code);
		}
		if let Some(kernel) = Self::of_catalogue(name) {
			return kernel;
		}
		let path = Path::new(name);
		match path.exists() {
			true => Self::of_file(path),
			false => {
				let names: Vec<_> = mutirao_kernels::KERNELS.iter().map(|k| k.name).collect();
				let message = format!(
					"`{name}` is neither a program's hash, nor a folder or file, nor in the catalogue: {}",
					names.join(", ")
				);
				Err(failed(Failure::NotFound, message))
			}
		}
	}

	/// The buffers with this role: index in the program, and name.
	pub(crate) fn with_role(&self, role: Role) -> Vec<(usize, String)> {
		let buffers = self.program.definition().buffers.iter().enumerate();
		let these = buffers.filter(|(_, buffer)| buffer.role == role);
		these.map(|(index, buffer)| (index, buffer.name.clone())).collect()
	}

	/// Sizes and steps for these parameters.
	pub(crate) fn summary(&self, parameters: &[u32]) -> anyhow::Result<Summary> {
		self.program.summary(parameters).map_err(|error| failed(Failure::Input, error))
	}

	/// The parameters' names, in the program's order.
	pub(crate) fn parameters(&self) -> Vec<&str> {
		let known = &self.program.definition().parameters;
		known.iter().map(|parameter| parameter.name.as_str()).collect()
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use mutirao_client::fake::FakeChain;

	#[tokio::test]
	async fn a_program_is_found_by_name_path_and_hash() {
		let chain = FakeChain::new().unwrap();
		let buyer = chain.account([1; 32]);
		let named = Kernel::find(&buyer, "sobel").await.unwrap();
		assert_eq!(named.parameters(), ["width", "height"]);
		assert_eq!(named.with_role(Role::Output), [(1, "edges".to_owned())]);
		let hash = show::hex(&named.id);
		let error = Kernel::find(&buyer, &hash).await.unwrap_err().to_string();
		assert!(error.contains("registered"), "{error}");
		buyer.register_program(named.code.clone()).await.unwrap();
		assert_eq!(Kernel::find(&buyer, &hash).await.unwrap().id, named.id);
		let folder = format!("{}/../kernels/sobel", env!("CARGO_MANIFEST_DIR"));
		assert_eq!(Kernel::find(&buyer, &folder).await.unwrap().id, named.id);
		let file = tempfile::Builder::new().suffix(".mtr").tempfile().unwrap();
		std::fs::write(file.path(), &named.code).unwrap();
		let path = file.path().display().to_string();
		assert_eq!(Kernel::find(&buyer, &path).await.unwrap().id, named.id);
		std::fs::write(file.path(), [1, 2, 3]).unwrap();
		assert!(Kernel::find(&buyer, &path).await.is_err());
		let error = Kernel::find(&buyer, "sobol").await.unwrap_err().to_string();
		assert!(error.contains("mlp_i8, sobel"), "{error}");
	}
}
