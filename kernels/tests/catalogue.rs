//! The catalogue compiles.
use mutirao_machine_core::Program;
use mutirao_machine_wgsl::{compile::compile, manifest::Manifest};

#[test]
fn every_kernel_compiles() {
	for kernel in mutirao_kernels::KERNELS {
		let manifest = Manifest::parse(kernel.manifest).unwrap_or_else(|e| panic!("{}: {e}", kernel.name));
		let compiled = compile(&manifest, kernel.source).unwrap_or_else(|e| panic!("{}: {e}", kernel.name));
		for k in &compiled.definition.kernels {
			println!("{} ops {} regs {} private {:?}", kernel.name, k.code.len(), k.registers, k.private_arrays);
			if std::env::var("SHOW").is_ok_and(|name| name == kernel.name) {
				for (i, op) in k.code.iter().enumerate() { println!("{i:4} {op:?}"); }
			}
		}
		Program::new(compiled.definition).unwrap_or_else(|e| panic!("{}: {e}", kernel.name));
	}
}
