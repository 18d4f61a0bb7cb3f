//! `mutirao completions`.

use clap::Args;
use clap_complete::Shell;

/// Arguments of `completions`.
#[derive(Args)]
pub(crate) struct Completions {
	/// For which shell.
	#[arg(value_enum)]
	shell: Shell,
}

impl Completions {
	/// Prints the script.
	pub(crate) fn run(self, mut command: clap::Command) -> anyhow::Result<()> {
		let name = command.get_name().to_owned();
		clap_complete::generate(self.shell, &mut command, name, &mut std::io::stdout());
		Ok(())
	}
}
