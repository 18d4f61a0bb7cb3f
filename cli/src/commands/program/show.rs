//! `mutirao program show`.

use clap::Args;
use mutirao_client::{money, pallets::ProgramsExt};
use mutirao_machine_core::bytecode::Role;
use serde::Serialize;

use crate::{
	exit::chain,
	job::kernel::Kernel,
	output::{print, Format},
	settings::ChainArgs,
	show,
};

/// Arguments of `show`.
#[derive(Args)]
pub(crate) struct Show {
	/// A program's hash, a kernel of the catalogue, a kernel's folder or a program's file.
	kernel: String,
	#[command(flatten)]
	chain: ChainArgs,
}

#[derive(Serialize)]
struct Shown {
	name: String,
	program: String,
	bytes: usize,
	passes: usize,
	parameters: Vec<Parameter>,
	buffers: Vec<Buffer>,
	registered: Option<Registration>,
}

#[derive(Serialize)]
struct Parameter {
	name: String,
	min: u32,
	max: u32,
}

#[derive(Serialize)]
struct Buffer {
	name: String,
	role: &'static str,
}

#[derive(Serialize)]
struct Registration {
	depositor: String,
	deposit: String,
	/// Jobs that name it and have not ended.
	uses: u32,
}

impl Show {
	/// Shows the program.
	pub(crate) async fn run(self, format: Format) -> anyhow::Result<()> {
		let client = self.chain.connect().await?;
		let kernel = Kernel::find(&client, &self.kernel).await?;
		let record = client.program(kernel.id).await.map_err(chain)?;
		let definition = kernel.program.definition();
		let parameters = definition.parameters.iter().map(|parameter| Parameter {
			name: parameter.name.clone(),
			min: parameter.min,
			max: parameter.max,
		});
		let buffers = definition.buffers.iter().map(|buffer| Buffer {
			name: buffer.name.clone(),
			role: match buffer.role {
				Role::Input => "input",
				Role::Intermediate => "intermediate",
				Role::Output => "output",
			},
		});
		let shown = Shown {
			program: show::hex(&kernel.id),
			bytes: kernel.code.len(),
			passes: definition.passes.len(),
			parameters: parameters.collect(),
			buffers: buffers.collect(),
			registered: record.map(|record| Registration {
				depositor: show::address(&record.depositor),
				deposit: record.ticket.to_string(),
				uses: record.uses,
			}),
			name: kernel.name.clone(),
		};
		Ok(print(format, &shown, text)?)
	}
}

fn text(shown: &Shown) -> String {
	let mut text = format!(
		"{}: {}, {} bytes, {} passes\n",
		shown.name, shown.program, shown.bytes, shown.passes
	);
	for parameter in &shown.parameters {
		text +=
			&format!("  parameter {}: {} to {}\n", parameter.name, parameter.min, parameter.max);
	}
	for buffer in &shown.buffers {
		text += &format!("  {} {}\n", buffer.role, buffer.name);
	}
	match &shown.registered {
		None => text + "  not registered: `mutirao program register`, or `job submit`, does that\n",
		Some(registration) => {
			let deposit = money::display(registration.deposit.parse().unwrap_or(0));
			let Registration { depositor, uses, .. } = registration;
			text + &format!("  registered by {depositor}, deposit {deposit}; {uses} jobs run it\n")
		}
	}
}
