//! Reading all sources of settings, weakest first.

use std::{
	collections::BTreeMap,
	fmt,
	fs::File,
	io::Read as _,
	path::{Path, PathBuf},
};

use serde::Deserialize as _;
use toml::Table;

use super::{
	check::{check, Problem},
	overlay::{apply, Override},
	place::Places,
	Config,
};

/// Bytes of a file, at most.
const LONGEST: u64 = 1 << 20;

/// Where a value comes from.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Origin {
	/// Nobody set it.
	Default,
	/// A line of the file.
	File {
		/// Which file.
		path: PathBuf,
		/// Which line, from 1.
		line: usize,
	},
	/// An environment variable of this name.
	Environment(String),
	/// A flag.
	Flag(String),
}

impl fmt::Display for Origin {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		match self {
			Self::Default => f.write_str("default"),
			Self::File { path, line } => write!(f, "{}:{line}", path.display()),
			Self::Environment(name) | Self::Flag(name) => f.write_str(name),
		}
	}
}

/// Why there are no settings.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
	/// The file cannot be read.
	#[error("cannot read {}: {reason}. `mutirao-worker init` writes one; name it with --config", path.display())]
	File {
		/// Which file.
		path: PathBuf,
		/// Why not.
		reason: std::io::Error,
	},
	/// The file is too long to be one of settings.
	#[error("{} is longer than {LONGEST} bytes: that is no configuration", path.display())]
	TooLong {
		/// Which file.
		path: PathBuf,
	},
	/// The file is not TOML, or a value is not of its setting's kind.
	#[error("{}:{line}: {setting}{message}", path.display())]
	Text {
		/// Which file.
		path: PathBuf,
		/// Which line, from 1.
		line: usize,
		/// Which setting, followed by a colon; empty if the text is not even TOML.
		setting: String,
		/// What is wrong.
		message: String,
	},
	/// A flag or variable has a value that its setting does not take.
	#[error("{origin}: {path}: {message}")]
	Value {
		/// Who set it.
		origin: Origin,
		/// Which setting.
		path: String,
		/// What is wrong.
		message: String,
	},
	/// A flag names no setting.
	#[error("{origin}: there is no setting `{path}`; there are: {all}")]
	UnknownSetting {
		/// Who named it.
		origin: Origin,
		/// What was named.
		path: String,
		/// What there is.
		all: String,
	},
	/// A variable looks like a setting and is none.
	#[error("the variable {name} is no setting; there are: {all}")]
	UnknownVariable {
		/// Its name.
		name: String,
		/// What there is.
		all: String,
	},
	/// Values that do not make sense, or not together.
	#[error("{}", list(.0))]
	Invalid(Vec<Problem>),
}

