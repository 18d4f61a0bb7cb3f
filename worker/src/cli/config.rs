//! `mutirao-worker config`.

use clap::Subcommand;
use serde::Serialize;

use super::{output::print, Common};

pub(crate) const EXAMPLES: &str = "Examples:\n  mutirao-worker config print\n  \
	MUTIRAO_WORKER_DATA_QUOTA_GIB=50 mutirao-worker config print --set policy.accept=false -o json";

/// Commands about settings.
#[derive(Subcommand)]
pub(crate) enum ConfigCommand {
	/// Show each value that is in force, and who set it.
	#[command(after_help = EXAMPLES)]
	Print,
}

#[derive(Serialize)]
struct Value {
	setting: String,
	value: serde_json::Value,
	origin: String,
}

impl ConfigCommand {
	/// Runs it.
	pub(crate) fn run(self, common: &Common) -> anyhow::Result<()> {
		let Self::Print = self;
		let loaded = common.load_or_default()?;
		let leaves = loaded.leaves().into_iter();
		let values: Vec<Value> = leaves
			.map(|leaf| Value {
				setting: leaf.path,
				value: leaf.value,
				origin: leaf.origin.to_string(),
			})
			.collect();
		Ok(print(common.output, &values, |values| text(values))?)
	}
}

fn text(values: &[Value]) -> String {
	let shown = |value: &serde_json::Value| match value {
		serde_json::Value::Null => "(not set)".into(),
		value => value.to_string(),
	};
	let width = |of: &dyn Fn(&Value) -> usize| values.iter().map(of).max().unwrap_or(0);
	let names = width(&|value| value.setting.len());
	let texts = width(&|value| shown(&value.value).len().min(40));
	let line = |value: &Value| {
		format!("{:names$} = {:texts$}  # {}\n", value.setting, shown(&value.value), value.origin)
	};
	values.iter().map(line).collect()
}
