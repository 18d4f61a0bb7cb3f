//! Settings from the environment and from flags: a path and a text each.

use serde::Deserialize as _;
use toml::{Table, Value};

use super::{
	load::{ConfigError, Origin},
	Config,
};

/// The prefix of settings in the environment.
const PREFIX: &str = "MUTIRAO_WORKER_";
/// Where the file is.
pub const CONFIG_VARIABLE: &str = "MUTIRAO_WORKER_CONFIG";
/// The hot key itself, instead of its file.
pub const KEY_VARIABLE: &str = "MUTIRAO_WORKER_KEY";
/// The key of the provider's account, for commands that act in its name.
pub const OWNER_KEY_VARIABLE: &str = "MUTIRAO_WORKER_OWNER_KEY";

/// One setting that is stronger than the file.
#[derive(Clone, Debug, PartialEq)]
pub struct Override {
	/// Which, such as `data.quota_gib`.
	pub path: String,
	/// Its value as text; items of a list are separated by commas.
	pub text: String,
	/// Who says so.
	pub origin: Origin,
}

/// The settings that environment variables make: `MUTIRAO_WORKER_DATA_QUOTA_GIB` for `data.quota_gib`.
///
/// # Errors
///
/// If a variable starts like ours and is no setting: it is a misspelt one.
pub fn from_environment(
	variables: impl IntoIterator<Item = (String, String)>,
) -> Result<Vec<Override>, ConfigError> {
	let paths = setting_paths();
	let mut overrides = Vec::new();
	for (name, text) in variables {
		if !name.starts_with(PREFIX)
			|| [CONFIG_VARIABLE, KEY_VARIABLE, OWNER_KEY_VARIABLE].contains(&name.as_str())
		{
			continue;
		}
		let path = paths.iter().find(|path| variable(path) == name);
		let Some(path) = path else {
			let all = paths.iter().map(|path| variable(path)).collect::<Vec<_>>().join(", ");
			return Err(ConfigError::UnknownVariable { name, all });
		};
		overrides.push(Override { path: path.clone(), text, origin: Origin::Environment(name) });
	}
	Ok(overrides)
}

/// The environment variable of a setting.
fn variable(path: &str) -> String {
	format!("{PREFIX}{}", path.replace('.', "_").to_uppercase())
}

/// All settings that one line can make; devices are set in the file.
pub(super) fn setting_paths() -> Vec<String> {
	super::load::leaves_of(&Config::default()).into_iter().map(|(path, _)| path).collect()
}

/// Puts an override into a table of settings.
///
/// # Errors
///
/// If there is no such setting, or the text is no value of it.
pub(super) fn apply(table: &mut Table, change: &Override) -> Result<(), ConfigError> {
	let (Some((section, key)), true) =
		(change.path.split_once('.'), setting_paths().contains(&change.path))
	else {
		let all = setting_paths().join(", ");
		return Err(ConfigError::UnknownSetting {
			origin: change.origin.clone(),
			path: change.path.clone(),
			all,
		});
	};
	let value = value(section, key, &change.text).map_err(|message| ConfigError::Value {
		origin: change.origin.clone(),
		path: change.path.clone(),
		message,
	})?;
	let entry = table.entry(section).or_insert_with(|| Value::Table(Table::new()));
	if let Value::Table(section) = entry {
		section.insert(key.into(), value);
	}
	Ok(())
}

/// The value that this text is for a setting: the first kind of value that the setting takes.
fn value(section: &str, key: &str, text: &str) -> Result<Value, String> {
	let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
	let list = Value::Array(items.map(Value::from).collect());
	let literal = [
		text.parse::<i64>().ok().map(Value::from),
		text.parse::<f64>().ok().map(Value::from),
		text.parse::<bool>().ok().map(Value::from),
	];
	let takes = |value: &Value| {
		let inner = Table::from_iter([(key.to_owned(), value.clone())]);
		let table = Table::from_iter([(section.to_owned(), Value::Table(inner))]);
		Config::deserialize(Value::Table(table)).map_err(|error| error.message().to_owned())
	};
	// What is said if none is taken: about the literal if it is one, and else about the text.
	let mut said = takes(&Value::from(text)).err();
	let mut candidates = vec![Value::from(text), list];
	for literal in literal.into_iter().flatten() {
		said = takes(&literal).err().or(said);
		candidates.push(literal);
	}
	let taken = candidates.into_iter().find(|value| takes(value).is_ok());
	taken.ok_or_else(|| said.unwrap_or_else(|| "it is not a value of this setting".into()))
}
