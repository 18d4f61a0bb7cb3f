//! `mutirao job list`.

use clap::{Args, ValueEnum};
use mutirao_client::{
	money,
	pallets::JobsExt,
	types::{JobId, JobStateKind},
	AccountId, Client,
};
use serde::Serialize;

use crate::{
	exit::{chain, failed, Failure},
	output::{print, Format},
	settings::{ChainArgs, DataArgs, KeyArgs},
	show,
};

/// Arguments of `list`.
#[derive(Args)]
pub(crate) struct List {
	/// The jobs of this buyer; without any option, one's own.
	#[arg(long, value_name = "ADDRESS", conflicts_with_all = ["provider", "state"])]
	buyer: Option<String>,
	/// The jobs of this provider.
	#[arg(long, value_name = "ADDRESS", conflicts_with = "state")]
	provider: Option<String>,
	/// All jobs in this stage.
	#[arg(long, value_enum)]
	state: Option<State>,
	/// The newest so many.
	#[arg(long, default_value_t = 20)]
	limit: usize,
	#[command(flatten)]
	key: KeyArgs,
	#[command(flatten)]
	data: DataArgs,
	#[command(flatten)]
	chain: ChainArgs,
}

#[derive(Clone, Copy, ValueEnum)]
enum State {
	Open,
	Running,
	Attested,
	Contestable,
	Finished,
}

#[derive(Serialize)]
struct Row {
	job: JobId,
	stage: &'static str,
	/// How it ended.
	verdict: Option<&'static str>,
	program: String,
	buyer: String,
	provider: Option<String>,
	/// What was agreed, or the most that was offered; planck.
	price: Option<String>,
}

impl List {
	/// Lists jobs.
	pub(crate) async fn run(self, format: Format) -> anyhow::Result<()> {
		let client = self.chain.connect().await?;
		let mut jobs = self.numbers(&client).await?;
		jobs.sort_unstable_by(|one, other| other.cmp(one));
		let mut rows = Vec::new();
		for job in jobs.into_iter().take(self.limit) {
			rows.extend(row(&client, job).await?);
		}
		Ok(print(format, &rows, |rows| match rows.is_empty() {
			true => "no jobs".into(),
			false => rows.iter().map(text).collect(),
		})?)
	}

	async fn numbers(&self, client: &Client) -> anyhow::Result<Vec<JobId>> {
		let account = |text: &String| {
			show::parse_account(text).map_err(|error| failed(Failure::Input, error))
		};
		if let Some(state) = self.state {
			let state = match state {
				State::Open => JobStateKind::Open,
				State::Running => JobStateKind::Running,
				State::Attested => JobStateKind::Attested,
				State::Contestable => JobStateKind::Contestable,
				State::Finished => JobStateKind::Finished,
			};
			return client.jobs_at(state).await.map_err(chain);
		}
		if let Some(provider) = &self.provider {
			return client.jobs_of_provider(account(provider)?).await.map_err(chain);
		}
		let buyer = match &self.buyer {
			Some(buyer) => account(buyer)?,
			None => {
				let (key, _) = self.key.account(&self.data, client).await?;
				AccountId::from(key.public_key().0)
			}
		};
		client.jobs_of_buyer(buyer).await.map_err(chain)
	}
}

async fn row(client: &Client, job: JobId) -> anyhow::Result<Option<Row>> {
	if let Some(live) = client.job(job).await.map_err(chain)? {
		let deal = live.state.deal();
		return Ok(Some(Row {
			job,
			stage: show::stage(live.state.kind()),
			verdict: None,
			program: show::hex(&live.request.program),
			buyer: show::address(&live.buyer),
			provider: deal.map(|deal| show::address(&deal.provider)),
			price: Some(deal.map_or(live.request.price_cap, |deal| deal.price).to_string()),
		}));
	}
	let finished = client.finished_job(job).await.map_err(chain)?;
	Ok(finished.map(|finished| Row {
		job,
		stage: show::stage(JobStateKind::Finished),
		verdict: Some(show::verdict(finished.verdict)),
		program: show::hex(&finished.program),
		buyer: show::address(&finished.buyer),
		provider: finished.deal.as_ref().map(|deal| show::address(&deal.provider)),
		price: finished.deal.as_ref().map(|deal| deal.price.to_string()),
	}))
}

fn text(row: &Row) -> String {
	let price = row.price.as_deref().and_then(|price| price.parse().ok()).map(money::display);
	let program = row.program.get(..10).unwrap_or_default();
	let (stage, price) = (row.verdict.unwrap_or(row.stage), price.unwrap_or_default());
	format!("{:>8}  {stage:<26}  {price:<20}  {program}…\n", row.job)
}