fn list(problems: &[Problem]) -> String {
	problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

/// One value, and who set it.
#[derive(Clone, Debug, PartialEq)]
pub struct Leaf {
	/// Which setting: `data.listen`, `device.0.offer`.
	pub path: String,
	/// Its value; null if it is not set.
	pub value: serde_json::Value,
	/// Who set it.
	pub origin: Origin,
}

/// All settings, and who set them.
pub struct Loaded {
	/// The settings.
	pub config: Config,
	/// The file, if one was read.
	pub file: Option<PathBuf>,
	origins: Origins,
}

impl Loaded {
	/// All values, in the order of their paths.
	pub fn leaves(&self) -> Vec<Leaf> {
		let leaves = leaves_of(&self.config).into_iter();
		leaves
			.map(|(path, value)| {
				let origin = self.origins.of(&path);
				Leaf { path, value, origin }
			})
			.collect()
	}

	/// Who set a value.
	pub fn origin(&self, path: &str) -> Origin {
		self.origins.of(path)
	}
}

/// Who set what.
pub(super) struct Origins {
	file: Option<(PathBuf, Places)>,
	overrides: BTreeMap<String, Origin>,
}

impl Origins {
	/// Who set a value.
	pub(super) fn of(&self, path: &str) -> Origin {
		if let Some(origin) = self.overrides.get(path) {
			return origin.clone();
		}
		match &self.file {
			Some((file, places)) if places.has(path) => self.in_file(file, places, path),
			_ => Origin::Default,
		}
	}

	/// Who set a value, or where in the file it would belong.
	pub(super) fn nearest(&self, path: &str) -> Origin {
		match (self.of(path), &self.file) {
			(Origin::Default, Some((file, places))) => self.in_file(file, places, path),
			(origin, _) => origin,
		}
	}

	fn in_file(&self, file: &Path, places: &Places, path: &str) -> Origin {
		let line = places.line_of(path);
		line.map_or(Origin::Default, |line| Origin::File { path: file.into(), line })
	}
}

/// Reads a file of settings, if there is to be one, and puts the overrides over it, weakest first.
///
/// # Errors
///
/// [`ConfigError`], with the place of what is wrong.
pub fn load(file: Option<&Path>, overrides: &[Override]) -> Result<Loaded, ConfigError> {
	let mut table = Table::new();
	let mut origins = Origins { file: None, overrides: BTreeMap::new() };
	if let Some(path) = file {
		let text = read(path)?;
		let places = Places::of(&text);
		table = parse(path, &text, &places)?;
		origins.file = Some((path.into(), places));
	}
	for change in overrides {
		apply(&mut table, change)?;
		origins.overrides.insert(change.path.clone(), change.origin.clone());
	}
	// Each source has been read as settings by itself: together they are settings, too.
	let config = Config::deserialize(toml::Value::Table(table)).map_err(|error| {
		let path = file.unwrap_or(Path::new("the flags")).into();
		let message = error.message().to_owned();
		ConfigError::Text { path, line: 1, setting: String::new(), message }
	})?;
	let problems = check(&config, &origins);
	match problems.is_empty() {
		true => Ok(Loaded { config, file: file.map(Into::into), origins }),
		false => Err(ConfigError::Invalid(problems)),
	}
}

fn read(path: &Path) -> Result<String, ConfigError> {
	let failed = |reason| ConfigError::File { path: path.into(), reason };
	let mut text = String::new();
	let file = File::open(path).map_err(failed)?;
	file.take(LONGEST + 1).read_to_string(&mut text).map_err(failed)?;
	match text.len() as u64 > LONGEST {
		true => Err(ConfigError::TooLong { path: path.into() }),
		false => Ok(text),
	}
}

/// The file as a table, once it is known to be settings.
fn parse(path: &Path, text: &str, places: &Places) -> Result<Table, ConfigError> {
	let located = |error: &toml::de::Error| {
		let at = error.span().map_or(0, |span| span.start);
		let setting = places.path_at(at).map(|path| format!("{path}: ")).unwrap_or_default();
		let message = error.message().to_owned();
		ConfigError::Text { path: path.into(), line: places.line(at), setting, message }
	};
	toml::from_str::<Config>(text).map_err(|error| located(&error))?;
	text.parse::<Table>().map_err(|error| located(&error))
}

/// All values of settings with their paths. What is not set is null.
pub(super) fn leaves_of(config: &Config) -> Vec<(String, serde_json::Value)> {
	let mut leaves = Vec::new();
	if let Ok(value) = serde_json::to_value(config) {
		visit("", value, &mut leaves);
	}
	leaves
}

fn visit(path: &str, value: serde_json::Value, leaves: &mut Vec<(String, serde_json::Value)>) {
	let below = |key: &str| match path {
		"" => key.to_owned(),
		path => format!("{path}.{key}"),
	};
	match value {
		serde_json::Value::Object(fields) => {
			for (key, value) in fields {
				visit(&below(&key), value, leaves);
			}
		}
		// Devices; other lists are values.
		serde_json::Value::Array(items) if path == "device" => {
			for (number, value) in items.into_iter().enumerate() {
				visit(&below(&number.to_string()), value, leaves);
			}
		}
		value => leaves.push((path.to_owned(), value)),
	}
}
