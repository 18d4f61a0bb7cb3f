//! `mutirao estimate`.

use clap::Args;
use mutirao_client::{
	money,
	pallets::{JobsExt, ProgramsExt},
	types::{Target, Times},
};
use mutirao_machine_core::bytecode::Role;
use serde::Serialize;

use super::kernel::inputs::JobArgs;
use crate::{
	exit::chain,
	job::{
		kernel::Kernel,
		offers::{rank, OfferBook},
		request::Work,
		wanted::WantedArgs,
	},
	output::{print, Format},
	settings::ChainArgs,
	show,
};

/// Arguments of `estimate`.
#[derive(Args)]
pub(crate) struct Estimate {
	/// A kernel of the catalogue, a registered program's hash, a kernel's folder or a program's file.
	kernel: String,
	#[command(flatten)]
	job: JobArgs,
	#[command(flatten)]
	wanted: WantedArgs,
	/// Workgroups that the chain draws and computes again.
	#[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u8).range(1..=16))]
	audits: u8,
	#[command(flatten)]
	chain: ChainArgs,
}

#[derive(Serialize)]
struct Report {
	kernel: String,
	program: String,
	/// Whether it is on the chain; `job submit` registers it if not.
	registered: bool,
	declared_steps: u64,
	input_bytes: u64,
	output_bytes: u64,
	/// Planck. `None`: the program is not registered, so nobody asked the chain.
	audit_fee: Option<String>,
	/// What is on hold for the job's record until it is pruned, in planck.
	job_deposit: String,
	/// What is on hold for the program until it is removed, if it is not registered yet.
	program_deposit: Option<String>,
	/// Up to five offers, cheapest first.
	offers: Vec<Priced>,
}

#[derive(Serialize)]
struct Priced {
	offer: u64,
	adapter: String,
	price: String,
	/// At the measured speed, if there is one.
	seconds: Option<f64>,
}

impl Estimate {
	/// Asks what a job would cost.
	pub(crate) async fn run(self, format: Format) -> anyhow::Result<()> {
		let client = self.chain.connect().await?;
		let kernel = Kernel::find(&client, &self.kernel).await?;
		let parameters = self.job.parameters(&kernel.program)?;
		let summary = kernel.summary(&parameters)?;
		let steps = summary.declared_steps;
		let now = client.now().await.map_err(chain)?;
		let offers = client.offers().await.map_err(chain)?;
		let wanted = self.wanted.requirements();
		let ranked = rank(offers, steps, &wanted, self.wanted.max_price, now);
		let priced = ranked.into_iter().take(5).map(|(offer, price)| Priced {
			offer: offer.id,
			price: price.to_string(),
			seconds: offer.speed(now).filter(|s| *s > 0).map(|speed| steps as f64 / speed as f64),
			adapter: offer.adapter,
		});
		let bytes = |role| {
			let these = kernel.with_role(role).into_iter();
			these.map(|(index, _)| 4 * u64::from(summary.buffer_words[index])).sum()
		};
		let times = Times { accept_within: 20, attest_within: 200, contest_for: 20 };
		let work = Work { kernel: kernel.clone(), parameters, inputs: Vec::new() };
		let request = work.request(Target::Anyone, wanted, u128::MAX, self.audits, times)?;
		let registered = client.program(kernel.id).await.map_err(chain)?.is_some();
		let audit_fee = client.audit_fee(request).await.map_err(chain)?;
		let terms = client.job_terms().await.map_err(chain)?;
		let report = Report {
			program: show::hex(&kernel.id),
			registered,
			declared_steps: steps,
			input_bytes: bytes(Role::Input),
			output_bytes: bytes(Role::Output),
			audit_fee: audit_fee.map(|fee| fee.to_string()),
			job_deposit: terms.job_deposit(summary.written().count()).to_string(),
			program_deposit: (!registered).then(|| kernel.deposit(&terms).to_string()),
			offers: priced.collect(),
			kernel: kernel.name,
		};
		Ok(print(format, &report, text)?)
	}
}

fn text(report: &Report) -> String {
	let display = |planck: &str| money::display(planck.parse().unwrap_or(0));
	let audit = match &report.audit_fee {
		Some(fee) => format!("audit fee {}", display(fee)),
		None => "the program is not registered yet: `job submit` does that, for a deposit".into(),
	};
	let program = report.program_deposit.as_ref().map(|deposit| {
		format!(
			"\n  put on hold: {} for the program, until `mutirao program remove`",
			display(deposit)
		)
	});
	let mut text = format!(
		"{}: {} steps, inputs {}, outputs {}\n  {audit}\n  put on hold: {} for the job's record, until `mutirao job prune`, 30 days \
		 after its end or later{}\n",
		report.kernel,
		report.declared_steps,
		show::bytes(report.input_bytes),
		show::bytes(report.output_bytes),
		display(&report.job_deposit),
		program.unwrap_or_default(),
	);
	for offer in &report.offers {
		let time = offer.seconds.map_or("not measured".into(), |s| format!("about {s:.1} s"));
		text += &format!(
			"  offer {}: {}, {time} ({})\n",
			offer.offer,
			display(&offer.price),
			offer.adapter
		);
	}
	match report.offers.is_empty() {
		true => text + "  no offer fits now: ask for less, or wait\n",
		false => text,
	}
}
