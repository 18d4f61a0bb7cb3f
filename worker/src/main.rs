//! `mutirao-worker`.

fn main() -> std::process::ExitCode {
	mutirao_worker::cli::main()
}
