//! `mutirao-worker run`.

use clap::Args;
use tokio_util::sync::CancellationToken;

use super::{connect::provider, doctor::tell, Common};
use crate::{keys::hot_key, service, shutdown::until_signal};

pub(crate) const EXAMPLES: &str = "Examples:\n  mutirao-worker run\n  \
	RUST_LOG=debug mutirao-worker run --config worker.toml --set policy.accept=false";

/// Arguments of `run`. SIGTERM stops it cleanly; what is open is gone on with at the next start.
#[derive(Args)]
pub(crate) struct Run {}

impl Run {
	/// Serves until a signal.
	pub(crate) async fn run(self, common: &Common) -> anyhow::Result<()> {
		let config = common.load()?.config;
		let provider = provider(&config)?;
		let hot = hot_key(&config.keys)?;
		let stop = CancellationToken::new();
		let work = service::run(&config, hot, provider, stop.clone(), tell);
		until_signal(stop, work).await?;
		tracing::info!("stopped");
		Ok(())
	}
}
