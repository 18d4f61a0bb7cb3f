//! What is computed in scenarios.

use anyhow::{Context, Result};
use mutirao_client::{
	types::{
		buffer::JobBuffers, program::Parameters, BufferId, JobRequest, Requirements, Target, Times,
	},
	Balance,
};
use mutirao_e2e::{Buyer, Provider};
use mutirao_kernels::Kernel;
use mutirao_machine_core::{bytecode::Role, Program};
use mutirao_machine_prover::Computed;
use mutirao_machine_wgsl::{compile::compile, manifest::Manifest};

/// More than any job of these scenarios costs: 1 MUT.
const ENOUGH: Balance = 1_000_000_000_000;

/// A program, its numbers, and bytes for its inputs.
pub(crate) struct Work {
	/// What the command line calls the program: a kernel of the catalogue, or a folder.
	pub(crate) name: String,
	pub(crate) program: Program,
	pub(crate) parameters: Vec<u32>,
	/// By the program's inputs.
	pub(crate) inputs: Vec<(String, Vec<u32>)>,
	/// Names of the program's outputs.
	pub(crate) outputs: Vec<String>,
	kernel: Option<&'static Kernel>,
}

impl Work {
	/// A kernel of the catalogue, on random bytes.
	pub(crate) fn of(name: &str, parameters: &[u32]) -> Result<Self> {
		let kernel = mutirao_kernels::by_name(name).context("a kernel of the catalogue")?;
		let mut seed = 0x9e37_79b9_u32;
		let random = || {
			seed ^= seed << 13;
			seed ^= seed >> 17;
			seed ^= seed << 5;
			seed
		};
		let mut work = Self::compile(kernel.manifest, kernel.source, parameters, random)?;
		(work.name, work.kernel) = (name.into(), Some(kernel));
		Ok(work)
	}

	/// A program of a buyer's own, in a folder of its own; each word of its inputs is `word`.
	pub(crate) fn own(
		buyer: &Buyer,
		manifest: &str,
		source: &str,
		parameters: &[u32],
		word: u32,
	) -> Result<Self> {
		let folder = buyer.file("kernel");
		std::fs::create_dir_all(&folder)?;
		std::fs::write(folder.join("manifest.toml"), manifest)?;
		std::fs::write(folder.join("kernel.wgsl"), source)?;
		let mut work = Self::compile(manifest, source, parameters, || word)?;
		work.name = folder.display().to_string();
		Ok(work)
	}

	fn compile(
		manifest: &str,
		source: &str,
		parameters: &[u32],
		mut word: impl FnMut() -> u32,
	) -> Result<Self> {
		let manifest = Manifest::parse(manifest)?;
		let program = Program::new(compile(&manifest, source)?.definition)?;
		let words = program.summary(parameters)?.buffer_words;
		let (mut inputs, mut outputs) = (Vec::new(), Vec::new());
		for (buffer, words) in program.definition().buffers.iter().zip(words) {
			match buffer.role {
				Role::Input => {
					inputs.push((buffer.name.clone(), (0..words).map(|_| word()).collect()));
				}
				Role::Output => outputs.push(buffer.name.clone()),
				Role::Intermediate => {}
			}
		}
		let (name, parameters) = (String::new(), parameters.to_vec());
		Ok(Self { name, program, parameters, inputs, outputs, kernel: None })
	}

	/// The bytes of each input.
	pub(crate) fn bytes(&self) -> Vec<Vec<u8>> {
		self.inputs.iter().map(|(_, words)| bytes_of(words)).collect()
	}

	/// What `mutirao job submit` is told of it. Writes the inputs' files.
	pub(crate) fn arguments(&self, buyer: &Buyer) -> Result<Vec<String>> {
		let mut arguments = vec!["job".into(), "submit".into(), self.name.clone()];
		let names = self.program.definition().parameters.iter();
		for (parameter, value) in names.zip(&self.parameters) {
			arguments.extend(["--param".into(), format!("{}={value}", parameter.name)]);
		}
		for ((name, _), bytes) in self.inputs.iter().zip(self.bytes()) {
			let file = buyer.write(name, &bytes)?;
			arguments.extend(["--input".into(), format!("{name}=raw:{file}")]);
		}
		Ok(arguments)
	}

	/// The outputs that the reference computes.
	pub(crate) fn expected(&self) -> Result<Vec<Vec<u8>>> {
		let kernel = self.kernel.context("the catalogue has a reference of it")?;
		let inputs: Vec<Vec<u32>> = self.inputs.iter().map(|(_, words)| words.clone()).collect();
		let outputs = (kernel.reference)(&self.parameters, &inputs);
		Ok(outputs.iter().map(|words| bytes_of(words)).collect())
	}

	/// All of it, as an honest provider computes it.
	pub(crate) fn computed(&self) -> Result<Computed> {
		Ok(Computed::by_vm(self.program.clone(), &self.parameters, self.bytes())?)
	}

	/// The job as a buyer posts it to a provider without the command line.
	pub(crate) fn request(
		&self,
		provider: &Provider,
		accept_within: u32,
	) -> Result<JobRequest<Balance>> {
		let inputs: Vec<BufferId> = self.bytes().iter().map(|bytes| BufferId::of(bytes)).collect();
		Ok(JobRequest {
			program: BufferId::of(&self.program.encode()).hash,
			parameters: Parameters::truncate_from(self.parameters.clone()),
			inputs: JobBuffers::truncate_from(inputs),
			target: Target::Offer(provider.offer()?),
			requirements: Requirements::default(),
			price_cap: ENOUGH,
			samples: 1,
			times: Times { accept_within, attest_within: 100, contest_for: 10 },
		})
	}
}

fn bytes_of(words: &[u32]) -> Vec<u8> {
	words.iter().flat_map(|word| word.to_le_bytes()).collect()
}
