//! `mutirao`: buyers' and kernel authors' commands, and everybody's look at the market.

mod commands;
mod exit;
mod formats;
mod job;
mod keystore;
mod output;
mod runtime;
mod settings;
mod show;

use std::process::ExitCode;

use clap::{CommandFactory as _, Parser};

use crate::{commands::Command, output::Format};

/// Mutirão: a market for GPU time whose work the chain checks.
#[derive(Parser)]
#[command(name = "mutirao", version, propagate_version = true)]
pub(crate) struct Cli {
	/// How results are printed.
	#[arg(short, long, global = true, value_enum, default_value_t = Format::Text)]
	output: Format,
	#[command(subcommand)]
	command: Command,
}

fn main() -> ExitCode {
	let cli = Cli::parse();
	let result = commands::run(cli.command, cli.output, Cli::command);
	exit::report(result, cli.output)
}

#[cfg(test)]
mod tests {
	use super::*;

	const PAGE: &str = include_str!("../../docs/buyers.md");

	/// The commands in a text that start with the tool's name; a line that ends with `\` goes on.
	fn commands(text: &str) -> Vec<Vec<String>> {
		let joined = text.replace("\\\n", " ");
		let lines = joined.lines().map(|line| line.split(" # ").next().unwrap_or_default().trim());
		let ours = lines.filter(|line| line.starts_with("mutirao "));
		ours.map(|line| {
			let mut words = Vec::new();
			for (index, part) in line.split('\'').enumerate() {
				match index % 2 {
					0 => words.extend(part.split_whitespace().map(String::from)),
					_ => words.push(part.into()),
				}
			}
			// What a shell takes for itself.
			let end = words.iter().position(|word| [">", "<"].contains(&word.as_str()));
			words.truncate(end.unwrap_or(words.len()));
			words
		})
		.collect()
	}

	fn helps(command: &clap::Command) -> Vec<String> {
		let own = command.get_after_help().map(ToString::to_string);
		own.into_iter().chain(command.get_subcommands().flat_map(helps)).collect()
	}

	#[test]
	fn the_definition_holds_and_all_examples_are_understood() {
		Cli::command().debug_assert();
		let examples: Vec<_> =
			helps(&Cli::command()).iter().flat_map(|help| commands(help)).collect();
		let of_page = commands(PAGE);
		assert!(examples.len() > 25 && of_page.len() > 8, "{} {}", examples.len(), of_page.len());
		for example in examples.iter().chain(&of_page) {
			if let Err(error) = Cli::try_parse_from(example) {
				panic!("{example:?}: {error}");
			}
		}
	}

	fn options(command: &clap::Command) -> Vec<String> {
		let own = command.get_arguments().filter_map(|one| one.get_long()).map(String::from);
		own.chain(command.get_subcommands().flat_map(options)).collect()
	}

	#[test]
	fn no_secret_can_be_an_argument() {
		let options = options(&Cli::command());
		assert!(options.contains(&"key-file".into()));
		for word in ["phrase", "seed", "secret", "suri", "password", "key", "mnemonic"] {
			// `--seed` of `kernel conformance` names random programs.
			let found = options.iter().filter(|option| *option == word).count();
			assert!(found == usize::from(word == "seed"), "{word}");
		}
	}
}
