//! Examples in commands' help: whether all commands have some, and whether they are understood. For
//! tests of command lines.

use clap::Command;

/// What is wrong with the examples of a program's commands, a line for each. `parse` reads a command
/// line, whose first word is the program's name.
pub fn wrong_examples(
	program: &Command,
	parse: &impl Fn(&[String]) -> Result<(), clap::Error>,
) -> Vec<String> {
	let mut program = program.clone();
	// What all commands inherit is part of their help.
	program.build();
	let mut wrong = Vec::new();
	look(&program, &[program.get_name().to_owned()], parse, &mut wrong);
	wrong
}

fn look(
	command: &Command,
	path: &[String],
	parse: &impl Fn(&[String]) -> Result<(), clap::Error>,
	wrong: &mut Vec<String>,
) {
	let name = path.join(" ");
	let help = command.clone().render_long_help().to_string();
	let (_, examples) = help.split_once("\nExamples").unwrap_or_default();
	let examples = commands(examples, path.first().map_or("", String::as_str));
	if !examples.iter().any(|example| example.starts_with(path)) {
		wrong.push(format!("`{name} --help` has no Examples of its own"));
	}
	for example in &examples {
		if let Err(error) = parse(example) {
			wrong.push(format!("`{name} --help`: {example:?}: {error}"));
		}
	}
	let visible = |sub: &&Command| !sub.is_hide_set() && sub.get_name() != "help";
	for sub in command.get_subcommands().filter(visible) {
		let path: Vec<String> = path.iter().cloned().chain([sub.get_name().to_owned()]).collect();
		look(sub, &path, parse, wrong);
	}
}

/// The command lines of a program in a text, in words: lines that begin with its name, perhaps with
/// variables before it. A line that ends with `\` goes on; what stands behind ` # ` is a comment.
pub fn commands(text: &str, program: &str) -> Vec<Vec<String>> {
	let joined = text.replace("\\\n", " ");
	let lines = joined.lines().map(|line| line.split(" # ").next().unwrap_or_default());
	let is_variable = |word: &String| word.split_once('=').is_some_and(|(name, _)| is_upper(name));
	let words = lines.map(|line| words(line).into_iter().skip_while(is_variable).collect());
	words.filter(|words: &Vec<String>| words.first().is_some_and(|word| word == program)).collect()
}

fn is_upper(name: &str) -> bool {
	!name.is_empty() && name.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_')
}

/// A line's words, as a shell reads them: quoted ones may have blanks, redirections are not passed on.
fn words(line: &str) -> Vec<String> {
	let mut words = Vec::new();
	for (index, part) in line.split('\'').enumerate() {
		match index % 2 {
			0 => words.extend(part.split_whitespace().map(String::from)),
			_ => words.push(part.into()),
		}
	}
	let end = words.iter().position(|word| [">", "<", "|"].contains(&word.as_str()));
	words.truncate(end.unwrap_or(words.len()));
	words
}

#[cfg(test)]
mod tests {
	use super::*;
	use clap::{value_parser, Arg};

	fn program(help: &'static str) -> Command {
		let count = Arg::new("count").long("count").value_parser(value_parser!(u8));
		let sub = Command::new("sub").arg(count).after_help(help);
		Command::new("tool").after_help("Examples:\n  tool sub").subcommand(sub)
	}

	fn wrong(help: &'static str) -> Vec<String> {
		let tool = program(help);
		let parse = |words: &[String]| tool.clone().try_get_matches_from(words).map(|_| ());
		wrong_examples(&tool, &parse)
	}

	#[test]
	fn missing_and_wrong_examples_are_told() {
		assert!(wrong("Examples:\n  tool sub --count 7 > out\n  A_B=1 tool sub \\\n  --count 8")
			.is_empty());
		assert_eq!(wrong("").len(), 1);
		assert_eq!(wrong("Examples:\n  other sub").len(), 1);
		let too_large = wrong("Examples:\n  tool sub --count 256");
		assert!(too_large.len() == 1 && too_large[0].contains("256"), "{too_large:?}");
	}

	#[test]
	fn quoted_words_stay_together() {
		let found = commands("  tool give '0.5 MUT' --to x # note\ntools no", "tool");
		assert_eq!(found, [["tool", "give", "0.5 MUT", "--to", "x"]]);
	}
}
