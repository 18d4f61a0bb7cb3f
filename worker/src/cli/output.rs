//! Results as text or JSON; questions and progress on the terminal.

use std::io::{BufRead as _, IsTerminal as _, Write as _};

pub(crate) use mutirao_client::output::{print, Format};

use crate::exit::{failed, Failure};

/// Says what is being done, on standard error, if somebody watches there.
pub(crate) fn doing(what: &str) {
	if std::io::stderr().is_terminal() {
		eprintln!("{what} ...");
	}
}

/// Whether somebody can be asked.
pub(crate) fn can_ask() -> bool {
	std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
}

/// Asks for a value until one is read; an empty line means the default, if there is one.
pub(crate) fn ask<T>(
	question: &str,
	default: Option<&str>,
	read: impl Fn(&str) -> Result<T, String>,
) -> anyhow::Result<T> {
	let mut lines = std::io::stdin().lock().lines();
	loop {
		match default {
			Some(default) => eprint!("{question} [{default}]: "),
			None => eprint!("{question}: "),
		}
		std::io::stderr().flush()?;
		let Some(line) = lines.next().transpose()? else {
			return Err(failed(Failure::Usage, format!("no answer to: {question}")));
		};
		let answer = match (line.trim(), default) {
			("", Some(default)) => default,
			(answer, _) => answer,
		};
		match read(answer) {
			Ok(value) => return Ok(value),
			Err(error) => eprintln!("  {error}"),
		}
	}
}

/// Asks before something that costs money. Without a terminal, `--yes` must have been said.
pub(crate) fn confirm(yes: bool) -> anyhow::Result<()> {
	if yes {
		return Ok(());
	}
	if !can_ask() {
		return Err(failed(Failure::Usage, "nobody is there to ask: say --yes"));
	}
	let agreed = ask("Go on? (yes/no)", Some("no"), |answer| match answer {
		"yes" | "y" => Ok(true),
		"no" | "n" => Ok(false),
		_ => Err("yes or no".into()),
	})?;
	match agreed {
		true => Ok(()),
		false => Err(failed(Failure::Other, "nothing was done")),
	}
}
