//! The filter of system calls.
//!
//! It is a list of what is refused, not of what is allowed: drivers differ too much in what they call,
//! and change. What it takes away is the network, other programs and other processes. A call that is
//! refused fails with EPERM, which drivers take like any other failure.

use std::{collections::BTreeMap, process};

use seccompiler::{
	apply_filter_all_threads, BackendError, BpfProgram, SeccompAction, SeccompCmpArgLen as Length,
	SeccompCmpOp as Op, SeccompCondition as Condition, SeccompFilter, SeccompRule as Rule,
};

use super::syscalls::numbers;

const EPERM: u32 = 1;
const ENOSYS: u32 = 38;
const AF_UNIX: u64 = 1;
const CLONE_THREAD: u64 = 0x0001_0000;

/// Rules by the number of their call; a call without rules is refused whatever its arguments are.
type Rules = BTreeMap<i64, Vec<Rule>>;

/// Installs the filter for all threads. It cannot be taken off again, and stays in force for whatever
/// a program that is started could gain.
pub(super) fn install() -> Result<(), String> {
	for program in programs().map_err(|error| error.to_string())? {
		apply_filter_all_threads(&program).map_err(|error| error.to_string())?;
	}
	Ok(())
}

fn programs() -> Result<[BpfProgram; 2], BackendError> {
	// clone3 has its flags in memory, where a filter cannot look. Without it the C library uses clone.
	let without_clone3 = BTreeMap::from([(numbers::CLONE3, Vec::new())]);
	Ok([program(without_clone3, ENOSYS)?, program(refused()?, EPERM)?])
}

fn program(rules: Rules, error: u32) -> Result<BpfProgram, BackendError> {
	let architecture = std::env::consts::ARCH.try_into()?;
	let refuse = SeccompAction::Errno(error);
	SeccompFilter::new(rules, SeccompAction::Allow, refuse, architecture)?.try_into()
}

fn refused() -> Result<Rules, BackendError> {
	let mut rules: Rules = numbers::REFUSED.iter().map(|(_, call)| (*call, Vec::new())).collect();
	let own = u64::from(process::id());
	// Sockets of any family but the local one; a thread is all that may be cloned; signals and limits
	// are for this process only.
	rules.insert(numbers::SOCKET, vec![when(0, Op::Ne, AF_UNIX)?]);
	rules.insert(numbers::CLONE, vec![when(0, Op::MaskedEq(CLONE_THREAD), 0)?]);
	rules.insert(numbers::KILL, vec![when(0, Op::Ne, own)?]);
	rules.insert(numbers::TGKILL, vec![when(0, Op::Ne, own)?]);
	rules.insert(numbers::PRLIMIT64, vec![when(0, Op::Ne, 0)?]);
	Ok(rules)
}

fn when(argument: u8, op: Op, value: u64) -> Result<Rule, BackendError> {
	Rule::new(vec![Condition::new(argument, Length::Dword, op, value)?])
}

#[cfg(test)]
mod tests {
	use std::{
		io::ErrorKind,
		net::{TcpListener, TcpStream, UdpSocket},
		os::unix::net::UnixStream,
		process::Command,
		thread,
	};

	use seccompiler::apply_filter;

	use super::*;

	/// Filters a thread of its own: the other tests need the network.
	fn filtered<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
		let thread = thread::spawn(|| {
			for program in programs().unwrap() {
				apply_filter(&program).unwrap();
			}
			work()
		});
		thread.join().unwrap()
	}

	#[test]
	fn the_network_and_other_programs_are_out_of_reach() {
		let server = TcpListener::bind("127.0.0.1:0").unwrap();
		let address = server.local_addr().unwrap();
		TcpStream::connect(address).expect("without the filter it can be reached");
		let kinds = filtered(move || {
			[
				TcpStream::connect(address).unwrap_err().kind(),
				TcpListener::bind("[::1]:0").unwrap_err().kind(),
				UdpSocket::bind("127.0.0.1:0").unwrap_err().kind(),
				Command::new("/bin/true").status().unwrap_err().kind(),
			]
		});
		assert_eq!(kinds, [ErrorKind::PermissionDenied; 4]);
	}

	#[test]
	fn what_drivers_need_still_works() {
		let sum = filtered(|| {
			UnixStream::pair().expect("local sockets are allowed");
			let threads: Vec<_> = (0..4).map(|i| thread::spawn(move || i)).collect();
			threads.into_iter().map(|thread| thread.join().unwrap()).sum::<u32>()
		});
		assert_eq!(sum, 6);
	}

	#[test]
	fn calls_are_listed_once() {
		let rules = refused().unwrap();
		assert_eq!(rules.len(), numbers::REFUSED.len() + 5);
	}
}
