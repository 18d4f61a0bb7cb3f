//! A kernel of the catalogue, compiled.

use mutirao_machine_core::Program;
use mutirao_machine_wgsl::{
	compile::{compile, SourcePass},
	manifest::Manifest,
};

pub(crate) struct Compiled {
	pub(crate) source: &'static str,
	pub(crate) source_passes: Vec<SourcePass>,
	pub(crate) program: Program,
}

pub(crate) fn compiled(name: &str) -> Compiled {
	let kernel = mutirao_kernels::by_name(name).expect("is in the catalogue");
	let manifest = Manifest::parse(kernel.manifest).expect("its manifest parses");
	let compiled = compile(&manifest, kernel.source).expect("it compiles");
	let program = Program::new(compiled.definition).expect("it is valid");
	Compiled { source: kernel.source, source_passes: compiled.source_passes, program }
}
