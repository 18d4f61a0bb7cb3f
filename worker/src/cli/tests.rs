//! The command line's definition.

use clap::{CommandFactory as _, Parser as _};
use mutirao_client::help::wrong_examples;

use super::Cli;

#[test]
fn every_commands_help_has_examples_that_are_understood() {
	Cli::command().debug_assert();
	let parse = |words: &[String]| Cli::try_parse_from(words).map(|_| ());
	let wrong = wrong_examples(&Cli::command(), &parse);
	assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
