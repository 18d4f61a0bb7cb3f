//! The program that a job names: by its hash, by its name in the catalogue, or as files.

use std::path::Path;

use anyhow::Context as _;
use codec::Encode as _;
use mutirao_client::{
	pallets::{ProgramsCall, ProgramsExt},
	terms::JobTerms,
	types::{BufferId, ProgramId},
	Balance, Error, Submit,
};
use mutirao_machine_core::{
	bytecode::{limits::MAX_PROGRAM_BYTES, Role},
	Outline, Program, Summary,
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

/// What came of registering a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Registered {
	/// What it cost, in planck.
	pub(crate) fee: Balance,
	/// Whether somebody else was faster.
	pub(crate) already: bool,
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

	/// Reads the bytes that a node gave for a program, which must be its.
	fn of_chain(name: String, id: ProgramId, code: Vec<u8>) -> anyhow::Result<Self> {
		match BufferId::of(&code).hash == id {
			true => Self::decode(name, code),
			false => {
				let message = format!(
					"the node answers with another program than {}: ask another node",
					show::hex(&id)
				);
				Err(failed(Failure::Chain, message))
			}
		}
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
			return Self::of_chain(short, id, code);
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

	/// What it puts on hold on the chain, in planck, as long as it is registered.
	pub(crate) fn deposit(&self, terms: &JobTerms) -> Balance {
		// The chain keeps the outline beside the code, and both under the program's record.
		let outline = Outline::of(&self.program).encode();
		terms.deposit(2, self.code.len().saturating_add(outline.len()))
	}

	/// Registers the program. That somebody did it just before is as good.
	///
	/// # Errors
	///
	/// Those of calls.
	pub(crate) async fn register(&self, by: &impl Submit) -> Result<Registered, Error> {
		let call = ProgramsCall::Register { code: self.code.clone() };
		match by.submit(call.into()).await {
			Ok(included) => Ok(Registered { fee: included.fee, already: false }),
			Err(error) if error.pallet_error() == Some(("Programs", "AlreadyRegistered")) => {
				Ok(Registered { fee: error.fee(), already: true })
			}
			Err(error) => Err(error),
		}
	}

	/// Removes the program from the chain, so that its deposit comes back; the deposit, in planck.
	///
	/// # Errors
	///
	/// Those of calls; if it is not there, is another account's, or a job names it that has not ended.
	pub(crate) async fn remove(&self, by: &(impl ProgramsExt + Submit)) -> anyhow::Result<Balance> {
		let name = &self.name;
		let record = by.program(self.id).await.map_err(chain)?;
		let gone =
			|| failed(Failure::NotFound, format!("{name} is not registered: nothing is on hold"));
		let record = record.ok_or_else(gone)?;
		if record.depositor != by.account() {
			let message = format!(
				"{name} was registered by {}, whose deposit it is: only that account can remove it",
				show::address(&record.depositor)
			);
			return Err(failed(Failure::Key, message));
		}
		let in_use = || {
			let message = format!(
				"jobs that have not ended name {name}: remove it after their end (`mutirao program show \
				 {name}` counts them)"
			);
			failed(Failure::Call, message)
		};
		if record.uses > 0 {
			return Err(in_use());
		}
		let removed = by.submit(ProgramsCall::Remove { program: self.id }.into()).await;
		removed.map_err(|error| match error.pallet_error() {
			Some(("Programs", "InUse")) => in_use(),
			_ => chain(error),
		})?;
		Ok(record.ticket)
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
	async fn whoever_registers_a_program_second_has_what_was_wanted() {
		let chain = FakeChain::new().unwrap();
		chain.set_fee(7);
		let (buyer, other) = (chain.account([1; 32]), chain.account([2; 32]));
		let kernel = Kernel::of_catalogue("sobel").unwrap().unwrap();
		let call = ProgramsCall::Register { code: kernel.code.clone() };
		chain.overtake_next_call(&other, call.into());
		let registered = kernel.register(&buyer).await.unwrap();
		assert_eq!(registered, Registered { fee: 7, already: true });
		let record = buyer.program(kernel.id).await.unwrap().unwrap();
		assert_eq!(record.depositor, other.account());
		// Other errors are errors.
		let nonsense = Kernel { code: Vec::new(), ..kernel };
		let error = nonsense.register(&buyer).await.unwrap_err();
		assert_eq!(error.pallet_error(), Some(("Programs", "NotAProgram")));
	}

	#[tokio::test]
	async fn a_program_is_removed_by_its_depositor_once_no_job_names_it() {
		let chain = FakeChain::new().unwrap();
		let (buyer, other) = (chain.account([1; 32]), chain.account([2; 32]));
		let kernel = Kernel::of_catalogue("sobel").unwrap().unwrap();
		let refused = |error: anyhow::Error| crate::exit::failure_of(&error);
		assert_eq!(refused(kernel.remove(&buyer).await.unwrap_err()), Failure::NotFound);
		kernel.register(&buyer).await.unwrap();
		assert_eq!(refused(kernel.remove(&other).await.unwrap_err()), Failure::Key);
		kernel.remove(&buyer).await.unwrap();
		assert_eq!(buyer.program(kernel.id).await.unwrap(), None);
	}

	#[test]
	fn what_a_program_puts_on_hold_grows_with_its_code() {
		let terms = JobTerms::of(&mutirao_client::known_metadata().unwrap()).unwrap();
		let sobel = Kernel::of_catalogue("sobel").unwrap().unwrap();
		let deposit = sobel.deposit(&terms);
		let code = terms.deposit(2, sobel.code.len());
		// What a chain was seen to put on hold for a job of this program.
		assert_eq!(terms.job_deposit(1), 217_500_000_000);
		assert!(code < deposit && deposit < terms.deposit(2, 2 * sobel.code.len()), "{deposit}");
	}

	#[test]
	fn a_node_cannot_give_another_program() {
		let [sobel, other] =
			["sobel", "gemm_i8"].map(|name| Kernel::of_catalogue(name).unwrap().unwrap());
		Kernel::of_chain("sobel".into(), sobel.id, sobel.code).unwrap();
		let error = Kernel::of_chain("sobel".into(), sobel.id, other.code).unwrap_err();
		assert_eq!(crate::exit::failure_of(&error), Failure::Chain, "{error:#}");
	}

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
