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
#[command(
	name = "mutirao",
	version,
	propagate_version = true,
	after_help = "Examples, from nothing to a result:\n  mutirao account new maria\n  mutirao doctor\n  \
		mutirao job submit sobel -i image=photo.jpg --save edges=edges.png --wait"
)]
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
	use mutirao_client::help::{commands, wrong_examples};

	const BUYERS: &str = include_str!("../../docs/buyers.md");
	const AUTHORS: &str = include_str!("../../docs/kernels.md");

	fn parse(words: &[String]) -> Result<(), clap::Error> {
		Cli::try_parse_from(words).map(|_| ())
	}

	#[test]
	fn every_commands_help_has_examples_that_are_understood() {
		Cli::command().debug_assert();
		let wrong = wrong_examples(&Cli::command(), &parse);
		assert!(wrong.is_empty(), "{}", wrong.join("\n"));
	}

	#[test]
	fn the_pages_commands_are_understood() {
		let commands = [BUYERS, AUTHORS].map(|page| commands(page, "mutirao")).concat();
		assert!(commands.len() > 8, "{}", commands.len());
		for command in commands {
			if let Err(error) = parse(&command) {
				panic!("{command:?}: {error}");
			}
		}
	}

	/// The long options of a command, those that it inherits apart.
	fn own_options(path: &[&str]) -> Vec<String> {
		let whole = Cli::command();
		let command = path.iter().fold(&whole, |at, name| at.find_subcommand(name).unwrap());
		command.get_arguments().filter_map(|one| one.get_long()).map(String::from).collect()
	}

	#[test]
	fn commands_take_no_options_that_do_nothing() {
		let of_data_plane = ["allow-private", "authorities"];
		let of_checks = ["full", "check", "gpu", "adapter"];
		let all = [&of_data_plane[..], &of_checks, &["source", "no-challenge"]].concat();
		let expected: [(&str, &[&str]); 5] = [
			("submit", &all),
			("watch", &all),
			("fetch", &[&of_data_plane[..], &of_checks].concat()),
			("challenge", &[&of_data_plane[..], &of_checks].concat()),
			("cancel", &[]),
		];
		for (name, expected) in expected {
			let found = own_options(&["job", name]);
			for option in &all {
				let is_there = found.iter().any(|found| found == option);
				assert_eq!(is_there, expected.contains(option), "job {name} --{option}");
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
